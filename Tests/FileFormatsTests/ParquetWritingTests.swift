import Columns
import DurableIO
import FileFormats
import Testing

@Suite("writing Parquet")
struct ParquetWritingTests {
    static func write(_ table: RandomTable, _ options: ParquetOptions = ParquetOptions()) throws -> [UInt8] {
        let output = BinarySink()
        let sink = try ParquetSink(output, columns: RandomTable.columns, options: options)
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
        for options in [
            ParquetOptions(), ParquetOptions(compression: .none, rowGroupRows: 2500),
            ParquetOptions(compression: .zstd(level: 9), rowGroupRows: 1),
        ] {
            let bytes = try Self.write(table, options)
            let source = try ParquetSource(file: BinaryFile(bytes))
            #expect(source.rowCount == rowCount)
            #expect(source.columns.map(\.name) == RandomTable.columns.map(\.name))
            let types = RandomTable.columns.map { $0.type == .interval ? .text : $0.type }
            #expect(source.columns.map(\.type) == types)
            #expect(BinaryFixtures.firstDifference(try BinaryFixtures.rows(of: source), table.rows) == nil)
        }
    }

    @Test("selected rows alone are written")
    func selection() throws {
        let table = RandomTable(seed: 3, rowCount: 100, nullShare: 4)
        let output = BinarySink()
        let sink = try ParquetSink(output, columns: RandomTable.columns)
        var wanted: [[String]] = []
        for chunk in table.chunks {
            let rows = Array(stride(from: 0, to: chunk.rowCount, by: 3))
            let picked = DataChunk(
                columns: chunk.columns, rowCount: chunk.rowCount, selection: SelectionVector(rows))
            try sink.write(picked)
            wanted += (0..<rows.count).map { picked.row($0).dropLast().map(BinaryFixtures.text) }
        }
        try sink.finish()
        let names = RandomTable.columns.dropLast().map(\.name)
        let source = try ParquetSource(file: BinaryFile(output.bytes), columns: names)
        #expect(BinaryFixtures.firstDifference(try BinaryFixtures.rows(of: source), wanted) == nil)
    }

    @Test("70,000 rows in a large row group are read in parts", .enabled(if: BinaryFixtures.isLong))
    func large() throws {
        let table = RandomTable(seed: 7, rowCount: 70_000, nullShare: 9)
        let bytes = try Self.write(table)
        let source = try ParquetSource(file: BinaryFile(bytes))
        #expect(BinaryFixtures.firstDifference(try BinaryFixtures.rows(of: source), table.rows) == nil)
    }

    @Test("a row group of more rows than a piece is read in parts that meet")
    func parts() throws {
        let columns = [FileColumn(name: "n", type: .integer), FileColumn(name: "t", type: .text)]
        let output = BinarySink()
        let sink = try ParquetSink(
            output, columns: columns, options: ParquetOptions(rowGroupRows: 300_000))
        let builder = DataChunkBuilder(types: columns.map(\.type))
        for row in 0..<300_000 {
            builder.append([row % 3 == 0 ? .null : .integer(Int32(row)), .text("word \(row % 50)")])
            if builder.isFull || row == 299_999 { try sink.write(builder.finish()) }
        }
        try sink.finish()
        let source = try ParquetSource(file: BinaryFile(output.bytes))
        var pieces: [any FilePiece] = []
        while let piece = try source.nextPiece() { pieces.append(piece) }
        #expect(pieces.count == 3)
        var row = 0
        var wrong = 0
        for piece in pieces {
            for chunk in try source.decode(piece).chunks {
                for index in 0..<chunk.rowCount {
                    let number = chunk.columns[0].value(at: index)
                    let word = chunk.columns[1].value(at: index)
                    if number != (row % 3 == 0 ? .null : .integer(Int32(row))) { wrong += 1 }
                    if word != .text("word \(row % 50)") { wrong += 1 }
                    row += 1
                }
            }
        }
        #expect(row == 300_000)
        #expect(wrong == 0)
    }

    @Test("options and columns that cannot be are refused")
    func refused() {
        let column = FileColumn(name: "a", type: .integer)
        #expect(throws: FileFormatError.invalidRequest("two columns of one name in a Parquet file")) {
            try ParquetSink(BinarySink(), columns: [column, column])
        }
        #expect(throws: FileFormatError.invalidRequest("a Parquet file needs a column")) {
            try ParquetSink(BinarySink(), columns: [])
        }
        #expect(throws: FileFormatError.invalidRequest("level of zstd: 23")) {
            try ParquetSink(
                BinarySink(), columns: [column], options: ParquetOptions(compression: .zstd(level: 23)))
        }
    }
}
