import Columns
import TableCatalog
import Testing

@testable import Storage

@Suite("Compaction")
struct CompactionTests {
    static let types: [DataType] = [.bigint, .text, .integer]

    static func definition(clusteringKey: [Int]) -> TableDefinition {
        var definition = Samples.keyed(more: [Field(name: "place", type: .integer)])
        definition.clusteringKey = clusteringKey
        return definition
    }

    static func makeTable(
        _ definition: TableDefinition, seed: UInt64 = 1
    ) throws -> (store: ColumnStore, table: TableID, disk: SimulatedDisk) {
        let disk = SimulatedDisk(seed: seed)
        let store = try ColumnStore.open(directory: "/store", fileSystem: disk)
        let transaction = try store.begin()
        let table = try transaction.createTable(definition)
        _ = try transaction.commit()
        return (store, table, disk)
    }

    static func sorted(_ rows: [[Value]]) -> [String] { rows.map { "\($0)" }.sorted() }

    static func contents(_ table: TableID, _ snapshot: StoreSnapshot) throws -> [String] {
        sorted(try Samples.rows(of: table, in: snapshot))
    }

    static func row(_ id: Int64, _ generator: inout SeededGenerator) -> [Value] {
        let place = generator.next() % 1000
        return [
            .bigint(id), generator.next() % 9 == 0 ? .null : .text("имя \(generator.next() % 40)"),
            place < 50 ? .null : .integer(Int32(place)),
        ]
    }

    /// A merge in the middle of which `change` happens.
    static func rewrite(
        _ table: TableID, of store: ColumnStore, while change: () throws -> Void
    ) throws -> Bool {
        let pinned = try #require(store.snapshot().state.tables[table])
        let rewrite = RowGroupRewrite(of: pinned.rowGroups, in: pinned, store: store)
        let isWhole = try rewrite.run { _ in true }
        #expect(isWhole)
        try change()
        return try rewrite.install(in: store.begin())
    }

    @Test(
        "compaction changes neither the rows nor any pinned snapshot, and sorts",
        arguments: 0..<8 as Range<UInt64>)
    func randomWorkload(seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        let keys: [[Int]] = [[], [2], [1, 2], [0]]
        let (store, table, disk) = try Self.makeTable(
            Self.definition(clusteringKey: keys[Int(seed % 4)]), seed: seed)
        var model: [Int64: [Value]] = [:]
        var pinned: [(StoreSnapshot, [String])] = []
        for round in 0..<50 {
            let transaction = try store.begin()
            let rows = (0..<(generator.next() % 60 + 1)).map { _ in
                Self.row(Int64(generator.next() % 400), &generator)
            }
            try transaction.upsert(table, Samples.chunk(rows, types: Self.types))
            for row in rows { model[row[0].integerValue ?? 0] = row }
            let gone = (0..<(generator.next() % 10)).map { _ in Int64(generator.next() % 400) }
            try transaction.delete(table, keys: Samples.keys(gone))
            for id in gone { model[id] = nil }
            if generator.next() % 20 == 0 {
                let codec = BlockCodec.allCases[Int(generator.next() % 3)]
                try transaction.setOptions(table, TableOptions(codec: codec))
            }
            _ = try transaction.commit()
            let expected = Self.sorted(Array(model.values))
            if generator.next() % 6 == 0 { pinned.append((store.snapshot(), expected)) }
            switch generator.next() % 5 {
            case 0: try store.compactIfNeeded(table)
            case 1 where round % 3 == 0: try store.compact(table, everything: true)
            default: _ = try Compactor(store).runOnce(table)
            }
            #expect(try Self.contents(table, store.snapshot()) == expected)
            try CompactionSortTests.expectSorted(table, in: store.snapshot())
        }
        for (snapshot, expected) in pinned { #expect(try Self.contents(table, snapshot) == expected) }
        pinned = []
        let reopened = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
        #expect(try Self.contents(table, reopened.snapshot()) == Self.sorted(Array(model.values)))
        try CompactionSortTests.expectSorted(table, in: reopened.snapshot())
    }

    @Test(
        "rows deleted or replaced during a merge stay so", arguments: [[], [2], [1, 2]],
        0..<2 as Range<UInt64>)
    func deletedMeanwhile(key: [Int], seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        let (store, table, _) = try Self.makeTable(Self.definition(clusteringKey: key))
        var model: [Int64: [Value]] = [:]
        for commit in 0..<8 {
            let transaction = try store.begin()
            let rows = (0..<1200).map { Self.row(Int64(commit * 1200 + $0), &generator) }
            try transaction.append(table, Samples.chunk(rows, types: Self.types))
            for row in rows { model[row[0].integerValue ?? 0] = row }
            _ = try transaction.commit()
            // Some groups are sorted runs already, and have holes.
            if commit == 4 && !key.isEmpty { try store.compact(table, everything: true) }
        }
        var transaction = try store.begin()
        let early = (0..<500).map { _ in Int64(generator.next() % 9600) }
        try transaction.delete(table, keys: Samples.keys(early))
        _ = try transaction.commit()
        for id in early { model[id] = nil }
        let before = store.snapshot()
        let expectedBefore = Self.sorted(Array(model.values))
        let isCommitted = try Self.rewrite(table, of: store) {
            for _ in 0..<3 {
                transaction = try store.begin()
                let gone = (0..<300).map { _ in Int64(generator.next() % 9600) }
                try transaction.delete(table, keys: Samples.keys(gone))
                for id in gone { model[id] = nil }
                let rows = (0..<200).map { _ in Self.row(Int64(generator.next() % 12_000), &generator) }
                try transaction.upsert(table, Samples.chunk(rows, types: Self.types))
                for row in rows { model[row[0].integerValue ?? 0] = row }
                _ = try transaction.commit()
            }
        }
        #expect(isCommitted)
        let expected = Self.sorted(Array(model.values))
        #expect(try Self.contents(table, store.snapshot()) == expected)
        #expect(store.snapshot().rowCount(of: table) == model.count)
        #expect(try Self.contents(table, before) == expectedBefore)
        try CompactionSortTests.expectSorted(table, in: store.snapshot())
        // The key index follows: replacing every row leaves one of each.
        transaction = try store.begin()
        let rows = model.keys.sorted().map { Self.row($0, &generator) }
        for start in stride(from: 0, to: rows.count, by: 2048) {
            let part = Array(rows[start..<min(start + 2048, rows.count)])
            try transaction.upsert(table, Samples.chunk(part, types: Self.types))
        }
        _ = try transaction.commit()
        #expect(try Self.contents(table, store.snapshot()) == Self.sorted(rows))
    }

    @Test(
        "a merge whose table was truncated or dropped meanwhile leaves nothing behind", arguments: [0, 1, 2])
    func tableGone(kind: Int) throws {
        var generator = SeededGenerator(3)
        let (store, table, disk) = try Self.makeTable(Self.definition(clusteringKey: [2]))
        for commit in 0..<3 {
            let transaction = try store.begin()
            let rows = (0..<50).map { Self.row(Int64(commit * 50 + $0), &generator) }
            try transaction.append(table, Samples.chunk(rows, types: Self.types))
            _ = try transaction.commit()
        }
        let isCommitted = try Self.rewrite(table, of: store) {
            let transaction = try store.begin()
            switch kind {
            case 0: try transaction.truncate(table)
            case 1: try transaction.dropTable(table)
            default: try transaction.delete(table, keys: Samples.keys((0..<50).map { Int64($0) }))
            }
            _ = try transaction.commit()
        }
        #expect(!isCommitted)
        try store.vacuum(retaining: .newestOnly)
        let left = kind == 2 ? 2 : 0
        #expect(try disk.list("/store/data").count == left)
        if kind == 1 {
            #expect(throws: StorageError.tableMissing(id: table)) { try store.compactIfNeeded(table) }
        } else {
            #expect(store.snapshot().rowCount(of: table) == left * 50)
        }
    }

    @Test("compaction rewrites row groups of old options, and then finds nothing to do")
    func recompression() throws {
        var definition = Self.definition(clusteringKey: [])
        definition.options = TableOptions(codec: .none)
        let (store, table, _) = try Self.makeTable(definition)
        var generator = SeededGenerator(4)
        var transaction = try store.begin()
        let rows: [[Value]] = (0..<20_000).map {
            [.bigint(Int64($0)), .text("длинное имя товара \(generator.next() % 9000) штук"), .integer(1)]
        }
        try Samples.append(rows, to: table, in: transaction, types: Self.types)
        _ = try transaction.commit()
        #expect(try store.compactIfNeeded(table) == 0)
        let before = try #require(try store.snapshot().size(of: table))
        transaction = try store.begin()
        try transaction.setOptions(table, TableOptions(codec: .zstd, level: 5))
        _ = try transaction.commit()
        let steps = try store.compact(table, everything: false)
        #expect(steps.map(\.reason) == [.options])
        #expect(steps.map(\.rowsWritten) == [20_000])
        let after = try #require(try store.snapshot().size(of: table))
        #expect(after.bytes * 3 < before.bytes * 2)
        #expect(try store.compact(table, everything: false).isEmpty)
        #expect(try Samples.rows(of: table, in: store.snapshot()) == rows)
    }

    @Test("a new clustering key is sorted by when asked for everything")
    func newKey() throws {
        var generator = SeededGenerator(5)
        let (store, table, _) = try Self.makeTable(Self.definition(clusteringKey: [2]))
        var transaction = try store.begin()
        let rows = (0..<5000).map { Self.row(Int64($0), &generator) }
        try Samples.append(rows, to: table, in: transaction, types: Self.types)
        _ = try transaction.commit()
        try store.compact(table, everything: true)
        transaction = try store.begin()
        try transaction.setClusteringKey(table, [1, 0])
        _ = try transaction.commit()
        #expect(try CompactionSortTests.groups(of: table, in: store.snapshot()).map(\.run) == [0])
        let isCommitted = try Self.rewrite(table, of: store) {
            let transaction = try store.begin()
            try transaction.setClusteringKey(table, [0])
            _ = try transaction.commit()
        }
        #expect(!isCommitted)
        #expect(try store.compact(table, everything: true).count == 1)
        #expect(try Samples.rows(of: table, in: store.snapshot()) == rows)
        try CompactionSortTests.expectSorted(table, in: store.snapshot())
    }

    @Test("a pace that says stop ends a merge without a trace")
    func stopping() throws {
        var generator = SeededGenerator(6)
        let (store, table, disk) = try Self.makeTable(Self.definition(clusteringKey: [1]))
        for commit in 0..<8 {
            let transaction = try store.begin()
            let rows = (0..<400).map { Self.row(Int64(commit * 400 + $0), &generator) }
            try transaction.append(table, Samples.chunk(rows, types: Self.types))
            _ = try transaction.commit()
        }
        let version = store.snapshot().version
        #expect(try Compactor(store, pace: { _ in false }).runOnce(table) == nil)
        #expect(store.snapshot().version == version)
        try store.begin().rollback()
        #expect(try disk.list("/store/data").count == 8)
        // A writer that holds the gate only keeps the exchange waiting.
        let transaction = try store.begin()
        #expect(try Compactor(store, pace: { $0 > 0 }).runOnce(table) == nil)
        transaction.rollback()
        let step = try #require(try Compactor(store).runOnce(table))
        #expect(step.isCommitted && step.rowGroupsRead == 8 && step.rowsWritten == 3200)
    }
}
