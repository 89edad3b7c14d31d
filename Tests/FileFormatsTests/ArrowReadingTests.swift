import Columns
import DurableIO
import FileFormats
import Testing

@Suite("reading Arrow")
struct ArrowReadingTests {
    static func open(_ name: String, columns: [String]? = nil) throws -> ArrowSource {
        try ArrowSource(
            path: BinaryFixtures.directory + name, fileSystem: POSIXFileSystem(), columns: columns)
    }

    @Test("every type is read from files of every compression", arguments: ["none", "zstd", "lz4"])
    func types(compression: String) throws {
        for kind in ["optional", "required"] {
            let source = try Self.open("types_\(compression)_\(kind).arrow")
            #expect(source.columns.map(\.type) == ParquetReadingTests.types)
            let rows = try BinaryFixtures.rows(of: source)
            let wanted = try BinaryFixtures.expected("types_\(kind).tsv")
            #expect(BinaryFixtures.firstDifference(rows, wanted) == nil)
            #expect(source.progress.bytesRead == source.progress.bytesTotal)
        }
    }

    @Test("a stream is read like a file")
    func stream() throws {
        let rows = try BinaryFixtures.rows(of: Self.open("types_stream.arrows"))
        let wanted = try BinaryFixtures.expected("types_optional.tsv")
        #expect(BinaryFixtures.firstDifference(rows, wanted) == nil)
        let some = try BinaryFixtures.rows(of: Self.open("types_stream.arrows", columns: ["long", "flag"]))
        #expect(some == wanted.map { [$0[20], $0[0]] })
    }

    @Test("dictionaries, views, intervals and wide decimals are read past a nested column")
    func others() throws {
        let names = ["word", "code", "view", "none", "span", "late", "second", "small"]
        let source = try Self.open("others.arrow", columns: names)
        let rows = try BinaryFixtures.rows(of: source)
        #expect(rows.count == 25)
        let words = ["касса", "\\N", "сайт", "a marketplace of others", "касса"]
        for (index, row) in rows.enumerated() {
            let word = words[index % 5]
            let late = index == 24 ? "\\N" : ["-1", "0", "1"][index % 3]
            #expect(
                row == [
                    word, "\(index)", word == "\\N" ? word : word + word, "\\N",
                    "\(index)/\(-index)/\(index * 1_500)", late, "-5000000", "-123",
                ])
        }
    }

    @Test("dictionary columns become dictionary vectors of text")
    func dictionaryVectors() throws {
        let source = try Self.open("others.arrow", columns: ["word"])
        let piece = try #require(try source.nextPiece())
        #expect(try source.decode(piece).chunks[0].columns[0].form == .dictionary)
    }

    @Test("a nested column is refused by its name, a file without rows has columns")
    func refusals() throws {
        let path = BinaryFixtures.directory + "others.arrow"
        #expect(throws: FileFormatError.unsupported(file: path, what: "Arrow type List, column tags")) {
            try Self.open("others.arrow")
        }
        let empty = try Self.open("empty.arrow")
        #expect(empty.columns.count == 8)
        #expect(try BinaryFixtures.rows(of: empty).isEmpty)
        #expect(
            throws: FileFormatError.malformed(
                file: BinaryFixtures.directory + "empty.parquet", byteOffset: 0,
                reason: "message of 827474256 bytes")
        ) { try Self.open("empty.parquet") }
    }
}
