import Columns
import DurableIO
import FileFormats
import Glibc
import Testing

/// The files of `Files/`, and values as the expected texts beside them print them.
enum BinaryFixtures {
    static let directory =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        .joined(separator: "/") + "/Files/"

    /// Whether tests that take long in debug builds run too.
    static let isLong = getenv("AMBAR_LONG_TESTS") != nil

    static func bytes(_ name: String) throws -> [UInt8] {
        let file = try POSIXFileSystem().open(directory + name, .read)
        return try file.readBytes(atByteOffset: 0, byteCount: file.byteCount())
    }

    /// The rows of an expected text.
    static func expected(_ name: String) throws -> [[String]] {
        let text = String(decoding: try bytes(name), as: UTF8.self)
        return text.split(separator: "\n").map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }

    /// A value as in the expected texts.
    static func text(_ value: Value) -> String {
        switch value {
        case .null: "\\N"
        case .boolean(let flag): "\(flag)"
        case .smallint(let number): "\(number)"
        case .integer(let number), .date(let number): "\(number)"
        case .bigint(let number), .timestamp(let number), .timestampTZ(let number), .time(let number):
            "\(number)"
        case .real(let number): hexadecimal(UInt64(number.bitPattern), digits: 8)
        case .doublePrecision(let number): hexadecimal(number.bitPattern, digits: 16)
        case .decimal(let unscaled, _): "\(unscaled)"
        case .interval(let span): "\(span.months)/\(span.days)/\(span.microseconds)"
        case .text(let text), .json(let text), .array(let text, _): text
        case .uuid(let key): "\(key)"
        }
    }

    private static func hexadecimal(_ number: UInt64, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: digits - text.count) + text
    }

    /// All rows of a source in order, as texts.
    static func rows(of source: any RowSource) throws -> [[String]] {
        var rows: [[String]] = []
        while let piece = try source.nextPiece() {
            for chunk in try source.decode(piece).chunks {
                for row in 0..<chunk.rowCount { rows.append(chunk.row(row).map(text)) }
            }
        }
        return rows
    }

    /// The number of the first row that differs; nil when all are equal.
    static func firstDifference(_ got: [[String]], _ wanted: [[String]]) -> String? {
        if got.count != wanted.count { return "\(got.count) rows, not \(wanted.count)" }
        for (index, (left, right)) in zip(got, wanted).enumerated() where left != right {
            let column = zip(left, right).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? -1
            return "row \(index), column \(column): \(left[column]), not \(right[column])"
        }
        return nil
    }

    static func parquet(_ name: String, columns: [String]? = nil) throws -> ParquetSource {
        try ParquetSource(path: directory + name, fileSystem: POSIXFileSystem(), columns: columns)
    }
}
