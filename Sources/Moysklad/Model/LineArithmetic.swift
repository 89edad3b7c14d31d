/// How Moysklad turns positions into sums: price × quantity × (1 − discount / 100), VAT added on top where
/// the prices do not contain it, each line rounded to whole kopecks, half away from zero.
public struct LineArithmetic: Sendable {
    /// The document counts VAT.
    public var vatEnabled: Bool
    /// The prices of the document contain it.
    public var vatIncluded: Bool

    /// The rule of a document.
    public init(vatEnabled: Bool, vatIncluded: Bool) {
        self.vatEnabled = vatEnabled
        self.vatIncluded = vatIncluded
    }

    /// The position's part of the document's sum, in whole kopecks; nil if it does not fit 64 bits.
    public func sum(_ position: DocumentPosition) -> Int64? {
        guard let share = ExactDecimal(100) + -position.discount else { return nil }
        var amount = (position.price * position.quantity * share).shifted(by: -2)
        if vatEnabled, !vatIncluded, position.vatEnabled ?? true, let vat = position.vat {
            amount = (amount * ExactDecimal(100 + min(max(vat, -100), 1000))).shifted(by: -2)
        }
        return amount.units(scale: 0)
    }

    /// The VAT inside a line's sum, in whole kopecks.
    public func vatSum(_ position: DocumentPosition, sum: Int64) -> Int64 {
        guard vatEnabled, position.vatEnabled ?? true, let vat = position.vat, vat > 0, vat <= 1000 else {
            return 0
        }
        let divisor = Int128(100 + vat)
        let scaled = Int128(sum) * Int128(vat) * 2
        return Int64(clamping: (scaled + (sum < 0 ? -divisor : divisor)) / (divisor * 2))
    }
}
