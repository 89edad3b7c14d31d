import Columns

/// PERCENTILE_DISC and MODE of any ordered type, PERCENTILE_CONT of intervals: sorts the values of each group
/// and picks one. No state in the group's row.
final class SortedPickAggregator: CollectingAggregator {
    enum Pick {
        /// The first value at or beyond the fraction; nil gives NULL.
        case discrete(Double?)
        /// Between two intervals.
        case continuous(Double?)
        /// The most frequent value, the first in order of several.
        case mode
    }

    private let pick: Pick
    private let key: SortKey
    private var picked: Vector?

    /// - Parameter key: The order of the one argument.
    init(_ function: AggregateFunction, _ pick: Pick, key: SortKey) {
        self.pick = pick
        self.key = key
        super.init(stateBytes: 0, type: function.returnType, rowTypes: function.parameterTypes)
    }

    override var ownedBytes: Int { collected.bytes + (picked?.values.byteCount ?? 0) }

    override func prepareResults(_ rows: StateRows) throws(ExecutionError) {
        let sorted = collected.sorted(by: [key])
        let values = sorted.columns[0]
        let order = sorted.rows.pointer(as: UInt32.self)
        let builder = VectorBuilder(type: type, capacity: max(sorted.groupCount, 1))
        for group in 0..<sorted.groupCount {
            let range = sorted.starts[group]..<sorted.starts[group + 1]
            builder.append(try pickValue(range) { values.value(at: Int(order[$0])) })
        }
        picked = builder.finish()
        withExtendedLifetime(sorted) {}
        collected.removeAll()
    }

    private func pickValue(_ range: Range<Int>, _ value: (Int) -> Value) throws(ExecutionError) -> Value {
        if range.isEmpty { return .null }
        switch pick {
        case .discrete(nil), .continuous(nil): return .null
        case .discrete(let fraction?):
            let number = max(Int((fraction * Double(range.count)).rounded(.up)), 1)
            return value(range.lowerBound + number - 1)
        case .continuous(let fraction?):
            let exact = fraction * Double(range.count - 1)
            let first = value(range.lowerBound + Int(exact.rounded(.down)))
            let second = value(range.lowerBound + Int(exact.rounded(.up)))
            guard case .interval(let low) = first, case .interval(let high) = second else { return first }
            return .interval(try Self.between(low, high, exact - exact.rounded(.down)))
        case .mode: return mode(range, value)
        }
    }

    private static func between(
        _ low: Interval, _ high: Interval, _ part: Double
    ) throws(ExecutionError) -> Interval {
        let difference = Interval(
            months: high.months &- low.months, days: high.days &- low.days,
            microseconds: high.microseconds &- low.microseconds)
        let added = try IntervalMath.multiply(difference, by: part)
        return Interval(
            months: low.months &+ added.months, days: low.days &+ added.days,
            microseconds: low.microseconds &+ added.microseconds)
    }

    /// The value of the longest run of equal ones.
    private func mode(_ range: Range<Int>, _ value: (Int) -> Value) -> Value {
        var best = value(range.lowerBound)
        var bestLength = 0
        var current = best
        var length = 0
        for place in range {
            let next = value(place)
            if next == current {
                length += 1
            } else {
                current = next
                length = 1
            }
            if length > bestLength {
                best = current
                bestLength = length
            }
        }
        return best
    }

    override func results(_ rows: StateRows, _ range: Range<Int>) throws(ExecutionError) -> Vector {
        guard let picked, range.upperBound <= picked.count else {
            // Groups that no row ever reached.
            let builder = VectorBuilder(type: type, capacity: max(range.count, 1))
            for group in range {
                builder.append(picked.map { group < $0.count ? $0.value(at: group) : .null } ?? .null)
            }
            return builder.finish()
        }
        return picked.slice(range)
    }
}
