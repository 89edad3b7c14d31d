import Columns
import FileFormats

/// Writes rows to a file by the writer that also answers queries in that format.
final class ResultFileSink: RowSink {
    private var writer: any ResultWriter
    private let output: any ByteSink
    private let buffer = TextBuffer(capacity: 1 << 18)
    private static let flushBytes = 1 << 17

    init(_ writer: any ResultWriter, columns: [FileColumn], output: any ByteSink) {
        self.writer = writer
        self.output = output
        self.writer.begin(columns.map { ResultColumn(name: $0.name, type: $0.type) }, into: buffer)
    }

    func write(_ chunk: DataChunk) throws(FileFormatError) {
        writer.append(chunk, into: buffer)
        if buffer.count >= Self.flushBytes { try flush() }
    }

    func finish() throws(FileFormatError) {
        try flush()
        try output.finish()
    }

    private func flush() throws(FileFormatError) {
        try output.write(UnsafeRawBufferPointer(buffer.bytes))
        buffer.removeAll()
    }
}
