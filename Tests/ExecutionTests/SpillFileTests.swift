import Columns
import DurableIO
import Encodings
import Testing

@testable import Execution

@Suite("Rows set aside on a disk")
struct SpillFileTests {
    static let types = AggregateTests.types

    static func memory() -> OperatorMemory { OperatorMemory(MemoryBudget(limitBytes: 1 << 20), name: "test") }

    @Test("chunks of every type and form come back as they were", arguments: 0..<4 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let directory = SpillDirectory()
        let file = try SpillFile(directory.space(), Self.memory())
        let rows = SpilledRows(types: Self.types)
        let table = RandomValues.table(Self.types, rowCount: [1, 63, 2_048, 5_000][Int(seed)], &random)
        for chunk in table.chunks(usesDictionaries: seed % 2 == 1) { try rows.append(chunk, to: file) }
        let constants = DataChunk(
            columns: Self.types.map { Vector.constant(.null, type: $0, count: 3) }, rowCount: 3)
        try rows.append(constants, to: file)
        #expect(rows.rowCount == table.rows.count + 3)
        var read: [[Value]] = []
        for index in rows.blocks.indices {
            let chunk = try rows.chunk(index)
            read += (0..<chunk.rowCount).map { chunk.row($0) }
        }
        let expected = table.rows + (0..<3).map { _ in Self.types.map { _ in Value.null } }
        #expect(read.map { "\($0)" } == expected.map { "\($0)" })
        #expect(directory.names.isEmpty)
    }

    @Test("a full disk, damaged bytes, a short file and a limit are errors that name the cause")
    func faults() throws {
        let table = TestTable(types: [.integer], rows: (0..<500).map { [.integer($0)] })
        let chunk = table.chunks()[0]
        let directory = SpillDirectory()
        func code(_ space: SpillSpace) -> String? {
            do throws(ExecutionError) {
                let file = try SpillFile(space, Self.memory())
                _ = try file.read(try file.append(chunk), types: table.types)
                return nil
            } catch {
                return error.sqlState
            }
        }
        #expect(code(directory.space()) == nil)
        #expect(code(directory.space(fileSystem: FailingFileSystem(.writesAreFull))) == "53100")
        #expect(code(directory.space(fileSystem: FailingFileSystem(.flippedBytes))) == "XX001")
        #expect(code(directory.space(fileSystem: FailingFileSystem(.shortReads))) == "XX001")
        let small = directory.space(limitBytes: 100)
        #expect(code(small) == "53400")
        #expect(small.usedBytes == 0)
        #expect(directory.names.isEmpty)
    }

    @Test("no cut of a chunk's bytes is read beyond its end")
    func cuts() throws {
        var random = SeededGenerator(seed: 9)
        let table = RandomValues.table([.text, .integer, .boolean], rowCount: 70, &random)
        let bytes = SpilledBytes(table.chunks()[0])
        #expect(bytes.decoded(bytes.count, table.types, 70) != nil)
        for count in 0..<bytes.count { #expect(bytes.decoded(count, table.types, 70) == nil) }
    }

    @Test("keys that are equal in SQL have one hash")
    func equalKeys() {
        func hash(_ value: Value, _ type: DataType) -> UInt64 {
            var result: UInt64 = 0
            KeyHash.hash([Vector.constant(value, type: type, count: 1)], count: 1, into: &result)
            return result
        }
        #expect(hash(.doublePrecision(0), .doublePrecision) == hash(.doublePrecision(-0.0), .doublePrecision))
        let month = Value.interval(Interval(months: 1, days: 0))
        #expect(hash(month, .interval) == hash(.interval(Interval(months: 0, days: 30)), .interval))
        #expect(hash(.null, .text) != hash(.text(""), .text))
        #expect(hash(.integer(1), .integer) != hash(.integer(2), .integer))
    }

    @Test("files of a dead process are removed")
    func leftovers() throws {
        let directory = SpillDirectory()
        let space = directory.space()
        let files = POSIXFileSystem()
        try files.makeDirectory(directory.path)
        _ = try files.open(directory.path + "/ambar-spill-1-1-x", .create)
        _ = try files.open(directory.path + "/notes.txt", .create)
        try space.removeLeftovers()
        #expect(directory.names == ["notes.txt"])
    }
}

/// A chunk as bytes, and what any beginning of them reads as.
struct SpilledBytes {
    private let raw = RawBytes()

    init(_ chunk: DataChunk) { ChunkCodec.encode(chunk, into: raw) }

    var count: Int { raw.count }

    func decoded(_ byteCount: Int, _ types: [DataType], _ rowCount: Int) -> DataChunk? {
        ChunkCodec.decode(
            UnsafeRawBufferPointer(start: raw.base, count: byteCount), types: types, rowCount: rowCount)
    }
}
