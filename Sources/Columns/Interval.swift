/// A span of time as PostgreSQL keeps it: months and days have no fixed length in microseconds.
@frozen public struct Interval: Hashable, Sendable, BitwiseCopyable {
    public var microseconds: Int64
    public var days: Int32
    public var months: Int32

    @inlinable public init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
        self.months = months
        self.days = days
        self.microseconds = microseconds
    }

    public static let microsecondsPerDay: Int64 = 86_400_000_000

    /// The length that comparisons use: a month counts as 30 days, a day as 24 hours (as in PostgreSQL).
    @inlinable public var comparisonKey: Int128 {
        (Int128(months) &* 30 &+ Int128(days)) &* Int128(86_400_000_000) &+ Int128(microseconds)
    }
}
