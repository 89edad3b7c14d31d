import Columns
import DurableIO
import Testing

@testable import FileFormats

/// Keeps what is written in memory.
final class MemorySink: ByteSink {
    private(set) var bytes: [UInt8] = []

    func write(_ part: UnsafeRawBufferPointer) throws(FileFormatError) { bytes.append(contentsOf: part) }

    func finish() throws(FileFormatError) {}
}

@Suite("CSV, by chance")
struct CSVPropertyTests {
    struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    static let types: [DataType] = [
        .text, .integer, .decimal(precision: 12, scale: 3), .timestamp, .text, .doublePrecision, .boolean,
        .date,
    ]

    static func rows(_ random: inout Random, count: Int) -> [[Value]] {
        let letters = ["a", "я", ",", "\"", "\n", "\r\n", " ", "€", "𝄞", "\\", "NULL", "1", "|"]
        return (0..<count).map { _ in
            types.map { type in
                if Int.random(in: 0..<9, using: &random) == 0 { return .null }
                switch type {
                case .text:
                    let length = Int.random(in: 0..<12, using: &random)
                    return .text(
                        (0..<length).map { _ in letters.randomElement(using: &random) ?? "" }.joined())
                case .integer: return .integer(Int32.random(in: .min ... .max, using: &random))
                case .timestamp:
                    return .timestamp(
                        Int64.random(in: -2_000_000_000_000_000...4_000_000_000_000_000, using: &random))
                case .doublePrecision:
                    let whole = Double(Int.random(in: -1_000_000...1_000_000, using: &random))
                    return .doublePrecision(Bool.random(using: &random) ? whole / 64 : whole * 1e-30)
                case .boolean: return .boolean(Bool.random(using: &random))
                case .date: return .date(Int32.random(in: -100_000...100_000, using: &random))
                default:
                    return .decimal(
                        unscaled: Int128(Int.random(in: -999_999_999_999...999_999_999_999, using: &random)),
                        scale: 3)
                }
            }
        }
    }

    static func written(_ rows: [[Value]], _ options: CSVOptions) throws -> [UInt8] {
        let output = MemorySink()
        let columns = types.enumerated().map { FileColumn(name: "c\($0 + 1)", type: $1) }
        let sink = CSVSink(output, columns: columns, options: options)
        let builder = DataChunkBuilder(types: types)
        for row in rows {
            if builder.isFull { try sink.write(builder.finish()) }
            builder.append(row)
        }
        try sink.write(builder.finish())
        try sink.finish()
        return output.bytes
    }

    @Test("what is written is read back, wherever the pieces are cut", arguments: 0..<60 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var random = Random(state: seed)
        let rows = Self.rows(&random, count: Int.random(in: 0..<200, using: &random))
        var options = CSVOptions()
        options.delimiter = [44, 59, 9, 124].randomElement(using: &random) ?? 44
        options.header = Bool.random(using: &random) ? .match : .none
        options.hasTrailingDelimiter = Bool.random(using: &random)
        if Bool.random(using: &random) {
            options.quote = 39
            options.escape = Bool.random(using: &random) ? 92 : 39
        }
        if Bool.random(using: &random) { options.null = Array("NULL".utf8) }
        let bytes = try Self.written(rows, options)
        let chosen = options
        for pieceBytes in [1, Int.random(in: 2..<300, using: &random), 1 << 20] {
            let read = try CSVReading.rows(
                bytes, Self.types, stepMax: Int.random(in: 1..<500, using: &random)
            ) {
                $0 = chosen
                $0.pieceBytes = pieceBytes
            }
            #expect(read.rows == rows, "pieces of \(pieceBytes) bytes")
        }
    }

    @Test("the line of a mistake does not depend on the pieces", arguments: 0..<20 as Range<UInt64>)
    func lines(seed: UInt64) throws {
        var random = Random(state: seed &+ 1000)
        let rows = Self.rows(&random, count: 40)
        var bytes = try Self.written(rows, CSVOptions())
        bytes += Array("bad row\n".utf8)
        let expected = bytes.dropLast(1).reduce(1) { $0 + ($1 == 10 ? 1 : 0) }
        for pieceBytes in [1, 77, 1 << 20] {
            let error = #expect(throws: FileFormatError.self) {
                try CSVReading.rows(bytes, Self.types) { $0.pieceBytes = pieceBytes }
            }
            guard case .badRow(_, let line, _, "22P04", _) = error else {
                Issue.record("another error: \(String(describing: error))")
                continue
            }
            #expect(line == expected)
        }
    }

    @Test(
        "damaged text gives rows or an error that names a line, never a trap",
        arguments: 0..<400 as Range<UInt64>)
    func fuzz(seed: UInt64) throws {
        var random = Random(state: seed &+ 5000)
        var bytes = try Self.written(Self.rows(&random, count: 12), CSVOptions())
        for _ in 0..<Int.random(in: 1..<12, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert([34, 44, 10, 13, 0, 255].randomElement(using: &random) ?? 34, at: place)
            default: bytes.removeSubrange(place...)
            }
        }
        let damaged = bytes
        let skips = Bool.random(using: &random)
        do {
            let read = try CSVReading.rows(damaged, Self.types) {
                $0.skipsBadRows = skips
                $0.pieceBytes = 64
            }
            #expect(read.rows.allSatisfy { $0.count == Self.types.count })
        } catch let error as FileFormatError {
            guard case .badRow(_, let line, _, _, _) = error else {
                Issue.record("another error: \(error)")
                return
            }
            #expect(line >= 1 && line <= damaged.count + 1)
        }
    }
}
