import Columns

/// Which share of a column's rows that are not NULL satisfies a comparison: estimates, from 0 to 1.
extension ColumnStatistics {
    /// Strings in statistics are cut after so many bytes.
    private static let prefixBytes = 16

    /// Rows equal to `value`: its own share when it is common, else an even part of what common values leave.
    public func selectivity(equalTo value: Value) -> Double {
        if value.isNull { return 0 }
        if let common = common(value) { return common.share }
        if let minimum, ValueHistogram.isLess(value, minimum) == true { return 0 }
        // A string's maximum is a prefix: longer ones that begin so are not above it.
        if let maximum, value.stringValue == nil, ValueHistogram.isLess(maximum, value) == true { return 0 }
        let rest = max(0, 1 - mostCommon.reduce(0) { $0 + $1.share })
        return min(1, rest / max(1, distinctCount - Double(mostCommon.count)))
    }

    /// Rows equal to one of different values.
    public func selectivity(in values: [Value]) -> Double {
        min(1, values.reduce(0) { $0 + selectivity(equalTo: $1) })
    }

    /// Rows below `value`, or at it too; nil when nothing is known about the order of values.
    public func selectivity(below value: Value, orEqual: Bool = false) -> Double? {
        if value.isNull { return 0 }
        guard let below = share(below: value) else { return nil }
        return orEqual ? min(1, below + selectivity(equalTo: value)) : below
    }

    /// Rows above `value`, or at it too; nil as for `below`.
    public func selectivity(above value: Value, orEqual: Bool = false) -> Double? {
        if value.isNull { return 0 }
        return selectivity(below: value, orEqual: !orEqual).map { 1 - $0 }
    }

    /// Rows from `lower` to `upper`, both included; nil as for `below`.
    public func selectivity(from lower: Value, through upper: Value) -> Double? {
        guard let start = selectivity(below: lower), let end = selectivity(below: upper, orEqual: true) else {
            return nil
        }
        return max(0, end - start)
    }

    /// Common values are taken out of the histogram and counted by themselves: a histogram would smear them
    /// over the range between its bounds.
    private func share(below value: Value) -> Double? {
        guard let rest = histogram?.share(below: value) else { return nil }
        var common = 0.0
        var below = 0.0
        for known in mostCommon {
            common += known.share
            if ValueHistogram.isLess(known.value, value) == true { below += known.share }
        }
        return min(1, below + rest * max(0, 1 - common))
    }

    private func common(_ value: Value) -> CommonValue? {
        guard let text = value.stringValue else { return mostCommon.first { $0.value == value } }
        let prefix = Array(text.utf8.prefix(Self.prefixBytes))
        return mostCommon.first { $0.value.stringValue.map { Array($0.utf8) } == prefix }
    }
}
