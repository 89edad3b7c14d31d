import Columns
import DurableIO
import Glibc
import Storage
import TableCatalog
import Testing

@Suite("Appending from several threads")
struct ParallelAppendTests {
    let directory = TemporaryDirectory()

    static let definition = TableDefinition(
        name: TableName(name: "t"),
        columns: Schema([
            Field(name: "row", type: .bigint, isNullable: false), Field(name: "small", type: .text),
            Field(name: "large", type: .text), Field(name: "number", type: .doublePrecision),
            Field(name: "flag", type: .boolean),
        ]))

    /// Row `row` as every test writes it: few strings, strings beyond any dictionary, and NULLs of its own.
    static func values(_ row: Int, seed: UInt64) -> [Value] {
        let noise = Hashing.hash(UInt64(row) &+ seed &<< 40)
        return [
            .bigint(Int64(row)), noise % 7 == 0 ? .null : .text("вид \(noise % 90)"),
            noise % 11 == 0 ? .null : .text(noise % 3 == 0 ? "" : "номер \(noise % 1_000_003)"),
            row / 3000 % 5 == 0 ? .null : .doublePrecision(Double(noise % 1000) / 8),
            noise % 13 == 0 ? .null : .boolean(noise % 2 == 0),
        ]
    }

    static func chunk(_ rows: Range<Int>, seed: UInt64) -> DataChunk {
        Samples.chunk(rows.map { values($0, seed: seed) }, types: definition.columns.types)
    }

    /// Appends rows in order from several threads, which take chunks in turn.
    static func append(
        rowCount: Int, seed: UInt64, threads: Int, to table: TableID, in transaction: StoreTransaction
    ) -> [StorageError] {
        let chunks = stride(from: 0, to: rowCount, by: 1900).map { $0..<min($0 + 1900, rowCount) }
        let turns = Turns()
        let failures = Threads.run(threads) { () -> StorageError? in
            while let turn = turns.next(below: chunks.count) {
                let rows = chunk(chunks[turn], seed: seed)
                turns.wait(for: turn)
                var isPlaced = false
                do throws(StorageError) {
                    try transaction.append(table, rows) {
                        isPlaced = true
                        turns.pass(turn)
                    }
                } catch {
                    if !isPlaced { turns.pass(turn) }
                    return error
                }
            }
            return nil
        }
        return failures.compactMap { $0 }
    }

    @Test("four threads in turn keep the order and the content of all rows", arguments: [1, 2] as [UInt64])
    func order(seed: UInt64) throws {
        let store = try ColumnStore.open(directory: directory.path)
        let transaction = try store.begin()
        let table = try transaction.createTable(Self.definition)
        let rowCount = 150_000
        let failures = Self.append(
            rowCount: rowCount, seed: seed, threads: 4, to: table, in: transaction)
        #expect(failures.isEmpty)
        _ = try transaction.commit()
        for snapshot in [store.snapshot(), try Self.reopened(directory.path)] {
            let found = try Samples.rows(of: table, in: snapshot)
            #expect(found.count == rowCount)
            let wrong = found.indices.first { found[$0] != Self.values($0, seed: seed) }
            #expect(wrong == nil)
        }
    }

    private static func reopened(_ directory: String) throws -> StoreSnapshot {
        try ColumnStore.open(directory: directory, mode: .readOnly).snapshot()
    }

    @Test("threads without an order lose no row and no value")
    func unordered() throws {
        let store = try ColumnStore.open(directory: directory.path)
        let transaction = try store.begin()
        let table = try transaction.createTable(Self.definition)
        let rowCount = 140_000
        let failures = Threads.run(
            4,
            each: { thread -> StorageError? in
                do throws(StorageError) {
                    for start in stride(from: thread * 35_000, to: (thread + 1) * 35_000, by: 1000) {
                        try transaction.append(table, Self.chunk(start..<(start + 1000), seed: 3))
                    }
                    return nil
                } catch { return error }
            })
        #expect(failures.allSatisfy { $0 == nil })
        _ = try transaction.commit()
        let found = try Samples.rows(of: table, in: store.snapshot())
        let sorted = found.sorted { Self.number($0) < Self.number($1) }
        #expect(sorted.count == rowCount)
        #expect(sorted.indices.allSatisfy { sorted[$0] == Self.values($0, seed: 3) })
    }

    private static func number(_ row: [Value]) -> Int64 {
        if case .bigint(let number) = row[0] { return number }
        return -1
    }

    @Test("upserts and deletes by other threads see all rows that came before them")
    func mixedWithKeys() throws {
        var definition = Self.definition
        definition.primaryKey = [0]
        let store = try ColumnStore.open(directory: directory.path)
        let transaction = try store.begin()
        let table = try transaction.createTable(definition)
        let failures = Self.append(rowCount: 80_000, seed: 4, threads: 3, to: table, in: transaction)
        #expect(failures.isEmpty)
        let results = Threads.run(
            3,
            each: { thread -> Int in
                let keys = (0..<500).map { Int64($0 * 3 + thread) }
                if thread == 0 {
                    let rows = keys.map { Self.values(Int($0), seed: 9) }
                    do {
                        try transaction.upsert(table, Samples.chunk(rows, types: definition.columns.types))
                        return 500
                    } catch { return -1 }
                }
                do { return try transaction.delete(table, keys: Samples.keys(keys)) } catch { return -1 }
            })
        #expect(results == [500, 500, 500])
        _ = try transaction.commit()
        let found = try Samples.rows(of: table, in: store.snapshot())
        let byNumber = Dictionary(uniqueKeysWithValues: found.map { (Self.number($0), $0) })
        #expect(found.count == 79_000)
        #expect(
            (0..<80_000).allSatisfy { row in
                let expected: [Value]? =
                    row >= 1500 ? Self.values(row, seed: 4) : row % 3 == 0 ? Self.values(row, seed: 9) : nil
                return byNumber[Int64(row)] == expected
            })
    }

    @Test("a rollback while threads append ends their calls and leaves nothing")
    func rollbackInTheMiddle() throws {
        let store = try ColumnStore.open(directory: directory.path)
        let transaction = try store.begin()
        let table = try transaction.createTable(Self.definition)
        let failures = Threads.run(
            4,
            each: { thread -> StorageError? in
                do throws(StorageError) {
                    for start in stride(from: 0, to: 60_000, by: 2000) {
                        if thread == 3 && start == 20_000 { transaction.rollback() }
                        try transaction.append(table, Self.chunk(start..<(start + 2000), seed: 5))
                    }
                    return nil
                } catch { return error }
            })
        #expect(failures.compactMap { $0 }.allSatisfy { $0 == .transactionEnded })
        #expect(failures[3] == .transactionEnded)
        #expect(store.snapshot().catalog.count == 0)
        try store.begin().rollback()
        #expect(try POSIXFileSystem().list(directory.path + "/data") == [])
        let second = try store.begin()
        let again = try second.createTable(Self.definition)
        #expect(Self.append(rowCount: 5000, seed: 6, threads: 2, to: again, in: second).isEmpty)
        _ = try second.commit()
        #expect(store.snapshot().rowCount(of: again) == 5000)
    }

    @Test(
        "a full disk under several threads is one error, and the store goes on", arguments: [9, 12, 14, 17])
    func diskFull(change: Int) throws {
        let disk = SimulatedDisk(seed: UInt64(change))
        let store = try ColumnStore.open(directory: "/store", fileSystem: disk)
        let transaction = try store.begin()
        let table = try transaction.createTable(Self.definition)
        disk.fail(.diskFull(atChange: disk.changeCount + change - 8))
        let failures = Self.append(rowCount: 330_000, seed: 7, threads: 4, to: table, in: transaction)
        #expect(!failures.isEmpty)
        let first = try #require(failures.first)
        #expect(failures.allSatisfy { $0 == first })
        if case .files(.diskFull) = first {} else { Issue.record("another error: \(first)") }
        let outcome: StorageError?
        do throws(StorageError) {
            _ = try transaction.commit()
            outcome = nil
        } catch { outcome = error }
        #expect(outcome == first)
        let second = try store.begin()
        let again = try second.createTable(Self.definition)
        #expect(Self.append(rowCount: 3000, seed: 8, threads: 2, to: again, in: second).isEmpty)
        _ = try second.commit()
        #expect(try Samples.rows(of: again, in: store.snapshot()).count == 3000)
        #expect(disk.paths.filter { $0.hasSuffix(".rows") }.count == 1)
    }
}
