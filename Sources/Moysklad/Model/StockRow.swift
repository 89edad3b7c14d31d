import Foundation

/// The level of one item in one store; nil where Moysklad is recalculating it.
public struct StockRow: Sendable, Hashable {
    public var item: MoyskladReference
    public var store: MoyskladReference
    public var stock: ExactDecimal?
    public var reserve: ExactDecimal?
    public var inTransit: ExactDecimal?

    /// The rows of one element of `report/stock/bystore`.
    ///
    /// - Throws: `MoyskladError.field` if the item is not named or a number is none.
    public static func rows(_ reader: ObjectReader) throws(MoyskladError) -> [StockRow] {
        guard let item = ObjectReader.reference(of: reader.value) else {
            throw .field(path: reader.place("meta"), reason: "missing")
        }
        var rows: [StockRow] = []
        for level in try reader.objects("stockByStore") {
            guard let store = ObjectReader.reference(of: level.value) else { continue }
            rows.append(
                StockRow(
                    item: item, store: store, stock: try level.decimal("stock"),
                    reserve: try level.decimal("reserve"),
                    inTransit: try level.decimal("inTransit")))
        }
        return rows
    }
}
