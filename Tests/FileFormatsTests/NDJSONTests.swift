import Columns
import DurableIO
import Testing

@testable import FileFormats

@Suite("NDJSON")
struct NDJSONTests {
    static let columns = [
        FileColumn(name: "id", type: .bigint, isNullable: false), FileColumn(name: "name", type: .text),
        FileColumn(name: "price", type: .decimal(precision: 20, scale: 4)),
        FileColumn(name: "rest", type: .json), FileColumn(name: "ok", type: .boolean),
    ]

    static func read(
        _ text: String, skips: Bool = false, ignores: Bool = false, pieceBytes: Int = 1 << 20
    ) throws -> (rows: [[String?]], rejected: [RejectedRow]) {
        var options = NDJSONOptions()
        options.skipsBadRows = skips
        options.ignoresUnknownKeys = ignores
        options.pieceBytes = pieceBytes
        let source = NDJSONSource(MemoryReader(Array(text.utf8)), columns: columns, options: options)
        var rows: [[String?]] = []
        var rejected: [RejectedRow] = []
        while let piece = try source.nextPiece() {
            let decoded = try source.decode(piece)
            rejected += decoded.rejected
            for chunk in decoded.chunks {
                for row in 0..<chunk.rowCount { rows.append(chunk.row(row).map(\.text)) }
            }
        }
        return (rows, rejected)
    }

    @Test("values are found by their keys in any order, what is missing is NULL")
    func keys() throws {
        let text = """
            {"id":1,"name":"a","price":12345678901234.5678,"rest":{"x":[1,"}"]},"ok":true}
             { "ok" : false , "price" : 1e3, "id" : -2 , "name" : null }\r

            {"rest":"s","id":"3","name":[1, 2]}
            {"id":4,"n\\u0061me":"\\u00e9\\ud83d\\ude42\\n\\"\\/\\\\"}
            """
        for pieceBytes in [1, 30, 1 << 20] {
            let rows = try Self.read(text, pieceBytes: pieceBytes).rows
            #expect(
                rows == [
                    ["1", "a", "12345678901234.5678", "{\"x\":[1,\"}\"]}", "t"],
                    ["-2", nil, "1000.0000", nil, "f"], ["3", "[1, 2]", nil, "\"s\"", nil],
                    ["4", "é🙂\n\"/\\", nil, nil, nil],
                ])
        }
    }

    @Test(
        "a wrong line names itself and says what is wrong",
        arguments: [
            ("[1]", nil, "22P02"), ("{\"id\":1", nil, "22P02"), ("{\"id\":1}x", nil, "22P02"),
            ("{\"id\":01}", nil, "22P02"), ("{\"id\":1,}", nil, "22P02"), ("{id:1}", nil, "22P02"),
            ("{\"id\":tru}", nil, "22P02"), ("{\"id\":1,\"name\":\"a", nil, "22P02"),
            ("{\"id\":1,\"name\":\"\\q\"}", "name", "22P02"),
            ("{\"id\":1,\"name\":\"\\ud800\"}", "name", "22P02"),
            ("{\"id\":1,\"colour\":2}", nil, "42703"), ("{\"id\":1,\"id\":2}", nil, "22P02"),
            ("{\"name\":\"a\"}", "id", "23502"), ("{\"id\":1.5}", "id", "22P02"),
            ("{\"id\":99999999999999999999}", "id", "22003"),
        ] as [(String, String?, String)])
    func mistakes(line: String, column: String?, code: String) throws {
        let text = "{\"id\":1}\n" + line + "\n{\"id\":2}\n"
        for pieceBytes in [1, 1 << 20] {
            let error = #expect(throws: FileFormatError.self) {
                try Self.read(text, pieceBytes: pieceBytes)
            }
            guard case .badRow("rows.csv", 2, column, code, _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            let skipped = try Self.read(text, skips: true, pieceBytes: pieceBytes)
            #expect(skipped.rows.map { $0[0] } == ["1", "2"])
            #expect(skipped.rejected.map { String(decoding: $0.text, as: UTF8.self) } == [line])
        }
    }

    @Test("unknown keys are left out when that is asked for, with everything in them")
    func unknownKeys() throws {
        let read = try Self.read("{\"a\":{\"id\":9},\"id\":1,\"b\":[{}]}\n", ignores: true)
        #expect(read.rows == [["1", nil, nil, nil, nil]])
    }

    @Test("damaged lines end with rows or an error, never otherwise", arguments: 0..<100 as Range<UInt64>)
    func fuzz(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        var bytes = Array(
            "{\"id\":1,\"name\":\"a\\u00e9b\",\"price\":1.25,\"rest\":{\"x\":[1,{\"y\":null}]},\"ok\":true}\n"
                .utf8)
        bytes += bytes
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            default: bytes.insert([34, 92, 123, 91, 10, 0][Int.random(in: 0..<6, using: &random)], at: place)
            }
        }
        var options = NDJSONOptions()
        options.skipsBadRows = true
        options.pieceBytes = Int.random(in: 1...200, using: &random)
        let source = NDJSONSource(MemoryReader(bytes), columns: Self.columns, options: options)
        var lines = 0
        while let piece = try source.nextPiece() {
            let decoded = try source.decode(piece)
            lines += decoded.rejected.count + decoded.chunks.reduce(0) { $0 + $1.rowCount }
        }
        #expect(lines <= bytes.count)
    }
}
