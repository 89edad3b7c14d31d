import DurableIO
import FileFormats

/// Rows that a COPY left out: the lines as they were in one file, ready to be mended and loaded, and beside
/// it a CSV of why, with the line, the column and the reason of each.
final class RejectFile: @unchecked Sendable {
    /// What the name of the list of reasons ends with.
    static let reasonsSuffix = ".reasons.csv"

    // One turn of the load writes at a time.
    private let rows: WholeFileSink
    private let reasons: WholeFileSink

    init(_ path: String, fileSystem: any FileSystem) throws(QueryError) {
        (rows, reasons) = try QueryError.files { () throws(FileFormatError) in
            let rows = try WholeFileSink(path, fileSystem: fileSystem)
            return (rows, try WholeFileSink(path + Self.reasonsSuffix, fileSystem: fileSystem))
        }
        try write(Array("line,column,reason\n".utf8), to: reasons)
    }

    func append(_ rejected: [RejectedRow]) throws(QueryError) {
        for row in rejected {
            try write(row.text + [10], to: rows)
            let reason = row.reason.split(separator: "\"", omittingEmptySubsequences: false)
                .joined(separator: "\"\"")
            try write(Array("\(row.line),\(row.column ?? ""),\"\(reason)\"\n".utf8), to: reasons)
        }
    }

    func finish() throws(QueryError) {
        try QueryError.files { () throws(FileFormatError) in
            try rows.finish()
            try reasons.finish()
        }
    }

    private func write(_ bytes: [UInt8], to sink: WholeFileSink) throws(QueryError) {
        try QueryError.files { () throws(FileFormatError) in
            try bytes.withUnsafeBufferPointer { (bytes) throws(FileFormatError) in
                try sink.write(UnsafeRawBufferPointer(bytes))
            }
        }
    }
}
