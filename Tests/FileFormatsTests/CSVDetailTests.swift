import Columns
import DurableIO
@testable import FileFormats
import Testing

@Suite("CSV, in detail")
struct CSVDetailTests {
    static let typed = [
        FileColumn(name: "id", type: .bigint, isNullable: false), FileColumn(name: "n", type: .integer),
        FileColumn(name: "price", type: .decimal(precision: 12, scale: 2)),
        FileColumn(name: "day", type: .date),
        FileColumn(name: "at", type: .timestamp), FileColumn(name: "weight", type: .doublePrecision),
        FileColumn(name: "ok", type: .boolean), FileColumn(name: "key", type: .uuid),
        FileColumn(name: "name", type: .text),
    ]

    @Test("every type is read in its usual form, quoted or not")
    func types() {
        let line =
            "7,-12,1234.5,2024-02-29,2024-02-29 23:59:59.25,-0.125,t,"
            + "010eb27a-0e6a-4551-bb3f-b907bca1a9b4,\"a, \"\"b\"\"\"\n"
        let quoted =
            "\"7\",\"-12\",\"1234.5\",\"2024-02-29\",\"2024-02-29T23:59:59.25\",\"-1.25e-1\",\"true\","
            + "\"010EB27A-0E6A-4551-BB3F-B907BCA1A9B4\",\"a, \"\"b\"\"\"\n"
        let result = CSVTexts.read(line + quoted, Self.typed)
        let row = [
            "7", "-12", "1234.50", "2024-02-29", "2024-02-29 23:59:59.25", "-0.125", "t",
            "010eb27a-0e6a-4551-bb3f-b907bca1a9b4", "a, \"b\"",
        ]
        #expect(result == CSVTexts.Result(rows: [row, row]))
    }

    @Test("an empty field is NULL, a quoted one an empty text")
    func nulls() {
        let result = CSVTexts.read("1,,\"\"\n", CSVTexts.texts("a", "b", "c"))
        #expect(result.rows == [["1", nil, ""]])
        var options = CSVOptions()
        options.null = Array("NA".utf8)
        options.forceNotNull = ["b"]
        options.forceNull = ["c"]
        let other = CSVTexts.read("NA,NA,\"NA\"\n,NAN,\"\"\n", CSVTexts.texts("a", "b", "c"), options)
        #expect(other.rows == [[nil, "NA", nil], ["", "NAN", ""]])
    }

    @Test("line ends may be CRLF, the last may be missing, a byte order mark is no data")
    func lineEnds() {
        let fields = CSVTexts.texts("a", "b")
        let expected = [["1", "x"], ["2", "y"], ["3", nil]]
        for text in ["1,x\n2,y\n3,\n", "1,x\r\n2,y\r\n3,", "\u{FEFF}1,x\n2,y\r\n3,\r\n", "\"1\",x\n2,y\n3,"] {
            #expect(CSVTexts.read(text, fields).rows == expected, "\(text.debugDescription)")
        }
        #expect(CSVTexts.read("", fields) == CSVTexts.Result())
        #expect(CSVTexts.read("1,\"a\r\n\nb\"\n", fields).rows == [["1", "a\r\n\nb"]])
    }

    @Test("quotes may open and close anywhere in a field, as in PostgreSQL")
    func quotesInside() {
        let result = CSVTexts.read("ab\"c,d\"e,x\"\"y,\"\"\"\"\n", CSVTexts.texts("a", "b", "c"))
        #expect(result.rows == [["abc,de", "xy", "\""]])
        var options = CSVOptions()
        options.escape = 92
        let escaped = CSVTexts.read(
            "\"a\\\"b,\\\\\",c\\d,\"\\x\"\n", CSVTexts.texts("a", "b", "c"), options)
        #expect(escaped.rows == [["a\"b,\\", "c\\d", "\\x"]])
    }

    @Test("the header is skipped or compared")
    func headers() {
        var options = CSVOptions()
        options.header = .present
        let fields = CSVTexts.texts("a", "b")
        #expect(CSVTexts.read("x\ny,z\n", fields, options).rows == [["y", "z"]])
        #expect(CSVTexts.read("x,y\n", fields, options).rows == [])
        options.header = .match
        #expect(CSVTexts.read("\u{FEFF}a,\"b\"\ny,z\n", fields, options).rows == [["y", "z"]])
        let wrong = CSVTexts.read("a,c\n1,2\n", fields, options).error
        let fault = RowFault.headerMismatch(field: 2, expected: "b", found: "c")
        #expect(
            wrong == .badRow(file: "rows.csv", line: 1, column: nil, code: "22P04", reason: fault.description)
        )
        #expect(
            fault.description == "column name mismatch in header line field 2: got \"c\", expected \"b\"")
        let short = CSVTexts.read("a\n1\n", fields, options).error
        #expect(
            short
                == .badRow(
                    file: "rows.csv", line: 1, column: nil, code: "22P04",
                    reason: "wrong number of fields in header line: got 1, expected 2"))
    }

    @Test(
        "a bad row names its line, its column and PostgreSQL's code",
        arguments: [
            ("1,2\nx,3\n", 2, "a", "22P02", "invalid input syntax for type integer: \"x\""),
            (
                "1,2\n99999999999,3\n", 2, "a", "22003",
                "value \"99999999999\" is out of range for type integer"
            ),
            (
                "1,\"a\nb\"\n3,d\n,5\n", 4, "a", "23502",
                "null value in column \"a\" violates not-null constraint"
            ),
            ("1,2\n3\n", 2, nil, "22P04", "missing data for column \"b\""),
            ("1,2\n\n", 2, nil, "22P04", "missing data for column \"b\""),
            ("1,2\n3,4,5\n", 2, nil, "22P04", "extra data after last expected column"),
            ("1,2\n3,\"4\n5,6\n", 2, nil, "22P04", "unterminated CSV quoted field"),
            ("1,2\n3,a\u{0}b\n", 2, "b", "22021", "invalid byte sequence for encoding \"UTF8\": 0x00"),
        ] as [(String, Int, String?, String, String)])
    func errors(text: String, line: Int, column: String?, code: String, message: String) {
        let fields = [
            FileColumn(name: "a", type: .integer, isNullable: false), FileColumn(name: "b", type: .text),
        ]
        for pieceBytes in [1, 3, 1 << 16] {
            let error = CSVTexts.read(text, fields, pieceBytes: pieceBytes).error
            guard case .badRow("rows.csv", line, column, code, let reason) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(reason == message)
        }
    }

    @Test("the hint for an empty field at the end of a row is the option for trailing delimiters")
    func trailingDelimiter() {
        let fields = CSVTexts.texts("a", "b")
        var options = CSVOptions()
        options.delimiter = 124
        let error = CSVTexts.read("1|2|\n", fields, options).error
        guard case .badRow(_, 1, nil, _, let reason) = error else { return #expect(Bool(false)) }
        #expect(reason.contains("TRAILING_DELIMITER"))
        options.hasTrailingDelimiter = true
        #expect(CSVTexts.read("1|2|\n3|4|\r\n5||\n6|7\n", fields, options).rows.count == 4)
        #expect(CSVTexts.read("1|2|x\n", fields, options).error != nil)
    }

    @Test("bytes that are no UTF-8 are an error at their row and column")
    func encoding() {
        let fields = CSVTexts.texts("a", "b")
        let good = Array(String(repeating: "Розница,€🙂\n", count: 50).utf8)
        let damages: [[UInt8]] = [
            [0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0xC0, 0x80],
        ]
        for damage in damages {
            let bytes = good + Array("ы,".utf8) + damage + Array("\n1,2\n".utf8)
            let result = CSVTexts.read(bytes, fields)
            guard case .badRow(_, 51, "b", "22021", let reason) = result.error else {
                Issue.record("\(damage) \(String(describing: result.error))")
                continue
            }
            #expect(reason.contains("0x" + String(damage[0], radix: 16)))
            let skipped = CSVTexts.read(bytes, fields, skips: true)
            #expect(skipped.rows.count == 51 && skipped.rejected.map(\.line) == [51])
            #expect(skipped.rejected.first?.text == Array("ы,".utf8) + damage)
        }
        #expect(CSVTexts.read(good, fields).rows.count == 50)
    }

    @Test("skipping leaves out exactly the bad rows, in order and verbatim")
    func skipping() {
        let fields = [FileColumn(name: "a", type: .integer), FileColumn(name: "b", type: .date)]
        let text = "1,2024-01-01\nx,2024-01-01\n2,2024-13-01\n3\n\"4\",\n5,2024-01-01,7\n6,2024-01-02\n"
        for pieceBytes in [1, 20, 1000] {
            let result = CSVTexts.read(text, fields, skips: true, pieceBytes: pieceBytes)
            #expect(result.rows == [["1", "2024-01-01"], ["4", nil], ["6", "2024-01-02"]])
            #expect(result.rejected.map(\.line) == [2, 3, 4, 6])
            #expect(result.rejected.map(\.column) == ["a", "b", nil, nil])
            #expect(result.rejected.last?.reason == "extra data after last expected column")
            let texts = result.rejected.map { String(decoding: $0.text, as: UTF8.self) }
            #expect(texts == ["x,2024-01-01", "2,2024-13-01", "3", "5,2024-01-01,7"])
        }
    }

    @Test("PostgreSQL's text format has escapes, \\N for NULL and an end mark")
    func textFormat() {
        let fields = CSVTexts.texts("a", "b")
        let text = "1\\ta\\\\\t\\N\n\\\\N\t\\x41\\101\\\n\\q\n\t\"x\n\\.\nrest\n"
        for pieceBytes in [1, 7, 1000] {
            let result = CSVTexts.read(text, fields, CSVOptions(style: .text), pieceBytes: pieceBytes)
            #expect(result.error == nil)
            #expect(result.rows == [["1\ta\\", nil], ["\\N", "AA\nq"], ["", "\"x"]])
        }
    }

    @Test("options that contradict each other are refused in PostgreSQL's words")
    func contradictions() {
        var options = CSVOptions()
        options.delimiter = 34
        #expect(options.contradiction == "COPY delimiter and quote must be different")
        options = CSVOptions()
        options.null = Array("a,b".utf8)
        #expect(options.contradiction == "COPY delimiter must not appear in the NULL specification")
        #expect(CSVOptions(style: .text).contradiction == nil && CSVOptions().contradiction == nil)
    }
}
