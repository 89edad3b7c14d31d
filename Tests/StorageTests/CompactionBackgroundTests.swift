import Columns
import TableCatalog
import Testing

@testable import Storage

@Suite("Compaction in the background")
struct CompactionBackgroundTests {
    @Test("a token bucket lets a burst through and then so many bytes a second")
    func bucket() {
        var bucket = TokenBucket(bytesPerSecond: 1000, burst: 500, at: .zero)
        #expect(bucket.take(500, at: .zero) == .zero)
        #expect(bucket.take(250, at: .zero) == .milliseconds(250))
        #expect(bucket.take(0, at: .milliseconds(250)) == .zero)
        #expect(bucket.take(1000, at: .milliseconds(250)) == .seconds(1))
        // A long rest fills no more than the burst; time that goes back fills nothing.
        #expect(bucket.take(600, at: .seconds(100_000)) == .milliseconds(100))
        #expect(bucket.take(100, at: .seconds(5)) == .milliseconds(200))
    }

    /// Waits until the compactor has seen the newest version, for a while.
    private func settle(_ compactor: BackgroundCompactor, _ store: ColumnStore, _ table: TableID) throws {
        for _ in 0..<20_000 {
            let state = try #require(store.snapshot().state.tables[table])
            let (policy, groups) = try Compactor.input(of: state)
            if policy.next(groups) == nil { return }
            _ = WakeSignal().sleep(.milliseconds(1))
        }
        Issue.record("the compactor does not come to an end: \(compactor.progress)")
    }

    @Test("merges go on while others commit, upsert and delete", arguments: [[], [2]])
    func whileCommitting(key: [Int]) throws {
        let directory = TemporaryDirectory()
        let store = try ColumnStore.open(directory: directory.path)
        var transaction = try store.begin()
        let table = try transaction.createTable(CompactionTests.definition(clusteringKey: key))
        _ = try transaction.commit()
        let compactor = try BackgroundCompactor(store, bytesPerSecond: nil)
        var generator = SeededGenerator(8)
        var model: [Int64: [Value]] = [:]
        for _ in 0..<250 {
            transaction = try store.begin()
            let rows = (0..<40).map { _ in
                CompactionTests.row(Int64(generator.next() % 3000), &generator)
            }
            try transaction.upsert(table, Samples.chunk(rows, types: CompactionTests.types))
            for row in rows { model[row[0].integerValue ?? 0] = row }
            let gone = (0..<5).map { _ in Int64(generator.next() % 3000) }
            try transaction.delete(table, keys: Samples.keys(gone))
            for id in gone { model[id] = nil }
            _ = try transaction.commit()
        }
        try settle(compactor, store, table)
        compactor.stop()
        let progress = compactor.progress
        #expect(progress.merges >= 5)
        #expect(progress.failures == 0, "\(String(describing: progress.lastFailure))")
        #expect(try #require(store.snapshot().state.tables[table]).rowGroups.count < 40)
        let expected = CompactionTests.sorted(Array(model.values))
        #expect(try CompactionTests.contents(table, store.snapshot()) == expected)
        try CompactionSortTests.expectSorted(table, in: store.snapshot())
    }

    @Test("a slow merge keeps no writer waiting, and ends without a trace when stopped")
    func slow() throws {
        let (store, table, _) = try CompactionTests.makeTable(CompactionTests.definition(clusteringKey: [2]))
        var generator = SeededGenerator(9)
        func commit(_ first: Int) throws {
            let transaction = try store.begin(waitingAtMost: .seconds(5))
            let rows = (0..<500).map { CompactionTests.row(Int64(first + $0), &generator) }
            try transaction.append(table, Samples.chunk(rows, types: CompactionTests.types))
            _ = try transaction.commit()
        }
        for number in 0..<8 { try commit(number * 500) }
        // At one byte a second no merge ends while this test runs.
        let compactor = try BackgroundCompactor(store, bytesPerSecond: 1)
        for number in 8..<20 { try commit(number * 500) }
        compactor.stop()
        #expect(compactor.progress.merges == 0 && compactor.progress.failures == 0)
        #expect(store.snapshot().rowCount(of: table) == 10_000)
        #expect(try #require(store.snapshot().state.tables[table]).rowGroups.count == 20)
        compactor.stop()
    }

    @Test("a read-only store is refused")
    func readOnly() throws {
        let (store, _, disk) = try CompactionTests.makeTable(CompactionTests.definition(clusteringKey: []))
        let reader = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
        #expect(throws: StorageError.readOnly(directory: "/store")) { try BackgroundCompactor(reader) }
        withExtendedLifetime(store) {}
    }
}
