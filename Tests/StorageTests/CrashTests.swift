import Columns
import DurableIO
import Storage
import TableCatalog
import Testing

@Suite("Crashes and failing disks")
struct CrashTests {
    /// What the store held after each acknowledged commit.
    struct History {
        var acknowledged: [[[Value]]] = []
        /// The state that a commit under way at the crash would have made.
        var underWay: [[Value]]?
    }

    static let directory = "/store"

    private func contents(_ store: ColumnStore) throws -> [[Value]] {
        let snapshot = store.snapshot()
        guard let table = snapshot.catalog.table(schema: "shop", name: "item") else { return [] }
        return try Samples.rows(of: table, in: snapshot).sorted { "\($0)" < "\($1)" }
    }

    /// Appends, updates, deletes, compacts and truncates until the disk fails or the work is done.
    private func work(on disk: SimulatedDisk, seed: UInt64, history: inout History) throws {
        var generator = SeededGenerator(seed)
        let types = Samples.keyed().columns.types
        let store = try ColumnStore.open(directory: Self.directory, fileSystem: disk)
        var model: [Int64: [Value]] = [:]
        for row in try contents(store) {
            if let id = row[0].integerValue { model[id] = row }
        }
        for round in 0..<14 {
            let transaction = try store.begin()
            var draft = model
            let table =
                try transaction.tableID(named: Samples.keyed().name)
                ?? transaction.createTable(Samples.keyed())
            if round % 9 == 8 {
                try transaction.truncate(table)
                draft = [:]
            }
            let rows: [[Value]] = (0..<Int(generator.next() % 30 + 1)).map { _ in
                [.bigint(Int64(generator.next() % 60)), .text("значение \(generator.next() % 900)")]
            }
            try transaction.upsert(table, Samples.chunk(rows, types: types))
            for row in rows { draft[row[0].integerValue ?? 0] = row }
            let gone = Int64(generator.next() % 60)
            try transaction.delete(table, keys: Samples.keys([gone]))
            draft[gone] = nil
            let expected = draft.values.sorted { "\($0)" < "\($1)" }
            history.underWay = expected
            _ = try transaction.commit()
            model = draft
            history.acknowledged.append(expected)
            history.underWay = nil
            if round % 4 == 3 { try store.compactIfNeeded(table) }
        }
    }

    @Test(
        "a power loss at any change keeps every acknowledged commit and nothing else",
        arguments: 0..<240 as Range<UInt64>)
    func powerLoss(seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed, failure: .powerLoss(atChange: Int(seed % 120) + 1))
        var history = History()
        do { try work(on: disk, seed: seed, history: &history) } catch is StorageError {
            #expect(disk.changeCount == Int(seed % 120) + 1)
        }
        let recovered = disk.afterPowerLoss()
        let store = try ColumnStore.open(directory: Self.directory, fileSystem: recovered)
        let found = try contents(store)
        let last = history.acknowledged.last ?? []
        #expect(found == last || found == history.underWay, "seed \(seed)")
        // The store goes on working, also through a second loss of power.
        var again = History()
        again.acknowledged = [found]
        recovered.fail(.powerLoss(atChange: recovered.changeCount + Int(seed % 50) + 1))
        do { try work(on: recovered, seed: seed &+ 1, history: &again) } catch is StorageError {
            #expect(recovered.changeCount > 0)
        }
        let second = try ColumnStore.open(directory: Self.directory, fileSystem: recovered.afterPowerLoss())
        let foundAgain = try contents(second)
        #expect(foundAgain == again.acknowledged.last || foundAgain == again.underWay, "seed \(seed)")
    }

    @Test("a full disk or an I/O error fails one commit and loses none", arguments: 0..<120 as Range<UInt64>)
    func failingChange(seed: UInt64) throws {
        let change = Int(seed / 2) + 1
        let disk = SimulatedDisk(
            seed: seed, failure: seed % 2 == 0 ? .diskFull(atChange: change) : .ioError(atChange: change))
        var history = History()
        var failed = false
        do { try work(on: disk, seed: seed, history: &history) } catch is StorageError { failed = true }
        disk.fail(.none)
        let store = try ColumnStore.open(directory: Self.directory, fileSystem: disk)
        let found = try contents(store)
        #expect(
            found == history.acknowledged.last ?? [] || (failed && found == history.underWay), "seed \(seed)")
        // Nothing is left of files that no version names.
        try store.vacuum(retaining: .newestOnly)
        let snapshot = store.snapshot()
        var groups = 0
        for table in snapshot.catalog.tables {
            groups += try snapshot.scan(table.id, columns: []).morselCount
        }
        let files = try disk.list(Self.directory + "/data")
        #expect(files.count <= groups)
    }
}
