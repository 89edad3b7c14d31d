import Foundation

/// An object as it came.
public struct RawObject: Sendable {
    public var id: UUID
    public var updated: RecordMoment?
    /// Its JSON.
    public var payload: ArraySlice<UInt8>

    public init(id: UUID, updated: RecordMoment?, payload: ArraySlice<UInt8>) {
        self.id = id
        self.updated = updated
        self.payload = payload
    }
}

/// A payload that does not fit.
public struct RejectedObject: Sendable, Hashable {
    /// Nil if even that could not be read.
    public var id: UUID?
    /// The path of the field at fault; empty if it is the whole.
    public var field: String
    public var reason: String
    public var payload: String

    public init(id: UUID?, field: String, reason: String, payload: String) {
        self.id = id
        self.field = field
        self.reason = reason
        self.payload = payload
    }
}

/// How far a type has been read.
public struct SyncCursor: Sendable, Hashable {
    /// Everything changed until then is in the record; nil before the first page.
    public var watermark: RecordMoment?
    /// The first pass over the whole type came to its end.
    public var isComplete: Bool

    public init(watermark: RecordMoment? = nil, isComplete: Bool = false) {
        self.watermark = watermark
        self.isComplete = isComplete
    }
}

/// A price of an item in one price type.
public struct ProductPriceRow: Sendable, Hashable {
    public var product: UUID
    public var priceType: RecordReference
    public var currency: RecordReference?
    public var value: FixedPoint

    public init(product: UUID, priceType: RecordReference, currency: RecordReference?, value: FixedPoint) {
        self.product = product
        self.priceType = priceType
        self.currency = currency
        self.value = value
    }
}

/// A document whose lines do not add up to its sum.
public struct SumDifference: Sendable, Hashable {
    public var document: UUID
    public var documentSum: FixedPoint
    public var linesSum: FixedPoint

    public init(document: UUID, documentSum: FixedPoint, linesSum: FixedPoint) {
        self.document = document
        self.documentSum = documentSum
        self.linesSum = linesSum
    }
}

/// One page of objects of one type with all that is written for it, in one transaction.
public struct RecordPage: Sendable {
    /// Moysklad's type code.
    public let type: String
    public var objects: [RawObject] = []
    public var rejected: [RejectedObject] = []
    /// Where the type stands after this page.
    public var cursor: SyncCursor?
    private(set) var tables: [RowEncoder] = []
    private(set) var prices: [ProductPriceRow] = []
    private(set) var differences: [SumDifference] = []
    private(set) var documents: [UUID] = []
    private(set) var products: [UUID] = []

    /// An empty page.
    public init(type: String) {
        self.type = type
    }

    /// Adds a row of a dimension.
    public mutating func add<Row: RecordRow>(_ row: Row) {
        if let index = tables.firstIndex(where: { $0.table.name == Row.table.name }) {
            tables[index].add(row)
        } else {
            var encoder = RowEncoder(Row.table)
            encoder.add(row)
            tables.append(encoder)
        }
    }

    /// Adds an item with its sale prices; prices it no longer has are deleted.
    public mutating func add(_ row: ProductRow, prices: [ProductPriceRow]) {
        add(row)
        products.append(row.uid)
        self.prices += prices
    }

    /// Adds a document with all its lines; lines it no longer has are deleted.
    public mutating func add(_ row: DocumentRow, lines: [DocumentLineRow], difference: SumDifference?) {
        add(row)
        documents.append(row.uid)
        for line in lines { add(line) }
        if let difference { differences.append(difference) }
    }

    /// All uids that the page's rows point at, by table.
    var references: [String: [UUID: String]] {
        var all: [String: [UUID: String]] = [:]
        for table in tables { all.merge(table.references) { $0.merging($1) { first, _ in first } } }
        for price in prices {
            all["shop.price_type", default: [:]][price.priceType.uid] = price.priceType.type
            if let currency = price.currency {
                all["shop.currency", default: [:]][currency.uid] = currency.type
            }
        }
        // A line's document stands in the same page.
        all["shop.document"] = nil
        return all
    }
}

/// What a page changed.
public struct WriteCounts: Sendable, Hashable {
    /// Rows written or deleted in any table of the star; unchanged ones do not count.
    public var rows = 0
    /// Raw objects written.
    public var objects = 0
    /// Payloads newly rejected.
    public var rejected = 0

    public init() {}

    public static func += (left: inout WriteCounts, right: WriteCounts) {
        left.rows += right.rows
        left.objects += right.objects
        left.rejected += right.rejected
    }
}
