import Columns
import DurableIO
import Storage
import TableCatalog
import Testing

@Suite("Transactions")
struct TransactionTests {
    let directory = TemporaryDirectory()
    static let types: [DataType] = [.bigint, .text]

    private func makeStore() throws -> (ColumnStore, TableID) {
        let store = try ColumnStore.open(directory: directory.path)
        let transaction = try store.begin()
        let table = try transaction.createTable(Samples.keyed())
        _ = try transaction.commit()
        return (store, table)
    }

    private func row(_ id: Int64, _ name: String) -> [Value] { [.bigint(id), .text(name)] }

    @Test("a commit is seen whole by later snapshots and not at all by earlier ones")
    func isolation() throws {
        let (store, table) = try makeStore()
        let before = store.snapshot()
        let transaction = try store.begin()
        try transaction.append(table, Samples.chunk([row(1, "a"), row(2, "b")], types: Self.types))
        try transaction.setReplicationPosition("slot", lsn: 77)
        try transaction.setProperty("loaded", to: "yes", of: table)
        #expect(store.snapshot().rowCount(of: table) == 0)
        #expect(try transaction.commit() == 2)
        #expect(before.rowCount(of: table) == 0)
        #expect(before.replicationPosition(of: "slot") == nil)
        let after = store.snapshot()
        #expect(after.rowCount(of: table) == 2)
        #expect(after.replicationPosition(of: "slot") == 77)
        #expect(after.property("loaded", of: table) == "yes")
        #expect(after.version(of: table) == 2)
    }

    @Test("a rollback leaves nothing, neither rows nor files nor dictionary entries")
    func rollback() throws {
        let (store, table) = try makeStore()
        let transaction = try store.begin()
        let rows = (0..<70_000).map { row(Int64($0), "name \($0 % 10)") }
        try Samples.append(rows, to: table, in: transaction, types: Self.types)
        transaction.rollback()
        #expect(store.snapshot().version == 1)
        #expect(try POSIXFileSystem().list(directory.path + "/data") == [])
        let second = try store.begin()
        try second.append(table, Samples.chunk([row(1, "other")], types: Self.types))
        _ = try second.commit()
        #expect(try Samples.rows(of: table, in: store.snapshot()) == [row(1, "other")])
        #expect(throws: StorageError.transactionEnded) { try second.commit() }
    }

    @Test("an update by key replaces the row, also one of the same transaction")
    func upsertChurn() throws {
        let (store, table) = try makeStore()
        let transaction = try store.begin()
        try transaction.append(table, Samples.chunk([row(1, "a"), row(2, "b")], types: Self.types))
        #expect(try transaction.delete(table, keys: Samples.keys([1])) == 1)
        try transaction.append(table, Samples.chunk([row(1, "a2")], types: Self.types))
        try transaction.upsert(
            table, Samples.chunk([row(1, "a3"), row(3, "c"), row(3, "c2")], types: Self.types))
        #expect(try transaction.delete(table, keys: Samples.keys([2, 9])) == 1)
        _ = try transaction.commit()
        let rows = try Samples.rows(of: table, in: store.snapshot())
        #expect(Set(rows) == [row(1, "a3"), row(3, "c2")])
        #expect(rows.count == 2)
    }

    @Test("rows can be deleted by their places")
    func deleteByLocator() throws {
        let (store, table) = try makeStore()
        let transaction = try store.begin()
        try Samples.append(
            (0..<5000).map { row(Int64($0), "x") }, to: table, in: transaction, types: Self.types)
        _ = try transaction.commit()
        let scan = try store.snapshot().scan(table, columns: [0], includesRowLocator: true)
        var places: [RowLocator] = []
        let reader = scan.makeReader()
        for morsel in 0..<scan.morselCount where try reader.open(morsel: morsel) {
            while let chunk = try reader.next() {
                for index in 0..<chunk.selectedCount {
                    let values = chunk.row(index)
                    guard let id = values[0].integerValue, id % 3 == 0, let raw = values[1].integerValue,
                        let place = RowLocator(rawValue: raw)
                    else { continue }
                    places.append(place)
                }
            }
        }
        let second = try store.begin()
        #expect(try second.delete(table, rows: places) == 1667)
        #expect(try second.delete(table, rows: [places[0]]) == 0)
        _ = try second.commit()
        let left = try Samples.rows(of: table, in: store.snapshot())
        #expect(left == (0..<5000).filter { $0 % 3 != 0 }.map { row(Int64($0), "x") })
        let third = try store.begin()
        #expect(throws: StorageError.self) {
            try third.delete(table, rows: [RowLocator(rowGroup: RowGroupID(rawValue: 99), row: 0)])
        }
        // The key index still finds the others, and not the deleted ones.
        #expect(try third.delete(table, keys: Samples.keys([0, 1, 3, 4])) == 2)
    }

    @Test("deleting every row of a row group drops the group and its file")
    func emptiedGroups() throws {
        let (store, table) = try makeStore()
        let transaction = try store.begin()
        try transaction.append(table, Samples.chunk([row(1, "a")], types: Self.types))
        _ = try transaction.commit()
        let second = try store.begin()
        try second.delete(table, keys: Samples.keys([1]))
        _ = try second.commit()
        #expect(try store.snapshot().scan(table, columns: [0]).morselCount == 0)
        #expect(try store.vacuum(retaining: .newestOnly).filesUnlinked == 1)
        #expect(try POSIXFileSystem().list(directory.path + "/data") == [])
    }

    @Test("truncating and dropping free the files once no snapshot needs them")
    func truncateAndDrop() throws {
        let (store, table) = try makeStore()
        var transaction = try store.begin()
        try transaction.append(table, Samples.chunk([row(1, "a"), row(2, "b")], types: Self.types))
        _ = try transaction.commit()
        var pinned: StoreSnapshot? = store.snapshot()
        transaction = try store.begin()
        try transaction.truncate(table)
        try transaction.append(table, Samples.chunk([row(1, "new")], types: Self.types))
        _ = try transaction.commit()
        if let pinned { #expect(try Samples.rows(of: table, in: pinned) == [row(1, "a"), row(2, "b")]) }
        #expect(try Samples.rows(of: table, in: store.snapshot()) == [row(1, "new")])
        pinned = nil
        transaction = try store.begin()
        try transaction.dropTable(table)
        _ = try transaction.commit()
        #expect(store.snapshot().catalog.count == 0)
        #expect(try store.vacuum(retaining: .newestOnly).filesUnlinked == 2)
        #expect(try POSIXFileSystem().list(directory.path + "/data") == [])
        #expect(throws: StorageError.tableMissing(id: table)) {
            try store.snapshot().scan(table, columns: [])
        }
    }

    @Test("the caller's mistakes are errors that name the thing")
    func mistakes() throws {
        let (store, table) = try makeStore()
        let transaction = try store.begin()
        let name = Samples.keyed().name
        #expect(throws: StorageError.tableExists(name)) { try transaction.createTable(Samples.keyed()) }
        #expect(throws: StorageError.nullInColumn(table: name, column: "id")) {
            try transaction.append(table, Samples.chunk([[.null, .text("x")]], types: Self.types))
        }
        #expect(throws: StorageError.wrongColumns(table: name, wanted: "BIGINT, TEXT", got: "BIGINT")) {
            try transaction.append(table, Samples.keys([1]))
        }
        var bad = Samples.keyed("bad")
        bad.columns = Schema([Field(name: "r", type: .real)])
        #expect(throws: StorageError.keyTypeUnsupported(table: bad.name, column: "r")) {
            try transaction.createTable(bad)
        }
        #expect(throws: StorageError.writerBusy(directory: directory.path)) {
            try store.begin(waitingAtMost: .milliseconds(1))
        }
        let path = directory.path + "/LOCK"
        #expect { try ColumnStore.open(directory: directory.path) } throws: { error in
            guard case .files(.locked(path, let pid?)) = error as? StorageError else { return false }
            return pid > 0
        }
        let reader = try ColumnStore.open(directory: directory.path, mode: .readOnly)
        #expect(throws: StorageError.readOnly(directory: directory.path)) { try reader.begin() }
        #expect(throws: StorageError.noStore(directory: "/nowhere/at/all")) {
            try ColumnStore.open(directory: "/nowhere/at/all", mode: .readOnly)
        }
    }

    @Test("files that another reader may need are unlinked only after it has gone")
    func readersOfOtherProcesses() throws {
        let (store, table) = try makeStore()
        var transaction = try store.begin()
        try transaction.append(table, Samples.chunk([row(1, "a")], types: Self.types))
        _ = try transaction.commit()
        var reader: ColumnStore? = try ColumnStore.open(directory: directory.path, mode: .readOnly)
        transaction = try store.begin()
        try transaction.truncate(table)
        _ = try transaction.commit()
        let report = try store.vacuum(retaining: .newestOnly)
        #expect(report.filesUnlinked == 0)
        #expect(report.filesWaiting == 1)
        if let reader { #expect(try Samples.rows(of: table, in: reader.snapshot()) == [row(1, "a")]) }
        reader = nil
        try store.begin().rollback()
        #expect(try POSIXFileSystem().list(directory.path + "/data") == [])
    }
}
