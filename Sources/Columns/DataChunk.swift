/// Up to 2,048 rows of several columns: what operators hand to each other.
///
/// Invariants: every column has `rowCount` rows. With a `selection` only its rows exist; a reader that does
/// not want to know about selections calls `compacted()`.
public struct DataChunk: Sendable {
    public let columns: [Vector]
    public let rowCount: Int
    /// The rows that exist; nil for all of them.
    public let selection: SelectionVector?

    /// Rows of a full chunk, and values of one vector of a segment.
    public static let capacity = 2048

    /// Zero columns are legal: COUNT(*) needs only rows.
    public init(columns: [Vector], rowCount: Int, selection: SelectionVector? = nil) {
        precondition(rowCount <= DataChunk.capacity, "a chunk holds at most one vector's worth of rows")
        precondition(columns.allSatisfy { $0.count == rowCount }, "all columns of a chunk have its length")
        self.columns = columns
        self.rowCount = rowCount
        self.selection = selection
    }

    /// Rows that exist.
    public var selectedCount: Int { selection?.count ?? rowCount }

    /// The same rows without a selection. Copies the surviving rows if there is one.
    public func compacted() -> DataChunk {
        guard let selection else { return self }
        if selection.count == rowCount { return DataChunk(columns: columns, rowCount: rowCount) }
        return DataChunk(columns: columns.map { $0.gathered(selection) }, rowCount: selection.count)
    }

    /// The same rows of fewer or reordered columns.
    public func projected(_ indices: [Int]) -> DataChunk {
        DataChunk(columns: indices.map { columns[$0] }, rowCount: rowCount, selection: selection)
    }

    /// The values of a row, for edges and tests. `row` counts the rows that exist.
    public func row(_ row: Int) -> [Value] {
        let index = selection.map { Int($0.rows[row]) } ?? row
        return columns.map { $0.value(at: index) }
    }
}

/// Fills chunks row by row from values; for edges and tests.
public final class DataChunkBuilder {
    private let builders: [VectorBuilder]
    public private(set) var rowCount = 0

    public init(types: [DataType]) { builders = types.map { VectorBuilder(type: $0) } }

    public var isFull: Bool { rowCount == DataChunk.capacity }

    /// Appends one row: as many values as columns, each of its column's type or NULL.
    public func append(_ row: [Value]) {
        precondition(row.count == builders.count && !isFull, "a row has a value a column")
        for (builder, value) in zip(builders, row) { builder.append(value) }
        rowCount += 1
    }

    public func finish() -> DataChunk {
        let chunk = DataChunk(columns: builders.map { $0.finish() }, rowCount: rowCount)
        rowCount = 0
        return chunk
    }
}
