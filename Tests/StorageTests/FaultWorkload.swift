import Columns
import DurableIO
import Glibc
import Storage
import TableCatalog

/// Commits of which the number alone says what the store holds after them: another process can check it.
///
/// Commit `n` sets the keys `n % 40` and `n % 7 + 100` to `n`, appends row `n` to a table without key,
/// deletes key `n % 11 + 200` after commit `n - 1` may have set it, and sets the property `last`.
enum FaultWorkload {
    static let keyed = Samples.keyed("item")
    static let plain = TableDefinition(name: TableName(schema: "shop", name: "log"), columns: keyed.columns)

    private static func row(_ id: Int, _ number: Int) -> [Value] {
        [.bigint(Int64(id)), .text("commit \(number)")]
    }

    /// Makes commit `number`, with compaction and vacuum now and then.
    static func commit(_ number: Int, to store: ColumnStore) throws {
        let transaction = try store.begin()
        defer { transaction.rollback() }
        let item = try transaction.tableID(named: keyed.name) ?? transaction.createTable(keyed)
        let log = try transaction.tableID(named: plain.name) ?? transaction.createTable(plain)
        let types = keyed.columns.types
        try transaction.upsert(
            item,
            Samples.chunk([row(number % 40, number), row(number % 7 + 100, number)], types: types))
        if number % 2 == 0 {
            try transaction.upsert(item, Samples.chunk([row(number % 11 + 200, number)], types: types))
        } else {
            try transaction.delete(item, keys: Samples.keys([Int64(number % 11 + 200)]))
        }
        try transaction.append(log, Samples.chunk([row(number, number)], types: types))
        try transaction.setProperty("last", to: "\(number)")
        _ = try transaction.commit()
        if number % 12 == 0 {
            try store.compactIfNeeded(item)
            try store.compactIfNeeded(log)
        }
        if number % 17 == 0 { try store.vacuum(retaining: .newestOnly) }
    }

    static func last(of store: ColumnStore) -> Int {
        store.snapshot().property("last").flatMap { Int($0) } ?? 0
    }

    /// Why the store does not hold what commit `last` and all before it make; nil when it does.
    static func problem(of store: ColumnStore) throws -> String? {
        let last = last(of: store)
        var items: [Int: Int] = [:]
        for number in stride(from: 1, through: last, by: 1) {
            items[number % 40] = number
            items[number % 7 + 100] = number
            items[number % 11 + 200] = number % 2 == 0 ? number : nil
        }
        let snapshot = store.snapshot()
        var found: [[Set<[Value]>]] = []
        for definition in [keyed, plain] {
            guard let table = snapshot.catalog.table(named: definition.name) else { continue }
            let rows = try Samples.rows(of: table, in: snapshot)
            if Set(rows).count != rows.count { return "\(definition.name) has a row twice" }
            found.append([Set(rows)])
        }
        if last == 0 { return found.allSatisfy { $0 == [[]] } ? nil : "rows without a commit" }
        if found.count != 2 { return "a table is missing" }
        if found[0] != [Set(items.map { row($0.key, $0.value) })] { return "rows by key differ" }
        if found[1] != [Set((1...last).map { row($0, $0) })] { return "rows of the log differ" }
        return nil
    }

    /// Adds a line to a file in one write.
    static func note(_ text: String, in path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        guard descriptor >= 0 else { return }
        let bytes = Array((text + "\n").utf8)
        _ = write(descriptor, bytes, bytes.count)
        close(descriptor)
    }

    static func lines(of path: String) throws -> [String] {
        let fileSystem = POSIXFileSystem()
        guard try fileSystem.exists(path) else { return [] }
        let file = try fileSystem.open(path, .read)
        let bytes = try file.readBytes(atByteOffset: 0, byteCount: try file.byteCount())
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
