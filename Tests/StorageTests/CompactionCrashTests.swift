import Columns
import DurableIO
import TableCatalog
import Testing

@testable import Storage

@Suite("Crashes during compaction")
struct CompactionCrashTests {
    struct History {
        var acknowledged: [String] = []
        /// What a commit under way at the crash would have made.
        var underWay: [String]?
    }

    static let name = TableName(schema: "shop", name: "item")

    static func contents(_ store: ColumnStore) throws -> [String] {
        let snapshot = store.snapshot()
        guard let table = snapshot.catalog.table(named: name) else { return [] }
        return try CompactionTests.contents(table, snapshot)
    }

    /// Upserts, deletes and compacts a sorted table, with commits in the middle of merges, until the disk
    /// fails or the work is done.
    static func work(on disk: SimulatedDisk, seed: UInt64, history: inout History) throws {
        var generator = SeededGenerator(seed)
        let store = try ColumnStore.open(
            directory: "/store", fileSystem: disk, retention: seed % 2 == 0 ? .newestOnly : .standard)
        var model: [Int64: [Value]] = [:]
        if let table = store.snapshot().catalog.table(named: name) {
            for row in try Samples.rows(of: table, in: store.snapshot()) {
                if let id = row[0].integerValue { model[id] = row }
            }
        }
        func commit() throws -> TableID {
            let transaction = try store.begin()
            var draft = model
            let table =
                try transaction.tableID(named: name)
                ?? transaction.createTable(CompactionTests.definition(clusteringKey: [2, 0]))
            let rows = (0..<(generator.next() % 25 + 1)).map { _ in
                CompactionTests.row(Int64(generator.next() % 80), &generator)
            }
            try transaction.upsert(table, Samples.chunk(rows, types: CompactionTests.types))
            for row in rows { draft[row[0].integerValue ?? 0] = row }
            let gone = (0..<3).map { _ in Int64(generator.next() % 80) }
            try transaction.delete(table, keys: Samples.keys(gone))
            for id in gone { draft[id] = nil }
            let expected = CompactionTests.sorted(Array(draft.values))
            history.underWay = expected
            _ = try transaction.commit()
            model = draft
            history.acknowledged = expected
            history.underWay = nil
            return table
        }
        for round in 0..<12 {
            let table = try commit()
            switch round % 4 {
            case 1:
                _ = try CompactionTests.rewrite(table, of: store) { _ = try commit() }
            case 2: try store.compact(table, everything: true)
            default: _ = try Compactor(store).runOnce(table)
            }
        }
    }

    @Test(
        "a power loss at any write keeps every acknowledged row once", arguments: 0..<150 as Range<UInt64>)
    func powerLoss(seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed, failure: .powerLoss(atChange: Int(seed) + 1))
        var history = History()
        do { try Self.work(on: disk, seed: seed, history: &history) } catch is StorageError {
            #expect(disk.changeCount == Int(seed) + 1)
        }
        let recovered = disk.afterPowerLoss()
        let store = try ColumnStore.open(directory: "/store", fileSystem: recovered)
        let found = try Self.contents(store)
        #expect(found == history.acknowledged || found == history.underWay, "seed \(seed)")
        if let table = store.snapshot().catalog.table(named: Self.name) {
            try CompactionSortTests.expectSorted(table, in: store.snapshot())
            try store.compact(table, everything: true)
            try CompactionSortTests.expectSorted(table, in: store.snapshot())
        }
        #expect(try Self.contents(store) == found)
        // What the crash left behind is gone.
        try store.vacuum(retaining: .newestOnly)
        #expect(try recovered.list("/store/data").count <= 1)
    }

    @Test("a full disk or an I/O error during a merge loses nothing", arguments: 0..<100 as Range<UInt64>)
    func failingWrite(seed: UInt64) throws {
        let change = Int(seed / 2) * 3 + 1
        let disk = SimulatedDisk(
            seed: seed, failure: seed % 2 == 0 ? .diskFull(atChange: change) : .ioError(atChange: change))
        var history = History()
        do { try Self.work(on: disk, seed: seed, history: &history) } catch is StorageError {
            #expect(disk.changeCount >= change)
        }
        disk.fail(.none)
        let store = try ColumnStore.open(directory: "/store", fileSystem: disk)
        let found = try Self.contents(store)
        #expect(found == history.acknowledged || found == history.underWay, "seed \(seed)")
        try store.vacuum(retaining: .newestOnly)
        let table = store.snapshot().catalog.table(named: Self.name)
        let groups = table.flatMap { store.snapshot().state.tables[$0]?.rowGroups.count } ?? 0
        #expect(try disk.list("/store/data").count <= groups)
    }
}
