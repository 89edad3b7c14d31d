import Columns

/// How the values of a column that are not NULL are spread: bounds, and which share of the values lies at or
/// below each. Good for estimates, never for an answer.
///
/// Invariants: `bounds` and `shares` have one length, at least 2; both ascend; shares are within 0...1.
public struct ValueHistogram: Hashable, Sendable {
    public let bounds: [Value]
    public let shares: [Double]

    /// nil when the invariants do not hold.
    public init?(bounds: [Value], shares: [Double]) {
        guard bounds.count == shares.count, bounds.count >= 2,
            zip(shares, shares.dropFirst()).allSatisfy({ $0 <= $1 }),
            shares.allSatisfy({ $0 >= 0 && $0 <= 1 })
        else { return nil }
        self.bounds = bounds
        self.shares = shares
    }

    /// The share of the values below `value`, interpolated between bounds; nil when it cannot be compared
    /// with them. O(log bounds).
    public func share(below value: Value) -> Double? {
        guard let first = Self.isLess(bounds[0], value) else { return nil }
        if !first { return 0 }
        var low = 0
        var high = bounds.count
        // bounds[low] < value <= bounds[high].
        while high - low > 1 {
            let middle = (low + high) / 2
            guard let isBelow = Self.isLess(bounds[middle], value) else { return nil }
            if isBelow { low = middle } else { high = middle }
        }
        guard high < bounds.count else { return 1 }
        let width = shares[high] - shares[low]
        guard let start = Self.position(bounds[low]), let end = Self.position(bounds[high]),
            let place = Self.position(value), end > start
        else { return shares[low] + width / 2 }
        return shares[low] + width * min(1, max(0, (place - start) / (end - start)))
    }

    /// Whether one value sorts before another of its kind; nil when they are no such pair.
    static func isLess(_ left: Value, _ right: Value) -> Bool? {
        if let first = left.stringValue, let second = right.stringValue {
            return first.utf8.lexicographicallyPrecedes(second.utf8)
        }
        if case .uuid(let first) = left, case .uuid(let second) = right { return first < second }
        guard let first = position(left), let second = position(right) else { return nil }
        return first < second
    }

    /// A number in the order of the values; nil for strings.
    private static func position(_ value: Value) -> Double? {
        switch value {
        case .boolean(let bool): bool ? 1 : 0
        case .smallint, .integer, .bigint, .date, .timestamp, .timestampTZ, .time:
            value.integerValue.map { Double($0) }
        case .real(let number): number.isNaN ? .infinity : Double(number)
        case .doublePrecision(let number): number.isNaN ? .infinity : number
        case .decimal(let unscaled, let scale):
            Double(unscaled) / (0..<max(0, scale)).reduce(1.0) { power, _ in power * 10 }
        case .uuid(let number): Double(number)
        case .null, .interval, .text, .json, .array: nil
        }
    }
}

/// A value that many rows have.
public struct CommonValue: Hashable, Sendable {
    /// Of strings, the first 16 bytes.
    public var value: Value
    /// Share of the values that are not NULL.
    public var share: Double

    public init(value: Value, share: Double) {
        self.value = value
        self.share = share
    }
}
