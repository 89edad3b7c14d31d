import Columns
import DurableIO
import Storage
import TableCatalog
import Testing

@Suite("Damaged stores")
struct DamageTests {
    /// A small store with every kind of record in its manifest, and what it holds.
    private func makeStore(on disk: SimulatedDisk) throws -> [[Value]] {
        let store = try ColumnStore.open(directory: "/store", fileSystem: disk)
        var transaction = try store.begin()
        let table = try transaction.createTable(Samples.keyed())
        let types = Samples.keyed().columns.types
        let rows: [[Value]] = (0..<40).map { [.bigint(Int64($0)), .text("name \($0 % 9)")] }
        try Samples.append(rows, to: table, in: transaction, types: types)
        try transaction.setProperty("k", to: "v", of: table)
        _ = try transaction.commit()
        transaction = try store.begin()
        try transaction.delete(table, keys: Samples.keys([3, 4]))
        try Samples.append([[.bigint(100), .text("сто")]], to: table, in: transaction, types: types)
        try transaction.setReplicationPosition("slot", lsn: 5)
        _ = try transaction.commit()
        return try contents(of: store)
    }

    private func contents(of store: ColumnStore) throws -> [[Value]] {
        let snapshot = store.snapshot()
        guard let table = snapshot.catalog.table(schema: "shop", name: "item") else { return [] }
        return try Samples.rows(of: table, in: snapshot)
    }

    @Test("a flipped bit anywhere is an error or harmless, and never wrong data or a trap")
    func flippedBits() throws {
        let disk = SimulatedDisk(seed: 1)
        let expected = try makeStore(on: disk)
        var errors = 0
        var generator = SeededGenerator(7)
        for path in disk.paths where path.hasSuffix(".rows") || path.hasSuffix("MANIFEST") {
            let size = disk.contents(of: path).count
            for byte in stride(from: 0, to: size, by: path.hasSuffix(".rows") ? 2 : 1) {
                let bit = Int(generator.next() % 8)
                disk.flipBit(of: path, byte: byte, bit: bit)
                do {
                    let store = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
                    #expect(try contents(of: store) == expected, "\(path) byte \(byte) bit \(bit)")
                } catch let error as StorageError {
                    errors += 1
                    switch error {
                    case .damagedManifest, .damagedFile, .notAManifest, .unsupportedFormat: break
                    default: Issue.record("\(path) byte \(byte) bit \(bit): \(error)")
                    }
                }
                disk.flipBit(of: path, byte: byte, bit: bit)
            }
        }
        #expect(errors > 400)
    }

    @Test(
        "a manifest of any wrong bytes is an error or a prefix of the commits",
        arguments: 0..<60 as Range<UInt64>)
    func mutatedManifest(seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed)
        _ = try makeStore(on: disk)
        var generator = SeededGenerator(seed)
        let size = disk.contents(of: "/store/MANIFEST").count
        let file = try disk.open("/store/MANIFEST", .readWrite)
        for _ in 0...Int(seed % 5) {
            let byte = Int(generator.next() % UInt64(size))
            try file.write([UInt8(truncatingIfNeeded: generator.next())], atByteOffset: byte)
        }
        if seed % 3 == 0 { try file.truncate(toByteCount: Int(generator.next() % UInt64(size))) }
        do {
            let store = try ColumnStore.open(directory: "/store", fileSystem: disk)
            #expect(store.snapshot().version <= 2)
        } catch {
            #expect(!error.description.isEmpty)
        }
    }

    @Test("a missing data file is an error that names it")
    func missingFile() throws {
        let disk = SimulatedDisk(seed: 2)
        _ = try makeStore(on: disk)
        let path = try #require(disk.paths.first { $0.hasSuffix(".rows") })
        try disk.remove(path)
        let store = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
        #expect(throws: StorageError.files(.notFound(path: path))) { try contents(of: store) }
    }

    @Test("another format's version is refused by name")
    func otherVersion() throws {
        let disk = SimulatedDisk(seed: 3)
        _ = try makeStore(on: disk)
        var header = Array(disk.contents(of: "/store/MANIFEST")[0..<12])
        header[8] = 2
        let file = try disk.open("/store/MANIFEST", .readWrite)
        var writer = BinaryWriter()
        writer.writeRaw(header)
        writer.write(CRC32C.checksum(header))
        try file.write(writer.bytes, atByteOffset: 0)
        #expect(throws: StorageError.unsupportedFormat(path: "/store/MANIFEST", version: 2)) {
            try ColumnStore.open(directory: "/store", fileSystem: disk)
        }
    }
}
