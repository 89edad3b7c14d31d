import Columns
import FileFormats
import Testing

@Suite("reading Parquet")
struct ParquetReadingTests {
    static let types: [DataType] = [
        .boolean, .smallint, .smallint, .integer, .bigint, .smallint, .integer, .bigint,
        .decimal(precision: 20, scale: 0), .real, .real, .doublePrecision,
        .decimal(precision: 7, scale: 2), .decimal(precision: 15, scale: 3),
        .decimal(precision: 38, scale: 10), .date, .timestamp, .timestamp, .timestamp, .text, .text, .uuid,
    ]

    @Test(
        "every type is read from pages of both versions and every codec",
        arguments: ["none", "snappy", "gzip", "zstd", "lz4"], ["1", "2"])
    func types(codec: String, version: String) throws {
        for kind in ["optional", "required"] {
            let source = try BinaryFixtures.parquet("types_\(codec)_v\(version)_\(kind).parquet")
            #expect(source.columns.map(\.type) == Self.types)
            #expect(source.rowCount == 90)
            let rows = try BinaryFixtures.rows(of: source)
            let wanted = try BinaryFixtures.expected("types_\(kind).tsv")
            #expect(BinaryFixtures.firstDifference(rows, wanted) == nil)
            #expect(source.progress.bytesRead == source.progress.bytesTotal)
        }
    }

    @Test(
        "every encoding is read with and without NULLs",
        arguments: ["dictionary", "delta", "lengths", "prefixes", "split", "runs"], ["1", "2"])
    func encodings(encoding: String, version: String) throws {
        for kind in ["optional", "required"] {
            let source = try BinaryFixtures.parquet("encoding_\(encoding)_v\(version)_\(kind).parquet")
            let rows = try BinaryFixtures.rows(of: source)
            let wanted = try BinaryFixtures.expected("encoding_\(encoding)_\(kind).tsv")
            #expect(BinaryFixtures.firstDifference(rows, wanted) == nil)
        }
    }

    @Test("columns are read alone and in another order")
    func subset() throws {
        let source = try BinaryFixtures.parquet(
            "types_zstd_v1_optional.parquet", columns: ["text", "flag", "int64"])
        let wanted = try BinaryFixtures.expected("types_optional.tsv").map { [$0[19], $0[0], $0[4]] }
        #expect(try BinaryFixtures.rows(of: source) == wanted)
        let none = try BinaryFixtures.parquet("types_zstd_v1_optional.parquet", columns: [])
        #expect(try BinaryFixtures.rows(of: none).count == 90)
    }

    @Test("pieces can be decoded in any order")
    func pieces() throws {
        let source = try BinaryFixtures.parquet("types_snappy_v2_required.parquet", columns: ["int64"])
        var pieces: [any FilePiece] = []
        while let piece = try source.nextPiece() { pieces.append(piece) }
        #expect(pieces.map(\.sequence) == [0, 1])
        let wanted = try BinaryFixtures.expected("types_required.tsv").map { $0[4] }
        let last = try source.decode(pieces[1]).chunks.flatMap { chunk in
            (0..<chunk.rowCount).map { BinaryFixtures.text(chunk.row($0)[0]) }
        }
        #expect(last == Array(wanted[50...]))
    }

    @Test("a dictionary that overflows goes on with plain values")
    func fallback() throws {
        let rows = try BinaryFixtures.rows(of: BinaryFixtures.parquet("fallback.parquet"))
        #expect(rows.count == 3000)
        for (index, row) in rows.enumerated() {
            let wanted = "value number \(Self.mix(UInt64(index), 1) % 400)"
            guard row == [wanted] else {
                Issue.record("row \(index): \(row), not \(wanted)")
                break
            }
        }
    }

    /// `mix` of the script that made the files.
    static func mix(_ row: UInt64, _ salt: UInt64) -> UInt64 {
        var number = (row &* 2_654_435_761 &+ salt &* 40503 &+ 12345) & 0xFFFF_FFFF
        number ^= number >> 15
        number = (number &* 2_246_822_519) & 0xFFFF_FFFF
        return number ^ number >> 13
    }

    @Test("dictionary pages become dictionary vectors of text")
    func dictionaryVectors() throws {
        let source = try BinaryFixtures.parquet("encoding_dictionary_v1_optional.parquet", columns: ["word"])
        let piece = try #require(try source.nextPiece())
        let chunks = try source.decode(piece).chunks
        #expect(chunks.map(\.rowCount) == [2048, 152])
        #expect(chunks.allSatisfy { $0.columns[0].form == .dictionary })
    }

    @Test("timestamps of 96 bits are cut to microseconds toward the past")
    func int96() throws {
        let rows = try BinaryFixtures.rows(of: BinaryFixtures.parquet("int96.parquet"))
        #expect(
            rows.map { $0[0] } == ["0", "-1", "0", "1700000000123456", "-621355968000000"])
    }

    @Test("columns of NULLs and bytes without a meaning are text")
    func withoutMeaning() throws {
        let source = try BinaryFixtures.parquet("nothing.parquet")
        #expect(source.columns.map(\.type) == [.text, .text])
        #expect(try BinaryFixtures.rows(of: source) == [["\\N", "x"], ["\\N", "yz"]])
    }

    @Test("a nested column is refused by its name, its neighbours are read")
    func nested() throws {
        let path = BinaryFixtures.directory + "nested.parquet"
        #expect(throws: FileFormatError.unsupported(file: path, what: "nested column: tags")) {
            try BinaryFixtures.parquet("nested.parquet")
        }
        let source = try BinaryFixtures.parquet("nested.parquet", columns: ["last", "id"])
        #expect(try BinaryFixtures.rows(of: source) == [["p", "1"], ["q", "2"]])
        #expect(throws: FileFormatError.invalidRequest("file \(path) has no column: nope")) {
            try BinaryFixtures.parquet("nested.parquet", columns: ["nope"])
        }
    }

    @Test("a file without rows has columns and no pieces")
    func empty() throws {
        let source = try BinaryFixtures.parquet("empty.parquet")
        #expect(source.columns == [FileColumn(name: "id", type: .integer)])
        #expect(try BinaryFixtures.rows(of: source).isEmpty)
    }

    @Test("what is not read is named")
    func unsupported() throws {
        let path = BinaryFixtures.directory
        #expect(
            throws: FileFormatError.unsupported(
                file: path + "brotli.parquet", what: "brotli compression, column id")
        ) { try BinaryFixtures.rows(of: BinaryFixtures.parquet("brotli.parquet")) }
        #expect(
            throws: FileFormatError.unsupported(
                file: path + "time.parquet", what: "int64 as time, column t")
        ) { try BinaryFixtures.parquet("time.parquet") }
    }
}
