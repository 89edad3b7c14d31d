import Columns
import Testing

@testable import WarehouseEngine

@Suite("Result formats")
struct ResultFormatTests {
    static let columns = [
        ResultColumn(name: "n", type: .bigint),
        ResultColumn(name: "price", type: .decimal(precision: 18, scale: 2)),
        ResultColumn(name: "name", type: .text), ResultColumn(name: "ratio", type: .doublePrecision),
        ResultColumn(name: "day", type: .date), ResultColumn(name: "ok", type: .boolean),
    ]

    static let rows: [[Value]] = [
        [
            .bigint(9_007_199_254_740_993), .decimal(unscaled: -1005, scale: 2),
            .text("Чай \"Ёлка\",\nновый"),
            .doublePrecision(.nan), .date(19_000), .boolean(true),
        ],
        [.null, .null, .text(""), .doublePrecision(1.5), .null, .boolean(false)],
    ]

    static func chunk() -> DataChunk {
        let builder = DataChunkBuilder(types: columns.map(\.type))
        for row in rows { builder.append(row) }
        return builder.finish()
    }

    static func write(_ format: ResultFormat, chunks: [DataChunk]) -> String {
        let output = TextBuffer()
        var writer = format.makeWriter()
        writer.begin(columns, into: output)
        for chunk in chunks { writer.append(chunk, into: output) }
        let count = chunks.reduce(0) { $0 + $1.selectedCount }
        writer.end(ResultSummary(rowCount: count, elapsed: .microseconds(400)), into: output)
        return output.string
    }

    @Test("JSON keeps every digit, escapes strings and writes NaN as a string")
    func json() {
        let expected =
            #"{"columns":[{"name":"n","type":"BIGINT"},{"name":"price","type":"DECIMAL(18,2)"},"#
            + #"{"name":"name","type":"TEXT"},{"name":"ratio","type":"DOUBLE PRECISION"},"#
            + #"{"name":"day","type":"DATE"},{"name":"ok","type":"BOOLEAN"}],"#
            + #""rows":[[9007199254740993,-10.05,"Чай \"Ёлка\",\nновый","NaN","2022-01-08",true],"#
            + #"[null,null,"",1.5,null,false]],"rowCount":2,"elapsedMilliseconds":0.4}"# + "\n"
        #expect(Self.write(.json, chunks: [Self.chunk()]) == expected)
    }

    @Test("JSON of several chunks is one array, and of no chunk an empty one")
    func jsonChunks() {
        #expect(Self.write(.json, chunks: []).contains(#""rows":[],"rowCount":0"#))
        #expect(
            Self.write(.json, chunks: [Self.chunk(), Self.chunk()]).contains(#"false],[9007199254740993"#))
    }

    @Test("a selection leaves rows out in every format", arguments: ResultFormat.allCases)
    func selection(format: ResultFormat) {
        let whole = Self.chunk()
        let selected = DataChunk(columns: whole.columns, rowCount: 2, selection: SelectionVector([1]))
        let text = Self.write(format, chunks: [selected])
        #expect(!text.contains("9007199254740993"))
        #expect(text.contains("1.5"))
    }

    @Test("CSV quotes what needs it and tells NULL from an empty string")
    func csv() {
        let expected =
            "n,price,name,ratio,day,ok\n9007199254740993,-10.05,\"Чай \"\"Ёлка\"\",\nновый\",NaN,2022-01-08,t\n"
            + ",,\"\",1.5,,f\n"
        #expect(Self.write(.csv, chunks: [Self.chunk()]) == expected)
    }

    @Test("tab-separated text escapes line feeds")
    func tsv() {
        #expect(Self.write(.tsv, chunks: [Self.chunk()]).contains("Чай \"Ёлка\",\\nновый\tNaN"))
    }

    @Test("one JSON object a row")
    func ndjson() {
        let lines = Self.write(.ndjson, chunks: [Self.chunk()]).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[1] == #"{"n":null,"price":null,"name":"","ratio":1.5,"day":null,"ok":false}"#)
    }

    @Test("a table aligns Cyrillic text and counts its rows")
    func table() {
        let lines = Self.write(.table, chunks: [Self.chunk()]).split(separator: "\n")
        #expect(lines.last == "(2 rows)")
        #expect(Set(lines[1...2].map { DisplayWidth.of(String($0)) }).count <= 2)
        #expect(lines[2].contains("↵новый"))
        #expect(DisplayWidth.of("Ёлка") == 4)
        #expect(DisplayWidth.of("漢字") == 4)
    }
}
