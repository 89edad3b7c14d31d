import Columns

/// Writes comma-separated values as PostgreSQL's COPY does: NULL as the NULL text, fields quoted that need
/// it, lines ended by LF.
public final class CSVSink: RowSink {
    private let output: any ByteSink
    private let columns: [FileColumn]
    private let options: CSVOptions
    private let forcesQuotes: [Bool]
    private let buffer = TextBuffer(capacity: 1 << 18)
    private let field = TextBuffer(capacity: 256)
    private static let flushBytes = 1 << 17

    /// - Parameter forceQuote: Names of columns whose values are always quoted.
    public init(
        _ output: any ByteSink, columns: [FileColumn], options: CSVOptions = CSVOptions(),
        forceQuote: Set<String> = []
    ) {
        self.output = output
        self.columns = columns
        self.options = options
        forcesQuotes = columns.map { forceQuote.contains($0.name) }
        guard options.header != .none else { return }
        for (index, column) in columns.enumerated() {
            if index > 0 { buffer.append(options.delimiter) }
            var name = column.name
            name.withUTF8 { append($0, isForced: false, isAlone: columns.count == 1) }
        }
        endRow()
    }

    public func write(_ chunk: DataChunk) throws(FileFormatError) {
        let rows = chunk.compacted()
        for row in 0..<rows.rowCount {
            for (index, column) in rows.columns.enumerated() {
                if index > 0 { buffer.append(options.delimiter) }
                if column.isNull(row) {
                    options.null.withUnsafeBufferPointer { buffer.append($0) }
                } else {
                    field.removeAll()
                    field.append(column, row: row)
                    append(field.bytes, isForced: forcesQuotes[index], isAlone: rows.columns.count == 1)
                }
            }
            endRow()
            if buffer.count >= Self.flushBytes { try flush() }
        }
    }

    public func finish() throws(FileFormatError) {
        try flush()
        try output.finish()
    }

    private func endRow() {
        if options.hasTrailingDelimiter { buffer.append(options.delimiter) }
        buffer.append(10)
    }

    private func flush() throws(FileFormatError) {
        try output.write(UnsafeRawBufferPointer(buffer.bytes))
        buffer.removeAll()
    }

    private func append(_ bytes: UnsafeBufferPointer<UInt8>, isForced: Bool, isAlone: Bool) {
        if options.style == .text { return append(escaped: bytes) }
        let quote = options.quote
        let isNullText = bytes.count == options.null.count && bytes.elementsEqual(options.null)
        // A line that is only `\.` would end the data for PostgreSQL.
        let isEndMark = isAlone && bytes.elementsEqual([92, 46])
        let needsQuotes =
            isForced || isNullText || isEndMark
            || bytes.contains { $0 == options.delimiter || $0 == quote || $0 == 10 || $0 == 13 }
        guard needsQuotes else { return buffer.append(bytes) }
        buffer.append(quote)
        for byte in bytes {
            if byte == quote || byte == options.escape { buffer.append(options.escape) }
            buffer.append(byte)
        }
        buffer.append(quote)
    }

    /// The text format has escapes instead of quotes.
    private func append(escaped bytes: UnsafeBufferPointer<UInt8>) {
        for byte in bytes {
            switch byte {
            case 10: buffer.append("\\n")
            case 13: buffer.append("\\r")
            case 9: buffer.append("\\t")
            case 92: buffer.append("\\\\")
            case options.delimiter:
                buffer.append(92)
                buffer.append(byte)
            default: buffer.append(byte)
            }
        }
    }
}
