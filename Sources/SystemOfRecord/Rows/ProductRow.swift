import Foundation

/// Whatever a line can name.
public struct ProductRow: RecordRow {
    public let uid: UUID
    public var type: String = "product"
    public var name: String = ""
    public var code: String?
    public var externalCode: String?
    public var article: String?
    public var description: String?
    public var folder: RecordReference?
    public var folderPath: String?
    public var parent: RecordReference?
    public var characteristics: String?
    public var uom: RecordReference?
    public var supplier: RecordReference?
    public var country: RecordReference?
    public var buyPrice: FixedPoint?
    public var buyCurrency: RecordReference?
    public var minPrice: FixedPoint?
    public var vat: Int64?
    public var vatEnabled: Bool?
    public var minimumBalance: FixedPoint?
    public var weight: FixedPoint?
    public var volume: FixedPoint?
    public var barcodes: String?
    public var trackingType: String?
    public var discountProhibited: Bool = false
    public var attributes: String?
    public var archived: Bool = false
    public var updated: RecordMoment?
    public var deleted: Bool = false

    /// A row with nothing but its key.
    public init(uid: UUID) {
        self.uid = uid
    }

    public static let table = RecordTable(
        "shop.product",
        [
            .uuid("uid"), .text("type"), .text("name"), .text("code"), .text("external_code"),
            .text("article"), .text("description"), .reference("folder_id", "shop.product_folder"),
            .text("folder_path"), .reference("parent_id", "shop.product"), .text("characteristics"),
            .reference("uom_id", "shop.uom"), .reference("supplier_id", "shop.counterparty"),
            .reference("country_id", "shop.country"), .number("buy_price"),
            .reference("buy_currency_id", "shop.currency"), .number("min_price"), .int("vat"),
            .bool("vat_enabled"), .number("minimum_balance"), .number("weight"), .number("volume"),
            .text("barcodes"), .text("tracking_type"), .bool("discount_prohibited"), .text("attributes"),
            .bool("archived"), .moment("updated"), .bool("deleted"),
        ])

    public func encode(into row: inout RowEncoder) {
        row.add(uid)
        row.add(type)
        row.add(name)
        row.add(code)
        row.add(externalCode)
        row.add(article)
        row.add(description)
        row.add(folder)
        row.add(folderPath)
        row.add(parent)
        row.add(characteristics)
        row.add(uom)
        row.add(supplier)
        row.add(country)
        row.add(buyPrice)
        row.add(buyCurrency)
        row.add(minPrice)
        row.add(vat)
        row.add(vatEnabled)
        row.add(minimumBalance)
        row.add(weight)
        row.add(volume)
        row.add(barcodes)
        row.add(trackingType)
        row.add(discountProhibited)
        row.add(attributes)
        row.add(archived)
        row.add(updated)
        row.add(deleted)
    }
}
