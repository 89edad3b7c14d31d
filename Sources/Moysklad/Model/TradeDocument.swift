import Foundation

/// A document with positions: order, sale or return (`head.type` tells). Sums are in kopecks of its currency.
public struct TradeDocument: MoyskladObject {
    public var head: ObjectHead
    /// The business date, which users may move.
    public var moment: LocalMoment
    /// False for drafts, which move neither stock nor money.
    public var applicable: Bool
    public var organization: MoyskladReference?
    /// A counterparty, or an organization or employee of ours.
    public var agent: MoyskladReference?
    public var store: MoyskladReference?
    public var project: MoyskladReference?
    public var salesChannel: MoyskladReference?
    public var state: MoyskladReference?
    public var currency: MoyskladReference?
    /// What one unit of the document's currency is in the accounting currency.
    public var rate: ExactDecimal
    public var sum: ExactDecimal
    public var vatSum: ExactDecimal?
    public var vatEnabled: Bool
    public var vatIncluded: Bool
    public var paidSum: ExactDecimal?
    public var shippedSum: ExactDecimal?
    public var invoicedSum: ExactDecimal?
    public var reservedSum: ExactDecimal?
    public var cashSum: ExactDecimal?
    public var cardSum: ExactDecimal?
    public var qrSum: ExactDecimal?
    /// The order of a demand or retail sale, the sale of a return.
    public var base: MoyskladReference?
    public var retailStore: MoyskladReference?
    public var retailShift: MoyskladReference?
    public var deliveryPlanned: LocalMoment?
    public var shipmentAddress: PostalAddress
    /// The custom fields as they came.
    public var attributes: String?
    public var positions: [DocumentPosition]
    /// Positions that Moysklad says the document has; nil where it does not tell.
    public var positionCount: Int?

    public init(_ reader: ObjectReader) throws(MoyskladError) {
        head = try ObjectHead(reader)
        guard let moment = try reader.moment("moment") ?? head.created else {
            throw .field(path: reader.place("moment"), reason: "missing")
        }
        self.moment = moment
        applicable = try reader.bool("applicable") ?? true
        organization = try reader.reference("organization")
        agent = try reader.reference("agent")
        store = try reader.reference("store")
        project = try reader.reference("project")
        salesChannel = try reader.reference("salesChannel")
        state = try reader.reference("state")
        let rateReader = try reader.object("rate")
        currency = try rateReader?.reference("currency")
        rate = try rateReader?.decimal("value") ?? ExactDecimal(1)
        sum = try reader.decimal("sum") ?? .zero
        vatSum = try reader.decimal("vatSum")
        vatEnabled = try reader.bool("vatEnabled") ?? false
        vatIncluded = try reader.bool("vatIncluded") ?? false
        paidSum = try reader.decimal("payedSum")
        shippedSum = try reader.decimal("shippedSum")
        invoicedSum = try reader.decimal("invoicedSum")
        reservedSum = try reader.decimal("reservedSum")
        cashSum = try reader.decimal("cashSum")
        cardSum = try reader.decimal("noCashSum")
        qrSum = try reader.decimal("qrSum")
        let order = try reader.reference("customerOrder")
        base = try reader.reference("demand") ?? order
        retailStore = try reader.reference("retailStore")
        retailShift = try reader.reference("retailShift")
        deliveryPlanned = try reader.moment("deliveryPlannedMoment")
        shipmentAddress = try PostalAddress(reader, line: "shipmentAddress", parts: "shipmentAddressFull")
        attributes = reader.json("attributes")
        positions = []
        for row in try reader.objects("positions") { positions.append(try DocumentPosition(row)) }
        if let meta = reader.value["positions"]?["meta"] {
            positionCount = try ObjectReader(meta, path: "positions.meta").integer("size").map {
                Int(clamping: $0)
            }
        }
    }
}

/// A position of a document. The price is in kopecks of the document's currency.
public struct DocumentPosition: Sendable, Hashable {
    public var id: UUID
    /// Product, variant, bundle, service or consignment.
    public var assortment: MoyskladReference?
    public var quantity: ExactDecimal
    public var price: ExactDecimal
    /// Percent; negative is a surcharge.
    public var discount: ExactDecimal
    public var vat: Int64?
    public var vatEnabled: Bool?
    public var reserve: ExactDecimal?
    public var shipped: ExactDecimal?
    /// In kopecks; only for services and for returns without a sale.
    public var cost: ExactDecimal?

    /// - Throws: `MoyskladError.field` if `id` is missing or a field has another type.
    public init(_ reader: ObjectReader) throws(MoyskladError) {
        guard let id = try reader.identifier("id") else {
            throw .field(path: reader.place("id"), reason: "missing")
        }
        self.id = id
        assortment = try reader.reference("assortment")
        quantity = try reader.decimal("quantity") ?? .zero
        price = try reader.decimal("price") ?? .zero
        discount = try reader.decimal("discount") ?? .zero
        vat = try reader.integer("vat")
        vatEnabled = try reader.bool("vatEnabled")
        reserve = try reader.decimal("reserve")
        shipped = try reader.decimal("shipped")
        cost = try reader.decimal("cost")
    }
}
