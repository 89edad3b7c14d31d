import Columns

/// How many digits PostgreSQL computes of an exact quotient: 16 significant ones, judged by the first group
/// of four digits of both operands.
enum QuotientDigits {
    /// Digits behind the point of `left` ÷ `right`, at least `scaleMin`, at most `scaleMax`.
    @inline(__always)
    static func scale(
        _ left: Int128, _ leftScale: Int, _ right: Int128, _ rightScale: Int, scaleMin: Int, scaleMax: Int
    ) -> Int {
        let (leftWeight, leftFirst) = leading(left.magnitude, leftScale)
        let (rightWeight, rightFirst) = leading(right.magnitude, rightScale)
        let weight = leftWeight - rightWeight - (leftFirst <= rightFirst ? 1 : 0)
        return max(scaleMin, min(scaleMax, 16 - weight * 4), 0)
    }

    /// The power of 10,000 of the first digit in base 10,000, and that digit.
    private static func leading(_ magnitude: UInt128, _ scale: Int) -> (weight: Int, digit: Int) {
        if magnitude == 0 { return (0, 0) }
        // The last group is filled up with zeros where the scale is no multiple of four.
        let padding = (4 - scale % 4) % 4
        let fill: UInt64 = padding == 0 ? 1 : padding == 1 ? 10 : padding == 2 ? 100 : 1_000
        let limit = 10_000 / fill
        let last = -((scale + padding) / 4)
        if magnitude < UInt128(limit) { return (last, Int(UInt64(truncatingIfNeeded: magnitude) * fill)) }
        var groups = 1
        var wide = magnitude / UInt128(limit)
        while wide > UInt128(UInt64.max) {
            wide /= 10_000
            groups += 1
        }
        var rest = UInt64(truncatingIfNeeded: wide)
        while rest >= 10_000 {
            rest /= 10_000
            groups += 1
        }
        return (last + groups, Int(rest))
    }
}
