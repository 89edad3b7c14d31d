import Foundation

/// A document of any kind. Sums are in its own currency, but for `sumBase`.
public struct DocumentRow: RecordRow {
    public let uid: UUID
    public var kind: String = ""
    public var moment: RecordMoment = RecordMoment(microseconds: 0)
    public var number: String = ""
    public var externalCode: String?
    public var organization: RecordReference?
    public var store: RecordReference?
    public var counterparty: RecordReference?
    public var employee: RecordReference?
    public var department: RecordReference?
    public var salesChannel: RecordReference?
    public var project: RecordReference?
    public var state: RecordReference?
    public var currency: RecordReference?
    public var rate: FixedPoint = FixedPoint(units: 100_000_000, scale: 8)
    public var sum: FixedPoint = FixedPoint(units: 0, scale: 4)
    public var sumBase: FixedPoint = FixedPoint(units: 0, scale: 4)
    public var vatSum: FixedPoint?
    public var vatEnabled: Bool = false
    public var vatIncluded: Bool = false
    public var paidSum: FixedPoint?
    public var shippedSum: FixedPoint?
    public var invoicedSum: FixedPoint?
    public var reservedSum: FixedPoint?
    public var cashSum: FixedPoint?
    public var cardSum: FixedPoint?
    public var qrSum: FixedPoint?
    public var lineCount: Int64 = 0
    public var baseUid: UUID?
    public var retailStoreUid: UUID?
    public var retailShiftUid: UUID?
    public var deliveryPlanned: RecordMoment?
    public var shipmentAddress: String?
    public var shipmentCity: String?
    public var description: String?
    public var attributes: String?
    public var applicable: Bool = true
    public var deleted: Bool = false
    public var created: RecordMoment?
    public var updated: RecordMoment?

    /// A row with nothing but its key.
    public init(uid: UUID) {
        self.uid = uid
    }

    public static let table = RecordTable(
        "shop.document",
        [
            .uuid("uid"), .text("kind"), .moment("moment"), .date("day"), .text("number"),
            .text("external_code"), .reference("organization_id", "shop.organization"),
            .reference("store_id", "shop.store"), .reference("counterparty_id", "shop.counterparty"),
            .reference("employee_id", "shop.employee"), .reference("department_id", "shop.department"),
            .reference("sales_channel_id", "shop.sales_channel"),
            .reference("project_id", "shop.project"), .reference("state_id", "shop.state"),
            .reference("currency_id", "shop.currency"), .number("rate"), .number("sum"),
            .number("sum_base"), .number("vat_sum"), .bool("vat_enabled"), .bool("vat_included"),
            .number("paid_sum"), .number("shipped_sum"), .number("invoiced_sum"), .number("reserved_sum"),
            .number("cash_sum"), .number("card_sum"), .number("qr_sum"), .int("line_count"),
            .uuid("base_uid"), .uuid("retail_store_uid"), .uuid("retail_shift_uid"),
            .moment("delivery_planned"), .text("shipment_address"), .text("shipment_city"),
            .text("description"), .text("attributes"), .bool("applicable"), .bool("deleted"),
            .moment("created"), .moment("updated"),
        ])

    public func encode(into row: inout RowEncoder) {
        row.add(uid)
        row.add(kind)
        row.add(moment)
        row.add(dayOf: moment)
        row.add(number)
        row.add(externalCode)
        row.add(organization)
        row.add(store)
        row.add(counterparty)
        row.add(employee)
        row.add(department)
        row.add(salesChannel)
        row.add(project)
        row.add(state)
        row.add(currency)
        row.add(rate)
        row.add(sum)
        row.add(sumBase)
        row.add(vatSum)
        row.add(vatEnabled)
        row.add(vatIncluded)
        row.add(paidSum)
        row.add(shippedSum)
        row.add(invoicedSum)
        row.add(reservedSum)
        row.add(cashSum)
        row.add(cardSum)
        row.add(qrSum)
        row.add(lineCount)
        row.add(baseUid)
        row.add(retailStoreUid)
        row.add(retailShiftUid)
        row.add(deliveryPlanned)
        row.add(shipmentAddress)
        row.add(shipmentCity)
        row.add(description)
        row.add(attributes)
        row.add(applicable)
        row.add(deleted)
        row.add(created)
        row.add(updated)
    }
}

/// A line of a document.
public struct DocumentLineRow: RecordRow {
    public let uid: UUID
    public var document: RecordReference?
    public var lineNumber: Int64 = 0
    public var kind: String = ""
    public var moment: RecordMoment = RecordMoment(microseconds: 0)
    public var product: RecordReference?
    public var store: RecordReference?
    public var counterparty: RecordReference?
    public var quantity: FixedPoint = FixedPoint(units: 0, scale: 6)
    public var price: FixedPoint = FixedPoint(units: 0, scale: 8)
    public var discount: FixedPoint = FixedPoint(units: 0, scale: 8)
    public var vat: Int64?
    public var vatEnabled: Bool = false
    public var sum: FixedPoint = FixedPoint(units: 0, scale: 4)
    public var sumBase: FixedPoint = FixedPoint(units: 0, scale: 4)
    public var vatSum: FixedPoint = FixedPoint(units: 0, scale: 4)
    public var cost: FixedPoint?
    public var reserve: FixedPoint?
    public var shipped: FixedPoint?
    public var applicable: Bool = true
    public var deleted: Bool = false

    /// A row with nothing but its key.
    public init(uid: UUID) {
        self.uid = uid
    }

    public static let table = RecordTable(
        "shop.document_line",
        [
            .uuid("uid"), .reference("document_id", "shop.document"), .int("line_number"), .text("kind"),
            .moment("moment"), .reference("product_id", "shop.product"),
            .reference("store_id", "shop.store"), .reference("counterparty_id", "shop.counterparty"),
            .number("quantity"), .number("price"), .number("discount"), .int("vat"), .bool("vat_enabled"),
            .number("sum"), .number("sum_base"), .number("vat_sum"), .number("cost"), .number("reserve"),
            .number("shipped"), .bool("applicable"), .bool("deleted"),
        ])

    public func encode(into row: inout RowEncoder) {
        row.add(uid)
        row.add(document)
        row.add(lineNumber)
        row.add(kind)
        row.add(moment)
        row.add(product)
        row.add(store)
        row.add(counterparty)
        row.add(quantity)
        row.add(price)
        row.add(discount)
        row.add(vat)
        row.add(vatEnabled)
        row.add(sum)
        row.add(sumBase)
        row.add(vatSum)
        row.add(cost)
        row.add(reserve)
        row.add(shipped)
        row.add(applicable)
        row.add(deleted)
    }
}
