import CZstd
import Columns

/// Writes Arrow IPC, as a file or a stream: flat columns, all nullable. INTERVAL is months, days and
/// nanoseconds, UUID and JSON carry Arrow's names for them.
///
/// Keeps the chunks of one record batch in memory until it is complete.
public final class ArrowSink: RowSink {
    private let output: any ByteSink
    private let columns: [FileColumn]
    private let options: ArrowOptions
    private var zstd: OpaquePointer?
    private var chunks: [DataChunk] = []
    private var pendingRows = 0
    private var byteOffset = 0
    /// Offset, metadata bytes and body bytes of every batch, as the footer holds them.
    private var blocks: [Int] = []
    private var isFinished = false
    private static let magic = Array("ARROW1".utf8)

    /// - Throws: `.invalidRequest` for two columns of one name or options out of range.
    public init(
        _ output: any ByteSink, columns: [FileColumn], options: ArrowOptions = ArrowOptions()
    ) throws(FileFormatError) {
        guard Set(columns.map(\.name)).count == columns.count else {
            throw .invalidRequest("two columns of one name in an Arrow file")
        }
        guard options.batchRows >= 1, options.batchRows <= ArrowOptions.batchRowsMax else {
            throw .invalidRequest("rows of a record batch: \(options.batchRows)")
        }
        if case .zstd(let level) = options.compression {
            guard level >= 1, level <= 22 else { throw .invalidRequest("level of zstd: \(level)") }
            zstd = ZSTD_createCCtx()
            guard zstd != nil else { throw .invalidRequest("no memory for zstd") }
        }
        self.output = output
        self.columns = columns
        self.options = options
        if !options.isStream { try emit(Self.magic + [0, 0]) }
        _ = try emitMessage(
            ArrowSchemaWriter.message(kind: 1, ArrowSchemaWriter.schema(columns), bodyBytes: 0))
    }

    deinit { ZSTD_freeCCtx(zstd) }

    public func write(_ chunk: DataChunk) throws(FileFormatError) {
        precondition(!isFinished, "nothing is written behind the footer")
        precondition(chunk.columns.count == columns.count, "a chunk has the columns of the file")
        let rows = chunk.compacted()
        guard rows.rowCount > 0 else { return }
        chunks.append(rows)
        pendingRows += rows.rowCount
        if pendingRows >= options.batchRows { try writeBatch() }
    }

    public func finish() throws(FileFormatError) {
        precondition(!isFinished, "a file is finished once")
        isFinished = true
        if pendingRows > 0 { try writeBatch() }
        try emit([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])
        if !options.isStream {
            var footer = FlatTableValue()
            footer.number(0, ArrowSchemaWriter.version)
            footer.table(1, ArrowSchemaWriter.schema(columns))
            footer.words(2, [], wordsOfElement: 3)
            footer.words(3, blocks, wordsOfElement: 3)
            let bytes = FlatBuilder.bytes(footer)
            try emit(bytes)
            try emit(withUnsafeBytes(of: Int32(bytes.count).littleEndian) { Array($0) } + Self.magic)
        }
        try output.finish()
    }

    private func writeBatch() throws(FileFormatError) {
        var batch = ArrowBatchWriter(options.compression, zstd: zstd)
        for (index, column) in columns.enumerated() {
            try batch.append(chunks.map { $0.columns[index] }, of: column, rowCount: pendingRows)
        }
        let start = byteOffset
        let metadata = batch.metadata(rowCount: pendingRows)
        let metadataBytes = try emitMessage(
            ArrowSchemaWriter.message(kind: 3, metadata, bodyBytes: batch.body.count))
        try output.write(UnsafeRawBufferPointer(batch.body.bytes))
        byteOffset += batch.body.count
        blocks += [start, metadataBytes, batch.body.count]
        withExtendedLifetime(batch) {}
        pendingRows = 0
        chunks.removeAll(keepingCapacity: true)
    }

    /// Writes the metadata of a message behind their mark and length; returns how many bytes that took.
    private func emitMessage(_ message: FlatTableValue) throws(FileFormatError) -> Int {
        let bytes = FlatBuilder.bytes(message)
        try emit(
            [0xFF, 0xFF, 0xFF, 0xFF] + withUnsafeBytes(of: Int32(bytes.count).littleEndian) { Array($0) })
        try emit(bytes)
        return bytes.count + 8
    }

    private func emit(_ bytes: [UInt8]) throws(FileFormatError) {
        try bytes.withUnsafeBufferPointer { (buffer) throws(FileFormatError) -> Void in
            try output.write(UnsafeRawBufferPointer(buffer))
        }
        byteOffset += bytes.count
    }
}
