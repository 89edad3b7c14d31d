import Foundation

/// A price of an item, in kopecks of its currency.
public struct ItemPrice: Sendable, Hashable {
    public var value: ExactDecimal
    public var currency: MoyskladReference?
    /// Only sale prices have one.
    public var priceType: MoyskladReference?

    /// Nil if there is no value.
    init?(_ reader: ObjectReader?) throws(MoyskladError) {
        guard let reader, let value = try reader.decimal("value") else { return nil }
        self.value = value
        currency = try reader.reference("currency")
        priceType = try reader.reference("priceType")
    }
}

/// Whatever a position can name: product, variant, bundle, service or consignment (`head.type` tells).
public struct CatalogueItem: MoyskladObject {
    public var head: ObjectHead
    public var article: String?
    public var folder: MoyskladReference?
    /// The full folder path, "/" between names; empty at the top.
    public var pathName: String?
    /// Of a variant its product, of a consignment its item.
    public var parent: MoyskladReference?
    /// Of a variant: `name: value` pairs separated by ", ".
    public var characteristics: String?
    public var uom: MoyskladReference?
    public var supplier: MoyskladReference?
    public var country: MoyskladReference?
    public var buyPrice: ItemPrice?
    public var minPrice: ItemPrice?
    public var salePrices: [ItemPrice]
    /// The VAT in force, else the item's own.
    public var vat: Int64?
    public var vatEnabled: Bool?
    public var minimumBalance: ExactDecimal?
    public var weight: ExactDecimal?
    public var volume: ExactDecimal?
    public var barcodes: [String]
    public var trackingType: String?
    public var discountProhibited: Bool
    /// The custom fields as they came.
    public var attributes: String?

    public init(_ reader: ObjectReader) throws(MoyskladError) {
        head = try ObjectHead(reader)
        article = try reader.string("article")
        folder = try reader.reference("productFolder")
        pathName = try reader.string("pathName")
        let item = try reader.reference("assortment")
        parent = try reader.reference("product") ?? item
        characteristics = try Self.characteristics(reader)
        uom = try reader.reference("uom")
        supplier = try reader.reference("supplier")
        country = try reader.reference("country")
        buyPrice = try ItemPrice(reader.object("buyPrice"))
        minPrice = try ItemPrice(reader.object("minPrice"))
        salePrices = []
        for price in try reader.objects("salePrices") {
            if let read = try ItemPrice(price) { salePrices.append(read) }
        }
        let ownVat = try reader.integer("vat")
        let ownVatEnabled = try reader.bool("vatEnabled")
        vat = try reader.integer("effectiveVat") ?? ownVat
        vatEnabled = try reader.bool("effectiveVatEnabled") ?? ownVatEnabled
        minimumBalance = try Self.minimumBalance(reader)
        weight = try reader.decimal("weight")
        volume = try reader.decimal("volume")
        barcodes = []
        for barcode in try reader.objects("barcodes") {
            barcodes += barcode.value.members.compactMap { $0.value.string }
        }
        trackingType = try reader.string("trackingType")
        discountProhibited = try reader.bool("discountProhibited") ?? false
        attributes = reader.json("attributes")
    }

    private static func characteristics(_ reader: ObjectReader) throws(MoyskladError) -> String? {
        var pairs: [String] = []
        for characteristic in try reader.objects("characteristics") {
            pairs.append(
                "\(try characteristic.string("name") ?? ""): \(try characteristic.string("value") ?? "")")
        }
        return pairs.isEmpty ? nil : pairs.joined(separator: ", ")
    }

    private static func minimumBalance(_ reader: ObjectReader) throws(MoyskladError) -> ExactDecimal? {
        if let balance = try reader.decimal("minimumBalance") { return balance }
        return try reader.object("minimumStock")?.decimal("quantity")
    }
}
