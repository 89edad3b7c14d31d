import CZstd
import Columns

/// Writes a Parquet file: all columns optional, dictionary, delta or plain encoding, pages of version 1 with
/// checksums, bounds and NULL counts in the footer. INTERVAL is written as its text, which loses nothing.
///
/// Keeps the chunks of one row group in memory until it is complete.
public final class ParquetSink: RowSink {
    private let output: any ByteSink
    private let columns: [ParquetOutputColumn]
    private let options: ParquetOptions
    private var zstd: OpaquePointer?
    private var chunks: [DataChunk] = []
    private var pendingRows = 0
    private var byteOffset = 0
    private var rowCount = 0
    private var rowGroups: [(rowCount: Int, columns: [ParquetChunkWriter.Written])] = []
    private var isFinished = false

    /// - Throws: `.invalidRequest` for no columns, two columns of one name or options out of range.
    public init(
        _ output: any ByteSink, columns: [FileColumn], options: ParquetOptions = ParquetOptions()
    ) throws(FileFormatError) {
        guard !columns.isEmpty else { throw .invalidRequest("a Parquet file needs a column") }
        guard Set(columns.map(\.name)).count == columns.count else {
            throw .invalidRequest("two columns of one name in a Parquet file")
        }
        guard options.rowGroupRows >= 1, options.rowGroupRows <= ParquetOptions.rowGroupRowsMax else {
            throw .invalidRequest("rows of a row group: \(options.rowGroupRows)")
        }
        if case .zstd(let level) = options.compression {
            guard level >= 1, level <= 22 else { throw .invalidRequest("level of zstd: \(level)") }
            zstd = ZSTD_createCCtx()
            guard zstd != nil else { throw .invalidRequest("no memory for zstd") }
        }
        self.output = output
        self.columns = columns.map { ParquetOutputColumn($0) }
        self.options = options
        try emit(Array("PAR1".utf8))
    }

    deinit { ZSTD_freeCCtx(zstd) }

    public func write(_ chunk: DataChunk) throws(FileFormatError) {
        precondition(!isFinished, "nothing is written behind the footer")
        precondition(chunk.columns.count == columns.count, "a chunk has the columns of the file")
        let rows = chunk.compacted()
        guard rows.rowCount > 0 else { return }
        chunks.append(rows)
        pendingRows += rows.rowCount
        if pendingRows >= options.rowGroupRows { try writeRowGroup() }
    }

    public func finish() throws(FileFormatError) {
        precondition(!isFinished, "a file is finished once")
        isFinished = true
        if pendingRows > 0 { try writeRowGroup() }
        let footer = ParquetFooterWriter.bytes(
            columns: columns, rowGroups: rowGroups, rowCount: rowCount,
            codec: options.compression == .none ? 0 : 6)
        guard footer.count <= Int(Int32.max) else {
            throw .invalidRequest("a Parquet file of \(rowGroups.count) row groups is too large")
        }
        try emit(footer)
        try emit(withUnsafeBytes(of: UInt32(footer.count).littleEndian) { Array($0) })
        try emit(Array("PAR1".utf8))
        try output.finish()
    }

    private func writeRowGroup() throws(FileFormatError) {
        var written: [ParquetChunkWriter.Written] = []
        for (index, column) in columns.enumerated() {
            let packed = ParquetPackedColumn(column, index: index, of: chunks, rowCount: pendingRows)
            let writer = ParquetChunkWriter(
                packed, options.compression, zstd: zstd, byteOffset: byteOffset)
            written.append(try writer.write())
            try output.write(UnsafeRawBufferPointer(writer.output.bytes))
            byteOffset += writer.output.count
        }
        rowGroups.append((pendingRows, written))
        rowCount += pendingRows
        pendingRows = 0
        chunks.removeAll(keepingCapacity: true)
    }

    private func emit(_ bytes: [UInt8]) throws(FileFormatError) {
        try bytes.withUnsafeBufferPointer { (buffer) throws(FileFormatError) -> Void in
            try output.write(UnsafeRawBufferPointer(buffer))
        }
        byteOffset += bytes.count
    }
}
