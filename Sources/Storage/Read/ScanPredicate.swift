import Columns
import Encodings

/// A condition on one column that a scan's rows must satisfy. The scan skips row groups and vectors by it
/// and, where it can evaluate it (`TableScan.isExact`), leaves out every row that does not pass; for the
/// others a filter above checks each row.
public struct ScanPredicate: Hashable, Sendable {
    public typealias Comparison = ValueTest.Comparison

    /// Index of a column of the table.
    public var column: Int
    public var comparison: Comparison
    /// One value; any number for `isIn`; none for the NULL tests. Values of other types than the column's
    /// never skip and are never exact.
    public var values: [Value]

    public init(column: Int, comparison: Comparison, values: [Value]) {
        self.column = column
        self.comparison = comparison
        self.values = values
    }

    /// Whether scans evaluate the predicate themselves on a column of that type.
    public func isExact(for type: DataType) -> Bool { ValueTest(comparison, values, type: type) != nil }
}

/// What a scan did not have to read, and what it left out.
public struct SkipCounters: Hashable, Sendable {
    public var rowGroups = 0
    /// By zone maps, Bloom filters, dictionaries or deletions.
    public var rowGroupsSkipped = 0
    /// Those of them that only Bloom filters ruled out.
    public var rowGroupsSkippedByBloom = 0
    public var vectors = 0
    public var vectorsSkipped = 0
    /// Rows of vectors that were not skipped and did not pass the predicates.
    public var rowsFiltered = 0

    public init() {}

    public static func + (left: SkipCounters, right: SkipCounters) -> SkipCounters {
        var sum = left
        sum.rowGroups += right.rowGroups
        sum.rowGroupsSkipped += right.rowGroupsSkipped
        sum.rowGroupsSkippedByBloom += right.rowGroupsSkippedByBloom
        sum.vectors += right.vectors
        sum.vectorsSkipped += right.vectorsSkipped
        sum.rowsFiltered += right.rowsFiltered
        return sum
    }
}
