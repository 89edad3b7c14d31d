import Columns
import DurableIO
@testable import FileFormats
import Testing

@Suite("CSV, cut anywhere")
struct CSVCutTests {
    /// A random file of `columnCount` columns as a careless program would write it.
    static func randomFile(_ random: inout SeededNumbers, columnCount: Int) -> [UInt8] {
        let pieces = [
            "", "a", "\"\"", "b\"\"c", ",", "\n", "\r\n", "Ж", "€", "🙂", " ", "12.5", "0123456789abcdef",
        ]
        var text = ""
        for _ in 0..<Int.random(in: 0...60, using: &random) {
            for column in 0..<columnCount {
                if column > 0 { text += "," }
                let parts = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    pieces[Int.random(in: 0..<pieces.count, using: &random)]
                }
                if Bool.random(using: &random) {
                    text += "\"" + parts.joined() + "\""
                } else {
                    text += parts.filter {
                        !$0.contains("\"") && !$0.contains(",") && !$0.contains("\n") && $0 != "\r\n"
                    }
                    .joined()
                }
            }
            text += Bool.random(using: &random) ? "\n" : "\r\n"
        }
        return Array(text.utf8)
    }

    @Test("rows are those of a plain reader wherever pieces are cut", arguments: 0..<30 as Range<UInt64>)
    func cuts(seed: UInt64) {
        var random = SeededNumbers(seed: seed)
        let columnCount = Int.random(in: 1...5, using: &random)
        let bytes = Self.randomFile(&random, columnCount: columnCount)
        let fields = (0..<columnCount).map { FileColumn(name: "c\($0)", type: .text) }
        let expected = CSVTexts.plainRows(bytes)
        for pieceBytes in [1, 2, 3, 7, 16, 63, 64, 65, 200, 1 << 20] {
            let result = CSVTexts.read(bytes, fields, pieceBytes: pieceBytes)
            #expect(result.error == nil)
            #expect(result.rows == expected, "pieces of \(pieceBytes)")
        }
    }

    @Test("an error names the same line wherever pieces are cut", arguments: 0..<20 as Range<UInt64>)
    func errorLines(seed: UInt64) {
        var random = SeededNumbers(seed: seed &+ 1000)
        var bytes = Self.randomFile(&random, columnCount: 3)
        bytes += Array("1,2\n".utf8)
        bytes += Self.randomFile(&random, columnCount: 3)
        let fields = CSVTexts.texts("a", "b", "c")
        let whole = CSVTexts.read(bytes, fields)
        guard case .badRow = whole.error else { return #expect(Bool(false), "the short row is found") }
        let skipped = CSVTexts.read(bytes, fields, skips: true)
        #expect(skipped.rejected.count == 1)
        for pieceBytes in 1...200 where pieceBytes < 20 || pieceBytes % 37 == 0 {
            #expect(CSVTexts.read(bytes, fields, pieceBytes: pieceBytes).error == whole.error)
            #expect(CSVTexts.read(bytes, fields, skips: true, pieceBytes: pieceBytes) == skipped)
        }
    }

    @Test("damaged files end with rows or an error, never otherwise", arguments: 0..<60 as Range<UInt64>)
    func fuzz(seed: UInt64) {
        var random = SeededNumbers(seed: seed &+ 77)
        var bytes = Self.randomFile(&random, columnCount: 4)
        for _ in 0..<Int.random(in: 1...12, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2:
                bytes.insert([34, 10, 13, 44, 92, 0, 0xD0][Int.random(in: 0..<7, using: &random)], at: place)
            default: bytes.removeSubrange(place..<min(bytes.count, place + 20))
            }
        }
        let types: [DataType] = [
            .text, .bigint, .decimal(precision: 9, scale: 2), .timestamp, .doublePrecision, .uuid, .boolean,
            .date,
            .real, .interval, .decimal(precision: 30, scale: 4), .smallint, .json,
        ]
        let fields = (0..<4).map { index in
            FileColumn(name: "c\(index)", type: types[Int.random(in: 0..<types.count, using: &random)])
        }
        var options = [CSVOptions(), CSVOptions(style: .text), CSVOptions()]
        options[2].escape = 92
        for option in options {
            let one = CSVTexts.read(bytes, fields, option, skips: true)
            let cut = CSVTexts.read(bytes, fields, option, skips: true, pieceBytes: 11)
            #expect(one.error == cut.error)
            if one.error == nil { #expect(one == cut) }
        }
    }

    @Test("numbers are those of the general readers", arguments: 0..<8 as Range<UInt64>)
    func numbers(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed &+ 5)
        var lines: [[String]] = []
        for _ in 0..<400 {
            let sign = ["", "-", "+"][Int.random(in: 0..<3, using: &random)]
            func digits(_ counts: ClosedRange<Int>) -> String {
                String(
                    (0..<Int.random(in: counts, using: &random)).map { _ in
                        "0123456789".randomElement(using: &random) ?? "0"
                    })
            }
            let whole = sign + digits(1...19)
            let point = sign + digits(0...12) + "." + digits(0...10)
            let exponent =
                point + (Bool.random(using: &random) ? "e-\(Int.random(in: 0...30, using: &random))" : "")
            lines.append([whole, point, exponent])
        }
        let text = lines.map { $0.joined(separator: ",") + "\n" }.joined()
        for type in [
            DataType.bigint, .integer, .doublePrecision, .real, .decimal(precision: 18, scale: 4),
            .decimal(precision: 38, scale: 9),
        ] {
            let fields = ["a", "b", "c"].map { FileColumn(name: $0, type: type) }
            let result = CSVTexts.read(text, fields, skips: true)
            var expected: [[String?]] = []
            for line in lines {
                var row: [String?] = []
                for field in line {
                    // A float is rounded once, from the decimal text.
                    if type == .real, let value = Float(field), value.isFinite {
                        row.append(Value.real(value).text)
                    } else if let value = try? TextReader.value(field, as: type) {
                        row.append(value.text)
                    }
                }
                if row.count == 3 { expected.append(row) }
            }
            #expect(result.rows == expected, "\(type)")
        }
    }
}
