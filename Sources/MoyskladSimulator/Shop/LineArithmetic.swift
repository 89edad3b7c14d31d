/// A line's numbers as the API counts them: whole units of small fractions, so that every sum is exact.
struct LineAmounts: Equatable, Sendable {
    /// Thousandths of the item's unit.
    var quantity: Int64
    /// Hundredths of a kopeck, before the discount, in the document's currency.
    var price: Int64
    /// Hundredths of a percent; negative is a surcharge.
    var discount: Int64
    /// Percent.
    var vat: Int64

    static let quantityScale: Int64 = 1000
    static let priceScale: Int64 = 100
    static let discountScale: Int64 = 100
}

/// How Moysklad turns lines into sums (API §4.7): each line is rounded to whole kopecks, half away from zero,
/// VAT added on top first where the document says so.
struct LineArithmetic: Sendable {
    var vatEnabled: Bool
    var vatIncluded: Bool

    /// The line's part of the document's `sum`, in kopecks.
    func sum(_ line: LineAmounts) -> Int64 {
        let percentWhole = 100 * LineAmounts.discountScale
        var scaled = Int128(line.price) * Int128(line.quantity) * Int128(percentWhole - line.discount)
        var divisor = Int128(LineAmounts.priceScale * LineAmounts.quantityScale) * Int128(percentWhole)
        if vatEnabled && !vatIncluded {
            scaled *= Int128(100 + line.vat)
            divisor *= 100
        }
        return Self.rounded(scaled, over: divisor)
    }

    /// The VAT inside the line's sum, in kopecks.
    func vatSum(_ line: LineAmounts) -> Int64 {
        guard vatEnabled else { return 0 }
        return Self.rounded(Int128(sum(line)) * Int128(line.vat), over: Int128(100 + line.vat))
    }

    private static func rounded(_ dividend: Int128, over divisor: Int128) -> Int64 {
        let doubled = dividend * 2
        let half = dividend < 0 ? -divisor : divisor
        return Int64(clamping: (doubled + half) / (divisor * 2))
    }
}
