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
    /// How the values are spread that are neither NULL nor in `mostCommon`; nil when unknown.
    public var histogram: ValueHistogram?
    /// The most frequent values, the first ones first.
    public var mostCommon: [CommonValue]
    /// Bytes of a value that is not NULL, on average; nil when unknown.
    public var averageBytes: Double?

    public init(
        nullCount: Int, minimum: Value?, maximum: Value?, distinctCount: Double,
        histogram: ValueHistogram? = nil, mostCommon: [CommonValue] = [], averageBytes: Double? = nil
    ) {
        self.nullCount = nullCount
        self.minimum = minimum
        self.maximum = maximum
        self.distinctCount = distinctCount
        self.histogram = histogram
        self.mostCommon = mostCommon
        self.averageBytes = averageBytes
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
