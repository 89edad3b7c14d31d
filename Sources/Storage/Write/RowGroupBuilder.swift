import Columns
import DurableIO
import Encodings
import TableCatalog

/// The row group that a transaction is filling: rows in memory until it is sealed.
///
/// Invariant: every column has `rowCount` rows, at most 65,536.
final class RowGroupBuilder {
    /// A row group is sealed early when a column's strings reach this.
    static let stringBytesMax = 64 << 20
    /// The longest string; with it a segment stays below its limit of 1 GiB.
    static let valueBytesMax = 256 << 20

    /// Larger buffers are not kept for the next group.
    private static let keptStringBytesMax = 8 << 20

    /// The id that the group will have.
    private(set) var id: RowGroupID
    let columns: [ColumnAccumulator]
    private(set) var rowCount = 0
    /// Rows that were deleted by the transaction that appended them.
    var deleted: DeletedRows?

    init(id: RowGroupID, types: [DataType]) {
        self.id = id
        columns = types.map { ColumnAccumulator(type: $0) }
    }

    /// Empties the builder for another group; its buffers stay.
    func reuse(as id: RowGroupID) {
        self.id = id
        rowCount = 0
        deleted = nil
        for column in columns { column.removeAll() }
    }

    var isWorthKeeping: Bool { columns.allSatisfy { $0.stringByteCount <= Self.keptStringBytesMax } }

    var isFull: Bool {
        rowCount == RowGroup.rowCountMax || columns.contains { $0.stringByteCount >= Self.stringBytesMax }
    }

    /// Appends rows of the chunk from `first` (counting rows that exist) until the group is full.
    ///
    /// - Parameter limit: Most rows to take.
    /// - Returns: Rows taken.
    func append(_ chunk: DataChunk, from first: Int, limit: Int) -> Int {
        let taken = min(chunk.selectedCount - first, RowGroup.rowCountMax - rowCount, limit)
        for (column, vector) in zip(columns, chunk.columns) {
            column.append(vector, selection: chunk.selection, range: first..<(first + taken))
        }
        rowCount += taken
        return taken
    }

    /// Marks a row as deleted; false when it already is.
    func delete(_ row: Int) -> Bool {
        var rows = deleted ?? DeletedRows(rowCount: RowGroup.rowCountMax)
        defer { deleted = rows }
        return rows.insert(row)
    }
}
