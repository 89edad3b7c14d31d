import Columns

/// The order of constants of one type, and their place on a line for estimates.
enum ValueOrder {
    /// Negative, zero or positive; nil for types whose order the planner does not know.
    static func compare(_ left: Value, _ right: Value) -> Int? {
        switch (left, right) {
        case (.boolean(let first), .boolean(let second)): return (first ? 1 : 0) - (second ? 1 : 0)
        case (.doublePrecision(let first), .doublePrecision(let second)):
            if first.isNaN || second.isNaN { return nil }
            return first < second ? -1 : first > second ? 1 : 0
        case (.text(let first), .text(let second)):
            // Bytes, not characters: the order of the executor.
            let (one, other) = (Array(first.utf8), Array(second.utf8))
            return one == other ? 0 : one.lexicographicallyPrecedes(other) ? -1 : 1
        case (.date, .date), (.timestamp, .timestamp), (.timestampTZ, .timestampTZ), (.time, .time):
            guard let first = left.integerValue, let second = right.integerValue else { return nil }
            return first < second ? -1 : first > second ? 1 : 0
        default: return exact(left, right)
        }
    }

    private static func exact(_ left: Value, _ right: Value) -> Int? {
        guard let first = ConstantConversion.exact(left), let second = ConstantConversion.exact(right) else {
            return nil
        }
        let scale = max(first.scale, second.scale)
        guard let one = DecimalMath.rescale(first.unscaled, from: first.scale, to: scale),
            let other = DecimalMath.rescale(second.unscaled, from: second.scale, to: scale)
        else { return nil }
        return one < other ? -1 : one > other ? 1 : 0
    }

    /// A number that grows with the value; nil for types without distances.
    static func place(_ value: Value) -> Double? {
        switch value {
        case .real(let number): return Double(number)
        case .doublePrecision(let number): return number
        case .date(let days): return Double(days) * 86_400_000_000
        case .timestamp(let microseconds), .timestampTZ(let microseconds), .time(let microseconds):
            return Double(microseconds)
        default:
            guard let (unscaled, scale) = ConstantConversion.exact(value) else { return nil }
            return Double(unscaled) / Double(DecimalMath.powerOfTen(min(max(scale, 0), 38)))
        }
    }
}
