import Columns
import DurableIO
import Glibc
import Synchronization
import TableCatalog
import Testing

@testable import Storage

/// A store that receives ten rows every tenth of a second, with a compactor that steps in between.
@Suite("Endurance of compaction")
struct CompactionEnduranceTests {
    static let types: [DataType] = [.bigint, .text, .integer]
    static let isLong = getenv("AMBAR_LONG_TESTS") != nil

    /// What the store must hold.
    struct Model {
        var generator = SeededGenerator(17)
        var rows: [Int64: [Value]] = [:]
        var nextID: Int64 = 0
        var rowsSent = 0

        /// New rows, some replaced, and now and then some deleted.
        mutating func commit(
            _ number: Int, to table: TableID, of transaction: StoreTransaction
        ) throws {
            var changed: [[Value]] = []
            for place in 0..<10 {
                let isNew = place < 8 || nextID == 0
                let id = isNew ? nextID : Int64(generator.next() % UInt64(nextID))
                if isNew { nextID += 1 }
                changed.append([
                    .bigint(id), .text("город \(generator.next() % 50)"),
                    .integer(Int32(generator.next() % 100_000)),
                ])
            }
            try transaction.upsert(table, Samples.chunk(changed, types: CompactionEnduranceTests.types))
            for row in changed { rows[row[0].integerValue ?? 0] = row }
            rowsSent += changed.count
            guard number % 5 == 4 else { return }
            let gone = (0..<4).map { _ in Int64(generator.next() % UInt64(nextID)) }
            try transaction.delete(table, keys: Samples.keys(gone))
            for id in gone { rows[id] = nil }
        }
    }

    /// Adds up a column; returns the sum and the fewest nanoseconds of CPU that it took.
    private func scanSum(_ table: TableID, _ snapshot: StoreSnapshot) throws -> (sum: Int64, time: Int) {
        var sum: Int64 = 0
        var least = Int.max
        for _ in 0..<5 {
            var before = timespec()
            var after = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before)
            sum = 0
            let scan = try snapshot.scan(table, columns: [2])
            let reader = scan.makeReader()
            for morsel in 0..<scan.morselCount where try reader.open(morsel: morsel) {
                while let chunk = try reader.next() {
                    let vector = chunk.columns[0].flattened()
                    let values = vector.pointer(as: Int32.self)
                    if let selection = chunk.selection {
                        for row in 0..<selection.count { sum += Int64(values[Int(selection.rows[row])]) }
                    } else {
                        for row in 0..<chunk.rowCount { sum += Int64(values[row]) }
                    }
                    withExtendedLifetime(vector) {}
                }
            }
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after)
            let time = (after.tv_sec - before.tv_sec) * 1_000_000_000 + after.tv_nsec - before.tv_nsec
            least = min(least, time)
        }
        return (sum, least)
    }

    private func run(commits: Int, key: [Int]) throws {
        let disk = SimulatedDisk(seed: 41)
        let time = Atomic<Int64>(1_700_000_000_000_000)
        let store = try ColumnStore.open(
            directory: "/store", fileSystem: disk, retention: .newestOnly,
            clock: CommitClock { time.load(ordering: .relaxed) })
        var definition = Samples.keyed(more: [Field(name: "amount", type: .integer)])
        definition.clusteringKey = key
        var transaction = try store.begin()
        let table = try transaction.createTable(definition)
        let twin = try transaction.createTable(
            TableDefinition(
                name: TableName(schema: "shop", name: "twin"), columns: definition.columns,
                clusteringKey: key))
        _ = try transaction.commit()
        var model = Model()
        var most = (groups: 0, files: 0, manifest: 0)
        var rowsRewritten = 0
        let compactor = Compactor(store)
        for number in 0..<commits {
            time.add(100_000, ordering: .relaxed)
            transaction = try store.begin()
            try model.commit(number, to: table, of: transaction)
            _ = try transaction.commit()
            // In a tenth of a second there is time for one merge at least.
            if let step = try compactor.runOnce(table) { rowsRewritten += step.rowsWritten }
            guard number % 50 == 49 else { continue }
            let groups = try #require(store.snapshot().state.tables[table]?.rowGroups.count)
            most.groups = max(most.groups, groups)
            most.files = max(most.files, try disk.list("/store/data").count)
            most.manifest = max(most.manifest, disk.contents(of: "/store/MANIFEST").count)
        }
        let full = (model.rowsSent + RowGroup.rowCountMax - 1) / RowGroup.rowCountMax
        #expect(most.groups <= 60 + 2 * full)
        // Files of merged groups are kept until the manifest is rewritten.
        #expect(most.files <= most.groups + 300)
        #expect(most.manifest < 4 << 20)
        let amplification = Double(model.rowsSent + rowsRewritten) / Double(model.rowsSent)
        #expect(amplification < 6.5)
        let rows = try Samples.rows(of: table, in: store.snapshot())
        let expected = CompactionTests.sorted(Array(model.rows.values))
        #expect(CompactionTests.sorted(rows) == expected)
        transaction = try store.begin()
        try Samples.append(rows, to: twin, in: transaction, types: Self.types)
        _ = try transaction.commit()
        let (sum, scanTime) = try scanSum(table, store.snapshot())
        let (twinSum, twinTime) = try scanSum(twin, store.snapshot())
        #expect(sum == twinSum)
        if Self.isLong {
            print(
                "endurance: \(commits) commits, key \(key): groups \(most.groups), files \(most.files), "
                    + "manifest \(most.manifest) bytes, write amplification \(amplification), "
                    + "scan \(Double(scanTime) / Double(twinTime)) of loaded at once")
        }
        // A small table has little to spread the cost of a few more row groups over.
        #expect(Double(scanTime) < Double(twinTime) * (commits > 10_000 ? 1.5 : 4))
        try store.vacuum()
        let groups = try #require(store.snapshot().state.tables[table]?.rowGroups.count)
        // A row group may have its deletions in a file of their own.
        #expect(try disk.list("/store/data").count <= 2 * groups + 1)
        let reopened = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
        #expect(try CompactionTests.contents(table, reopened.snapshot()) == expected)
    }

    @Test(
        "five minutes of a commit every 100 ms leave few groups, few files and all rows",
        arguments: [[], [2]])
    func minutes(key: [Int]) throws { try run(commits: 3000, key: key) }

    @Test("so does an hour", .enabled(if: isLong), arguments: [[], [2]])
    func hour(key: [Int]) throws { try run(commits: 36_000, key: key) }
}
