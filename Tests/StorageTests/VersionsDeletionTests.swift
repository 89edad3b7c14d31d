import Columns
import DurableIO
import Storage
import TableCatalog
import Testing

@Suite("Deleted rows on disk")
struct VersionsDeletionTests {
    static let types = Samples.keyed().columns.types

    private func makeStore(_ disk: SimulatedDisk, rows: Int64) throws -> (ColumnStore, TableID) {
        let store = try ColumnStore.open(directory: "/store", fileSystem: disk)
        let transaction = try store.begin()
        let table = try transaction.createTable(Samples.keyed())
        let rows: [[Value]] = (0..<rows).map { [.bigint($0), .text("x")] }
        try Samples.append(rows, to: table, in: transaction, types: Self.types)
        _ = try transaction.commit()
        return (store, table)
    }

    private func delete(_ ids: [Int64], from table: TableID, in store: ColumnStore) throws {
        let transaction = try store.begin()
        var start = 0
        while start < ids.count {
            let part = Array(ids[start..<min(start + DataChunk.capacity, ids.count)])
            try transaction.delete(table, keys: Samples.keys(part))
            start += part.count
        }
        _ = try transaction.commit()
    }

    private func ids(_ table: TableID, in snapshot: StoreSnapshot) throws -> [Int64] {
        try Samples.rows(of: table, in: snapshot, columns: [0]).compactMap { $0[0].integerValue }
    }

    @Test("few deleted rows are in the manifest, many in a file, and the manifest stays small")
    func places() throws {
        let disk = SimulatedDisk(seed: 1)
        let (store, table) = try makeStore(disk, rows: 10_000)
        try delete([5, 9000], from: table, in: store)
        #expect(try disk.list("/store/data").count == 1)
        try delete(Array(stride(from: 0, to: 10_000, by: 3)), from: table, in: store)
        #expect(try disk.list("/store/data").count == 2)
        // A list of two-byte numbers would be longer than a bit for every row.
        let block = disk.contents(of: "/store/data/00000002.rows")
        #expect(block.count == 16 + 20 + (10_000 + 63) / 64 * 8 + 4)
        #expect(Array(block[16..<20]) == Array("ADV1".utf8))
        try delete([1, 4], from: table, in: store)
        #expect(try disk.list("/store/data").count == 2)
        for start in stride(from: 2, to: 300, by: 3) as StrideTo<Int64> {
            try delete([start], from: table, in: store)
        }
        #expect(try disk.list("/store/data").count == 5)
        #expect(disk.contents(of: "/store/MANIFEST").count < 5000)
        let gone = Set<Int64>([5, 9000, 1, 4]).union(stride(from: 0, to: 10_000, by: 3))
            .union(stride(from: 2, to: 300, by: 3))
        let expected = (0..<10_000).filter { !gone.contains($0) }
        do {
            let reader = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
            #expect(reader.snapshot().rowCount(of: table) == expected.count)
            #expect(try ids(table, in: reader.snapshot()) == expected)
            #expect(try ids(table, in: reader.snapshot().asOf(version: 2)).count == 9998)
        }
        #expect(try store.vacuum(retaining: .newestOnly).filesUnlinked == 3)
        #expect(try ids(table, in: store.snapshot()) == expected)
    }

    @Test("a damaged deletion block is an error of the scan and a fault of the verification")
    func damage() throws {
        let disk = SimulatedDisk(seed: 1)
        let (store, table) = try makeStore(disk, rows: 3000)
        try delete(Array(100..<200), from: table, in: store)
        let path = "/store/data/00000002.rows"
        for byte in 16..<disk.contents(of: path).count {
            disk.flipBit(of: path, byte: byte, bit: byte % 8)
            let reader = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
            #expect(reader.snapshot().rowCount(of: table) == 2900)
            let error = #expect(throws: StorageError.self) { try ids(table, in: reader.snapshot()) }
            guard case .damagedFile(path, 16, _) = error else {
                Issue.record("byte \(byte): \(String(describing: error))")
                return
            }
            let report = try reader.verify()
            #expect(report.faults.map(\.path) == [path])
            #expect(report.faults.first?.byteOffset == 16)
            disk.flipBit(of: path, byte: byte, bit: byte % 8)
        }
    }

    @Test("deletions of one commit in several tables and row groups share a file")
    func sharedFile() throws {
        let disk = SimulatedDisk(seed: 1)
        let store = try ColumnStore.open(directory: "/store", fileSystem: disk)
        var transaction = try store.begin()
        let tables = try ["a", "b", "c"].map { try transaction.createTable(Samples.keyed($0)) }
        let rows: [[Value]] = (0..<2000).map { [.bigint($0), .text("x")] }
        for table in tables { try transaction.append(table, Samples.chunk(rows, types: Self.types)) }
        _ = try transaction.commit()
        let before = try disk.list("/store/data").count
        transaction = try store.begin()
        for table in tables { try transaction.delete(table, keys: Samples.keys(Array(50..<150))) }
        _ = try transaction.commit()
        #expect(try disk.list("/store/data").count == before + 1)
        // A commit that appends writes them beside its rows.
        transaction = try store.begin()
        for table in tables { try transaction.delete(table, keys: Samples.keys(Array(200..<300))) }
        try transaction.append(tables[1], Samples.chunk([[.bigint(9000), .null]], types: Self.types))
        _ = try transaction.commit()
        #expect(try disk.list("/store/data").count == before + 2)
        for table in tables {
            let found = Set(try ids(table, in: store.snapshot()))
            let expected = Set<Int64>(0..<2000).subtracting(50..<150).subtracting(200..<300)
            #expect(found == (table == tables[1] ? expected.union([9000]) : expected))
        }
        try store.backup(to: "/copy")
        let copy = try ColumnStore.open(directory: "/copy", fileSystem: disk)
        #expect(try copy.verify(allVersions: true).isSound)
        #expect(try ids(tables[0], in: copy.snapshot()).count == 1800)
    }
}
