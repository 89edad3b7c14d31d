import Columns

/// Comma-separated values (RFC 4180, lines end with LF) or tab-separated ones, with a header line. NULL is an
/// empty field; an empty string is `""` in CSV, as PostgreSQL writes it. Tab-separated text escapes tab, line
/// feed, carriage return and backslash with a backslash.
public struct DelimitedResultWriter: ResultWriter {
    private let delimiter: UInt8

    public init(delimiter: UInt8) { self.delimiter = delimiter }

    public mutating func begin(_ columns: [ResultColumn], into output: TextBuffer) {
        for (index, column) in columns.enumerated() {
            if index > 0 { output.append(delimiter) }
            var name = column.name
            name.withUTF8 { append(text: $0, into: output) }
        }
        output.append(10)
    }

    public mutating func append(_ chunk: DataChunk, into output: TextBuffer) {
        output.forEachRow(of: chunk) { row in
            for (index, column) in chunk.columns.enumerated() {
                if index > 0 { output.append(delimiter) }
                append(column, row: row, into: output)
            }
            output.append(10)
        }
    }

    public mutating func end(_ summary: ResultSummary, into output: TextBuffer) {}

    private func append(_ column: Vector, row: Int, into output: TextBuffer) {
        guard column.physical == .string else { return output.append(column, row: row) }
        if column.isNull(row) { return }
        let buffer = column.dictionary?.entries.values ?? column.values
        buffer.pointer(as: StringView.self)[column.valueIndex(row)].withBytes {
            append(text: $0, into: output)
        }
    }

    private func append(text bytes: UnsafeBufferPointer<UInt8>, into output: TextBuffer) {
        if delimiter == 9 { return append(escaped: bytes, into: output) }
        let needsQuotes =
            bytes.isEmpty || bytes.contains { $0 == delimiter || $0 == 34 || $0 == 10 || $0 == 13 }
        guard needsQuotes else { return output.append(bytes) }
        output.append(34)
        for byte in bytes {
            if byte == 34 { output.append(34) }
            output.append(byte)
        }
        output.append(34)
    }

    private func append(escaped bytes: UnsafeBufferPointer<UInt8>, into output: TextBuffer) {
        for byte in bytes {
            switch byte {
            case 9: output.append("\\t")
            case 10: output.append("\\n")
            case 13: output.append("\\r")
            case 92: output.append("\\\\")
            default: output.append(byte)
            }
        }
    }
}
