import Columns
import DurableIO
import Storage
import TableCatalog
import Testing

@Suite("Verifying and inspecting a store")
struct MaintenanceVerifyTests {
    static let types = Samples.keyed().columns.types

    /// A store with two tables, several row groups and deletions.
    static func makeStore(_ disk: SimulatedDisk) throws -> ColumnStore {
        let store = try ColumnStore.open(directory: "/store", fileSystem: disk)
        for round in 0..<4 as Range<Int64> {
            let transaction = try store.begin()
            let items =
                try transaction.tableID(named: Samples.keyed().name)
                ?? transaction.createTable(Samples.keyed())
            let everything =
                try transaction.tableID(named: Samples.everything().name)
                ?? transaction.createTable(Samples.everything())
            let rows: [[Value]] = (0..<3000).map {
                [.bigint(round * 2000 + $0), $0 % 7 == 0 ? .null : .text("name \($0 % 90)")]
            }
            for start in stride(from: 0, to: 3000, by: 1000) {
                let part = Array(rows[start..<(start + 1000)])
                try transaction.upsert(items, Samples.chunk(part, types: types))
            }
            var generator = SeededGenerator(UInt64(round))
            let mixed = (0..<700).map { _ in
                Samples.allTypes.map { Samples.random($0, &generator, distinct: 40) }
            }
            try Samples.append(mixed, to: everything, in: transaction, types: Samples.allTypes)
            _ = try transaction.commit()
        }
        return store
    }

    @Test("a sound store has no faults, read by its writer or by another, with all versions or one")
    func sound() throws {
        let disk = SimulatedDisk(seed: 1)
        let store = try Self.makeStore(disk)
        let items = try #require(store.snapshot().catalog.table(named: Samples.keyed().name))
        try store.compactIfNeeded(items)
        let transaction = try store.begin()
        try transaction.truncate(items)
        _ = try transaction.commit()
        var steps: [VerificationProgress] = []
        let newest = try store.verify { steps.append($0) }
        #expect(newest.isSound, "\(newest.faults)")
        #expect(newest.rows == 2800)
        #expect(newest.segments == 4 * Samples.allTypes.count)
        #expect(steps.count == 4 && steps.last?.rowGroupsDone == 4 && steps.last?.rowGroups == 4)
        let reader = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
        let all = try reader.verify(allVersions: true)
        #expect(all.isSound, "\(all.faults)")
        #expect(all.rows >= 2800 + 12_000)
        #expect(all.orphanFiles == [] && all.uncommittedFiles == [])
    }

    @Test("every flipped bit of a data file is found, and all faults are told")
    func damage() throws {
        let disk = SimulatedDisk(seed: 1)
        _ = try Self.makeStore(disk)
        let names = try disk.list("/store/data").map { "/store/data/" + $0 }
        for (index, path) in names.enumerated() {
            let size = disk.contents(of: path).count
            let step = max(1, size / 40)
            for byte in stride(from: index % step, to: size, by: step) {
                disk.flipBit(of: path, byte: byte, bit: byte % 8)
                let reader = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
                let report = try reader.verify()
                #expect(report.faults.contains { $0.path == path }, "byte \(byte) of \(path)")
                disk.flipBit(of: path, byte: byte, bit: byte % 8)
            }
        }
        disk.flipBit(of: names[0], byte: 20, bit: 0)
        disk.flipBit(of: names[1], byte: 3, bit: 0)
        disk.flipBit(of: names[3], byte: 60, bit: 0)
        try disk.remove(names[2])
        let reader = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
        let report = try reader.verify()
        #expect(Set(report.faults.map(\.path)) == Set(names[0..<4]))
        let first = try #require(report.faults.first { $0.path == names[0] })
        #expect(first.byteOffset == 16)
        #expect(first.column != nil && first.table != nil)
        #expect(first.description.hasPrefix("/store/data/00000001.rows at offset 16 ("))
    }

    @Test("files that no version names are listed")
    func orphans() throws {
        let disk = SimulatedDisk(seed: 1)
        let store = try Self.makeStore(disk)
        let reader = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
        let transaction = try store.begin()
        let items = try #require(transaction.tableID(named: Samples.keyed().name))
        try transaction.truncate(items)
        _ = try transaction.commit()
        try store.vacuum(retaining: .newestOnly)
        _ = try disk.open("/store/data/000000ff.rows", .create)
        let late = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
        let report = try late.verify()
        #expect(report.isSound)
        #expect(report.orphanFiles.count == 4)
        #expect(report.uncommittedFiles == ["/store/data/000000ff.rows"])
        #expect(try reader.verify().isSound)
    }

    @Test("an inspection tells rows, bytes, encodings and bounds")
    func inspection() throws {
        let disk = SimulatedDisk(seed: 1)
        let store = try Self.makeStore(disk)
        let inspection = try store.snapshot().inspect()
        #expect(inspection.version.number == 4)
        #expect(inspection.versions.count == 5)
        #expect(inspection.manifestBytes == disk.contents(of: "/store/MANIFEST").count)
        let names = try disk.list("/store/data")
        #expect(inspection.dataFiles == names.count)
        let bytes = names.reduce(0) { $0 + disk.contents(of: "/store/data/" + $1).count }
        #expect(inspection.dataFileBytes == bytes)
        #expect(inspection.tables.map(\.definition.name.name) == ["everything", "item"])
        let stored = inspection.tables.reduce(0) { $0 + $1.storedBytes }
        // The rest is headers and deletions.
        #expect(stored < bytes && stored > bytes - names.count * 1000)
        let item = inspection.tables[1]
        #expect(item.rows == 9000)
        #expect(item.deletedRows == 3000)
        #expect(item.deletedShare == 0.25)
        #expect(item.rowGroupRows.reduce(0, +) == 12_000)
        let id = item.columns[0]
        #expect(id.rawBytes == 12_000 * 8)
        #expect(id.minimum == .bigint(0) && id.maximum == .bigint(8999))
        #expect(id.nullCount == 0)
        #expect(abs(id.distinctEstimate - 9000) < 1500)
        #expect(id.ratio > 2)
        #expect(id.encodings.reduce(0) { $0 + $1.count } == item.rowGroupRows.count)
        let name = item.columns[1]
        let lengths = (0..<3000).filter { $0 % 7 != 0 }.map { "name \($0 % 90)".utf8.count }
        #expect(name.rawBytes == 4 * lengths.reduce(0, +))
        #expect(name.encodings.first?.name == "tableDictionary")
        #expect(name.minimum == .text("name 0"))
    }
}
