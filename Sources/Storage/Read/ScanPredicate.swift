import Columns

/// A condition on one column that lets a scan skip row groups and vectors by their zone maps. Rows that a
/// scan returns may still fail it: a filter above checks each row.
public struct ScanPredicate: Hashable, Sendable {
    public enum Comparison: Hashable, Sendable {
        case equal, less, lessOrEqual, greater, greaterOrEqual
        /// Equal to one of the values.
        case isIn
        case isNull, isNotNull
    }

    /// Index of a column of the table.
    public var column: Int
    public var comparison: Comparison
    /// One value; any number for `isIn`; none for the NULL tests. Values of other types than the column's
    /// never skip.
    public var values: [Value]

    public init(column: Int, comparison: Comparison, values: [Value]) {
        self.column = column
        self.comparison = comparison
        self.values = values
    }
}

/// What a scan did not have to read.
public struct SkipCounters: Hashable, Sendable {
    public var rowGroups = 0
    public var rowGroupsSkipped = 0
    public var vectors = 0
    public var vectorsSkipped = 0

    public init() {}

    public static func + (left: SkipCounters, right: SkipCounters) -> SkipCounters {
        var sum = left
        sum.rowGroups += right.rowGroups
        sum.rowGroupsSkipped += right.rowGroupsSkipped
        sum.vectors += right.vectors
        sum.vectorsSkipped += right.vectorsSkipped
        return sum
    }
}
