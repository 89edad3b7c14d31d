import Columns
import DurableIO
import FileFormats
import Testing

@Suite("damaged Parquet and Arrow")
struct BinaryFuzzTests {
    struct Random {
        var state: UInt64

        mutating func next(_ limit: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, limit)))
        }
    }

    /// Flips bits, sets bytes and words to extremes, cuts off, doubles and moves parts.
    static func damage(_ bytes: [UInt8], _ random: inout Random) -> [UInt8] {
        var damaged = bytes
        for _ in 0...random.next(3) {
            guard damaged.count > 16 else { break }
            // The end holds the footer, where damage reaches furthest.
            let near = random.next(3) == 0 ? damaged.count - 1 - random.next(min(damaged.count, 2500)) : nil
            let at = max(0, min(near ?? random.next(damaged.count), damaged.count - 9))
            switch random.next(7) {
            case 0: damaged[at] ^= 1 << UInt8(random.next(8))
            case 1: damaged[at] = [0, 0x7F, 0x80, 0xFF, 1][random.next(5)]
            case 2: for index in 0..<4 { damaged[at + index] = 0xFF }
            case 3: for index in 0..<8 { damaged[at + index] = index == 7 ? 0x7F : 0xFF }
            case 4: damaged.removeSubrange(at..<min(damaged.count, at + 1 + random.next(40)))
            case 5:
                let length = min(1 + random.next(60), damaged.count - at)
                let target = random.next(damaged.count - length + 1)
                damaged.replaceSubrange(target..<(target + length), with: damaged[at..<(at + length)])
            default: damaged[at] = UInt8(random.next(256))
            }
        }
        return random.next(12) == 0 ? Array(damaged.prefix(random.next(damaged.count))) : damaged
    }

    /// Reads all that can be read. Errors must name the file and the place.
    static func read(_ bytes: [UInt8], isArrow: Bool) {
        do throws(FileFormatError) {
            let file = BinaryFile(bytes)
            let source: any RowSource
            if isArrow {
                source = try ArrowSource(file: file)
            } else {
                source = try ParquetSource(file: file)
            }
            var pieces = 0
            while pieces < 20, let piece = try source.nextPiece() {
                pieces += 1
                for chunk in try source.decode(piece).chunks.prefix(3) {
                    for row in stride(from: 0, to: chunk.rowCount, by: 7) { _ = chunk.row(row) }
                }
            }
        } catch {
            switch error {
            case .malformed(let file, let byteOffset, let reason):
                #expect(file == "memory" && byteOffset >= 0 && !reason.isEmpty, "\(error)")
            case .unsupported(let file, let what): #expect(file == "memory" && !what.isEmpty)
            case .files(let cause): #expect(cause.path == "memory")
            case .badRow, .invalidRequest: Issue.record("error of another kind: \(error)")
            }
        }
    }

    static let parquet = [
        "types_none_v1_optional", "types_snappy_v2_optional", "types_gzip_v1_required",
        "types_zstd_v2_required", "types_lz4_v1_optional", "encoding_dictionary_v1_optional",
        "encoding_delta_v2_optional", "encoding_lengths_v1_required", "encoding_prefixes_v2_optional",
        "encoding_split_v1_optional", "encoding_runs_v2_optional", "fallback", "int96", "nothing", "nested",
    ]
    static let arrow = [
        "types_none_optional.arrow", "types_zstd_required.arrow", "types_lz4_optional.arrow",
        "types_stream.arrows", "others.arrow", "empty.arrow",
    ]

    /// Rounds for each file and seed.
    static let rounds = BinaryFixtures.isLong ? 3000 : 60

    @Test("a damaged Parquet file gives rows or an error that names the place", arguments: parquet)
    func parquetFiles(name: String) throws {
        let bytes = try BinaryFixtures.bytes(name + ".parquet")
        var random = Random(state: UInt64(name.utf8.count) &* 31)
        for _ in 0..<Self.rounds { Self.read(Self.damage(bytes, &random), isArrow: false) }
    }

    @Test("a damaged Arrow file gives rows or an error that names the place", arguments: arrow)
    func arrowFiles(name: String) throws {
        let bytes = try BinaryFixtures.bytes(name)
        var random = Random(state: UInt64(name.utf8.count) &* 37)
        for _ in 0..<Self.rounds { Self.read(Self.damage(bytes, &random), isArrow: true) }
    }

    @Test("a file that is cut off is refused", arguments: ["types_zstd_v2_required.parquet", "others.arrow"])
    func cut(name: String) throws {
        let bytes = try BinaryFixtures.bytes(name)
        for count in stride(from: 0, to: min(bytes.count, 3000), by: 7) {
            Self.read(Array(bytes.prefix(count)), isArrow: name.hasSuffix("arrow"))
        }
    }
}
