import Columns

/// What the planner knows about the rows of a column. Deleted rows may still count in: good for estimates and
/// for skipping, never for an answer.
public struct ColumnStatistics: Hashable, Sendable {
    public var nullCount: Int
    /// No value is below `minimum` or above `maximum`; nil when unknown or when every value is NULL. Of
    /// strings, a prefix: the true maximum may continue beyond it.
    public var minimum: Value?
    public var maximum: Value?
    /// Different values, within about 10 %.
    public var distinctCount: Double

    public init(nullCount: Int, minimum: Value?, maximum: Value?, distinctCount: Double) {
        self.nullCount = nullCount
        self.minimum = minimum
        self.maximum = maximum
        self.distinctCount = distinctCount
    }
}

/// What the planner knows about a table.
public struct TableStatistics: Hashable, Sendable {
    /// Rows that exist: exact.
    public var rowCount: Int
    /// One entry a column.
    public var columns: [ColumnStatistics]

    public init(rowCount: Int, columns: [ColumnStatistics]) {
        self.rowCount = rowCount
        self.columns = columns
    }
}
