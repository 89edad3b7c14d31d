import Columns
import FileFormats
import Glibc
import Testing

@Suite("writing Arrow")
struct ArrowWritingTests {
    static func write(_ table: RandomTable, _ options: ArrowOptions = ArrowOptions()) throws -> [UInt8] {
        let output = BinarySink()
        let sink = try ArrowSink(output, columns: RandomTable.columns, options: options)
        for chunk in table.chunks { try sink.write(chunk) }
        try sink.finish()
        #expect(output.isFinished)
        return output.bytes
    }

    @Test(
        "what is written is read back: all types, NULLs, any number of rows",
        arguments: [(0, 0), (1, 0), (1, 1), (2, 3), (2047, 5), (2049, 0), (6000, 2)] as [(Int, UInt64)])
    func roundTrip(rowCount: Int, nullShare: UInt64) throws {
        let table = RandomTable(seed: UInt64(rowCount) &+ nullShare, rowCount: rowCount, nullShare: nullShare)
        let wanted = table.chunks.flatMap { chunk in
            (0..<chunk.rowCount).map { chunk.row($0).map(BinaryFixtures.text) }
        }
        for options in [
            ArrowOptions(), ArrowOptions(compression: .zstd(level: 3), batchRows: 2500),
            ArrowOptions(isStream: true, batchRows: 1),
        ] {
            let bytes = try Self.write(table, options)
            let source = try ArrowSource(file: BinaryFile(bytes))
            #expect(source.columns == RandomTable.columns)
            #expect(BinaryFixtures.firstDifference(try BinaryFixtures.rows(of: source), wanted) == nil)
        }
    }

    @Test("options and columns that cannot be are refused")
    func refused() throws {
        let column = FileColumn(name: "a", type: .interval)
        #expect(throws: FileFormatError.invalidRequest("two columns of one name in an Arrow file")) {
            try ArrowSink(BinarySink(), columns: [column, column])
        }
        #expect(throws: FileFormatError.invalidRequest("rows of a record batch: 0")) {
            try ArrowSink(BinarySink(), columns: [column], options: ArrowOptions(batchRows: 0))
        }
        let builder = DataChunkBuilder(types: [.interval])
        builder.append([.interval(Interval(microseconds: .max / 10))])
        let sink = try ArrowSink(BinarySink(), columns: [column])
        try sink.write(builder.finish())
        #expect(throws: FileFormatError.invalidRequest("interval too long for Arrow, column a")) {
            try sink.finish()
        }
    }

    @Test(
        "writes files for other programs to look at",
        .enabled(if: getenv("AMBAR_FIXTURE_OUTPUT") != nil))
    func forOthers() throws {
        guard let directory = getenv("AMBAR_FIXTURE_OUTPUT").map({ String(cString: $0) }) else { return }
        let table = RandomTable(seed: 5, rowCount: 5000, nullShare: 6)
        for (name, options) in [
            ("plain.arrow", ArrowOptions(batchRows: 2000)),
            ("zstd.arrow", ArrowOptions(compression: .zstd(level: 3))),
            ("stream.arrows", ArrowOptions(isStream: true)),
        ] {
            let bytes = try Self.write(table, options)
            try Self.save(bytes, directory + "/" + name)
        }
        try Self.save(try ParquetWritingTests.write(table), directory + "/same.parquet")
    }

    private static func save(_ bytes: [UInt8], _ path: String) throws {
        let file = try #require(fopen(path, "w"))
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
        fclose(file)
    }
}
