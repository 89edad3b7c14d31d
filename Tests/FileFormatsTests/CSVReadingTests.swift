import Columns
import DurableIO
import Testing

@testable import FileFormats

/// Bytes in memory, handed out a few at a time.
final class MemoryReader: SequentialReader, @unchecked Sendable {
    let path = "rows.csv"
    let byteCount: Int?
    private let bytes: [UInt8]
    private var offset = 0
    private let stepMax: Int

    init(_ bytes: [UInt8], stepMax: Int = .max) {
        self.bytes = bytes
        self.stepMax = stepMax
        byteCount = bytes.count
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(DurableIOError) -> Int {
        let count = min(buffer.count, bytes.count - offset, stepMax)
        bytes.withUnsafeBytes { all in
            if count > 0 {
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: all[offset..<(offset + count)]))
            }
        }
        offset += count
        return count
    }
}

/// Reads a whole text; the rows as values and the rejected ones.
enum CSVReading {
    static func rows(
        _ text: String, _ types: [DataType], _ change: (inout CSVOptions) -> Void = { _ in }
    ) throws -> (rows: [[Value]], rejected: [RejectedRow]) {
        try rows(Array(text.utf8), types, change)
    }

    static func rows(
        _ bytes: [UInt8], _ types: [DataType], stepMax: Int = .max,
        _ change: (inout CSVOptions) -> Void = { _ in }
    ) throws -> (rows: [[Value]], rejected: [RejectedRow]) {
        var options = CSVOptions()
        change(&options)
        let columns = types.enumerated().map { FileColumn(name: "c\($0 + 1)", type: $1) }
        let source = try CSVSource(MemoryReader(bytes, stepMax: stepMax), columns: columns, options: options)
        var rows: [[Value]] = []
        var rejected: [RejectedRow] = []
        while let piece = try source.nextPiece() {
            let decoded = try source.decode(piece)
            rejected += decoded.rejected
            for chunk in decoded.chunks { for row in 0..<chunk.selectedCount { rows.append(chunk.row(row)) } }
        }
        return (rows, rejected)
    }
}

@Suite("Reading CSV")
struct CSVReadingTests {
    @Test("quotes, doubled quotes, delimiters and line breaks inside quotes, CRLF and no last line feed")
    func quotes() throws {
        let text = "a,\"b,1\"\r\n\"say \"\"hi\"\"\",\"two\nlines\"\r\nx\"y\"z,\"\""
        let read = try CSVReading.rows(text, [.text, .text])
        #expect(
            read.rows == [
                [.text("a"), .text("b,1")], [.text("say \"hi\""), .text("two\nlines")],
                [.text("xyz"), .text("")],
            ])
    }

    @Test("an unquoted empty field is NULL, a quoted one is empty; another NULL text changes that")
    func nulls() throws {
        #expect(try CSVReading.rows(",\"\"\n", [.text, .text]).rows == [[.null, .text("")]])
        let named = try CSVReading.rows("NA,\"NA\",,7\nNA,x,y,NA\n", [.integer, .text, .text, .bigint]) {
            $0.null = Array("NA".utf8)
        }
        #expect(
            named.rows == [
                [.null, .text("NA"), .text(""), .bigint(7)], [.null, .text("x"), .text("y"), .null],
            ])
        let forced = try CSVReading.rows(",\"\"\n", [.text, .text]) {
            $0.forceNotNull = ["c1"]
            $0.forceNull = ["c2"]
        }
        #expect(forced.rows == [[.text(""), .null]])
    }

    @Test("values of every type, in usual and unusual forms")
    func types() throws {
        let types: [DataType] = [
            .smallint, .integer, .bigint, .decimal(precision: 10, scale: 2), .doublePrecision, .boolean,
            .date,
            .timestamp, .uuid, .decimal(precision: 38, scale: 3), .real,
        ]
        let uuid = "a1b2c3d4-e5f6-4711-8899-aabbccddeeff"
        let text = """
            -7,123456789,-9223372036854775808,1234.50,0.1,true,2026-02-28,2026-02-28 23:59:59.25,\(uuid),12345678901234567890.125,1.5
            +8, 42 ,9223372036854775807,-.5,1e300,f,20260301,2026-03-01T07:00,\(uuid.uppercased()),-1,-0
            "9","0","12345678901234567",7,-12345.678,no,2024-02-29,1969-12-31 00:00:00,{\(uuid)},0.0005,3
            """
        let rows = try CSVReading.rows(text, types).rows
        let id = try TextReader.value(uuid, as: .uuid)
        let day = { (text: String) throws in try TextReader.value(text, as: .date) }
        let time = { (text: String) throws in try TextReader.value(text, as: .timestamp) }
        try #require(rows.count == 3)
        #expect(
            rows[0] == [
                .smallint(-7), .integer(123_456_789), .bigint(.min), .decimal(unscaled: 123_450, scale: 2),
                .doublePrecision(0.1), .boolean(true), try day("2026-02-28"),
                try time("2026-02-28 23:59:59.25"), id,
                .decimal(unscaled: 12_345_678_901_234_567_890_125, scale: 3), .real(1.5),
            ])
        #expect(
            rows[1] == [
                .smallint(8), .integer(42), .bigint(.max), .decimal(unscaled: -50, scale: 2),
                .doublePrecision(1e300), .boolean(false), try day("2026-03-01"),
                try time("2026-03-01 07:00:00"),
                id, .decimal(unscaled: -1000, scale: 3), .real(-0.0),
            ])
        #expect(
            rows[2] == [
                .smallint(9), .integer(0), .bigint(12_345_678_901_234_567), .decimal(unscaled: 700, scale: 2),
                .doublePrecision(-12345.678), .boolean(false), try day("2024-02-29"),
                try time("1969-12-31 00:00:00"), id, .decimal(unscaled: 1, scale: 3), .real(3),
            ])
    }

    struct Mistake: CustomTestStringConvertible, Sendable {
        var text: String
        var type: DataType
        var line: Int
        var column: String?
        var code: String
        var reason: String
        var testDescription: String { reason }
    }

    @Test(
        "a mistake is told with its line, column and PostgreSQL's code and words",
        arguments: [
            Mistake(
                text: "1,a\n2,b\nx3,c\n", type: .integer, line: 3, column: "c1", code: "22P02",
                reason: "invalid input syntax for type integer: \"x3\""),
            Mistake(
                text: "\"1\n\",a\n99999999999,b\n", type: .integer, line: 3, column: "c1", code: "22003",
                reason: "value \"99999999999\" is out of range for type integer"),
            Mistake(
                text: "1,a\n2\n", type: .integer, line: 2, column: nil, code: "22P04",
                reason: "missing data for column \"c2\""),
            Mistake(
                text: "1,a\n2,b,c\n", type: .integer, line: 2, column: nil, code: "22P04",
                reason: "extra data after last expected column"),
            Mistake(
                text: "1,a|\n2,\"b\n", type: .integer, line: 2, column: nil, code: "22P04",
                reason: "unterminated CSV quoted field"),
            Mistake(
                text: "2026-02-30,a\n", type: .date, line: 1, column: "c1", code: "22008",
                reason: "date/time field value out of range: \"2026-02-30\""),
            Mistake(
                text: "someday,a\n", type: .timestamp, line: 1, column: "c1", code: "22007",
                reason: "invalid input syntax for type timestamp: \"someday\""),
            Mistake(
                text: "12345.678,a\n", type: .decimal(precision: 5, scale: 2), line: 1, column: "c1",
                code: "22003", reason: "numeric field overflow: \"12345.678\" is beyond DECIMAL(5,2)"),
            Mistake(
                text: "\n1,a\n", type: .integer, line: 1, column: nil, code: "22P04",
                reason: "missing data for column \"c2\""),
        ])
    func mistakes(mistake: Mistake) throws {
        let expected = FileFormatError.badRow(
            file: "rows.csv", line: mistake.line, column: mistake.column, code: mistake.code,
            reason: mistake.reason)
        #expect(throws: expected) { try CSVReading.rows(mistake.text, [mistake.type, .text]) }
    }

    @Test(
        "bytes that are no UTF-8, and zero bytes, are mistakes with a line",
        arguments: [
            [0xC3, 0x28], [0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC0, 0xAF],
            [0xE0, 0x80, 0x80], [0x00],
        ] as [[UInt8]])
    func encoding(bytes: [UInt8]) throws {
        for padding in [0, 61, 200] {
            let text = Array("ok\n".utf8) + Array(repeating: 97, count: padding) + bytes + [10]
            let error = #expect(throws: FileFormatError.self) { try CSVReading.rows(text, [.text]) }
            guard case .badRow(_, let line, _, let code, _) = error else {
                Issue.record("not a bad row: \(String(describing: error))")
                continue
            }
            #expect(line == 2 && code == "22021")
        }
    }

    @Test("bad rows are set aside with their text, and the good ones read")
    func rejects() throws {
        let text = "1,a\nx,\"b\nb\"\n3\n4,d,e\n5,f\n"
        let read = try CSVReading.rows(text, [.integer, .text]) { $0.skipsBadRows = true }
        #expect(read.rows == [[.integer(1), .text("a")], [.integer(5), .text("f")]])
        #expect(read.rejected.map(\.line) == [2, 4, 5])
        #expect(
            read.rejected.map { String(decoding: $0.text, as: UTF8.self) } == ["x,\"b\nb\"", "3", "4,d,e"])
        #expect(read.rejected[0].column == "c1")
    }

    @Test("pipes with a delimiter at the end, headers, other quotes and escapes")
    func dialects() throws {
        let pipes = try CSVReading.rows("1|a|\n2||\n", [.integer, .text]) {
            $0.delimiter = 124
            $0.hasTrailingDelimiter = true
        }
        #expect(pipes.rows == [[.integer(1), .text("a")], [.integer(2), .null]])
        let header = try CSVReading.rows("c1,c2\n1,a\n", [.integer, .text]) { $0.header = .match }
        #expect(header.rows == [[.integer(1), .text("a")]])
        let mismatch = FileFormatError.badRow(
            file: "rows.csv", line: 1, column: nil, code: "22P04",
            reason: "column name mismatch in header line field 2: got \"b\", expected \"c2\"")
        #expect(throws: mismatch) {
            try CSVReading.rows("c1,b\n1,a\n", [.integer, .text]) { $0.header = .match }
        }
        let escaped = try CSVReading.rows("'it\\'s, \\\\',1\nplain,2\n", [.text, .integer]) {
            $0.quote = 39
            $0.escape = 92
        }
        #expect(escaped.rows == [[.text("it's, \\"), .integer(1)], [.text("plain"), .integer(2)]])
    }

    @Test("nothing, a header alone, and one column with empty lines")
    func edges() throws {
        #expect(try CSVReading.rows("", [.integer]).rows.isEmpty)
        #expect(try CSVReading.rows("c1\n", [.integer]) { $0.header = .present }.rows.isEmpty)
        #expect(try CSVReading.rows("a\n\nb", [.text]).rows == [[.text("a")], [.null], [.text("b")]])
    }
}
