import Columns
import Encodings
import TableCatalog

/// Where a row group has a column of its table, which may have got other columns since.
enum StoredColumn: Sendable {
    /// A column of the file, by its place there.
    case stored(Int)
    /// The column is younger than the row group: one value for all rows.
    case absent(AbsentColumn)
}

/// A column with one value in every row, made when it is first read. Row groups share it.
final class AbsentColumn: @unchecked Sendable {
    let value: Value
    let type: DataType
    private let lock = Lock()
    /// By row count. Guarded by `lock`.
    private var made: [Int: (summary: SegmentSummary, segment: EncodedSegment)] = [:]

    init(_ value: Value, type: DataType) {
        self.value = value
        self.type = type
    }

    /// Its summary has no bytes in the file.
    func summary(rowCount: Int) throws(StorageError) -> SegmentSummary { try parts(rowCount).summary }

    func segment(rowCount: Int) throws(StorageError) -> EncodedSegment { try parts(rowCount).segment }

    private func parts(
        _ rowCount: Int
    ) throws(StorageError) -> (summary: SegmentSummary, segment: EncodedSegment) {
        if let known = lock.withLock({ made[rowCount] }) { return known }
        let fresh = try make(rowCount)
        lock.withLock { made[rowCount] = fresh }
        return fresh
    }

    private func make(
        _ rowCount: Int
    ) throws(StorageError) -> (summary: SegmentSummary, segment: EncodedSegment) {
        let builder = RowGroupBuilder(id: RowGroupID(rawValue: 0), types: [type])
        while builder.rowCount < rowCount {
            let count = min(DataChunk.capacity, rowCount - builder.rowCount)
            let column = Vector.constant(value, type: type, count: count)
            _ = builder.append(DataChunk(columns: [column], rowCount: count), from: 0, limit: count)
        }
        let field = Field(name: "default", type: type)
        let table = TableDefinition(
            name: TableName(name: "default"), columns: Schema([field]),
            options: TableOptions(bloomColumns: []))
        let encoder = RowGroupEncoder(RowGroupEncoder.Settings(codec: .none, level: 0))
        let summaries = try encoder.encode(
            builder, of: table.name, fields: [field], bloom: BloomPolicy(table), dictionaries: [nil])
        var summary = summaries[0]
        do {
            let segment = try EncodedSegment(reading: encoder.bytes.bytes, type: type)
            // In no file.
            summary.byteOffset = 0
            summary.byteCount = 0
            return (summary, segment)
        } catch {
            preconditionFailure("what was encoded can be read: \(error)")
        }
    }
}

extension RowGroup {
    /// The same row group in a table whose columns are others now.
    func arranged(_ columns: [StoredColumn]) -> RowGroup {
        RowGroup(
            id: id, file: file, footerOffset: footerOffset, footerBytes: footerBytes, rowCount: rowCount,
            columnCount: columnCount, layout: columns)
    }

    /// Where the file has the table's column of that index.
    func stored(_ column: Int) -> StoredColumn { layout?[column] ?? .stored(column) }

    /// The file's footer by the table's columns.
    func arranged(_ footer: RowGroupFooter) throws(StorageError) -> RowGroupFooter {
        guard let layout else { return footer }
        var columns: [SegmentSummary] = []
        for column in layout {
            switch column {
            case .stored(let index): columns.append(footer.columns[index])
            case .absent(let absent): columns.append(try absent.summary(rowCount: rowCount))
            }
        }
        return RowGroupFooter(rowCount: rowCount, columns: columns)
    }
}

extension SegmentSummary {
    /// Whether the file has the column: one that is younger than the row group has no bytes.
    var isStored: Bool { byteCount > 0 }
}
