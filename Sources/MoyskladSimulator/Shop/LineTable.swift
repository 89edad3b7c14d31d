/// The lines of all documents, a column each. A line's ordinal is its place here and never changes.
struct LineTable: Sendable {
    private(set) var items: [Int32] = []
    private(set) var quantities: [Int32] = []
    private(set) var prices: [Int64] = []
    private(set) var discounts: [Int16] = []
    private(set) var vats: [UInt8] = []

    static let quantityMax = Int64(Int32.max)
    static let discountRange = Int64(-32_000)...Int64(10_000)

    var count: Int { items.count }

    mutating func reserve(_ capacity: Int) {
        items.reserveCapacity(capacity)
        quantities.reserveCapacity(capacity)
        prices.reserveCapacity(capacity)
        discounts.reserveCapacity(capacity)
        vats.reserveCapacity(capacity)
    }

    /// Adds a line and returns its ordinal.
    @discardableResult
    mutating func append(item: Int32, amounts: LineAmounts) -> Int32 {
        precondition(amounts.quantity <= Self.quantityMax, "the caller checks what fits into a line")
        precondition(Self.discountRange.contains(amounts.discount), "the caller checks what fits into a line")
        items.append(item)
        quantities.append(Int32(amounts.quantity))
        prices.append(amounts.price)
        discounts.append(Int16(amounts.discount))
        vats.append(UInt8(clamping: amounts.vat))
        return Int32(items.count - 1)
    }

    /// Changes a line where it stands.
    mutating func replace(_ line: Int, item: Int32, amounts: LineAmounts) {
        precondition(amounts.quantity <= Self.quantityMax, "the caller checks what fits into a line")
        precondition(Self.discountRange.contains(amounts.discount), "the caller checks what fits into a line")
        items[line] = item
        quantities[line] = Int32(amounts.quantity)
        prices[line] = amounts.price
        discounts[line] = Int16(amounts.discount)
        vats[line] = UInt8(clamping: amounts.vat)
    }

    func amounts(_ line: Int) -> LineAmounts {
        LineAmounts(
            quantity: Int64(quantities[line]), price: prices[line], discount: Int64(discounts[line]),
            vat: Int64(vats[line]))
    }
}
