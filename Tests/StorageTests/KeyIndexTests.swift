import Columns
import Storage
import TableCatalog
import Testing

@Suite("Updates by key against a dictionary")
struct KeyIndexTests {
    let directory = TemporaryDirectory()

    @Test(
        "random upserts, deletes, compactions and reopenings agree with a model",
        arguments: 0..<9 as Range<UInt64>)
    func churn(seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        var definition = Samples.keyed()
        let isText = seed % 3 == 1
        let isPair = seed % 3 == 2
        if isText { definition.columns.fields[0].type = .text }
        if isPair { definition.primaryKey = [1, 0] }
        let types = definition.columns.types
        var store = try ColumnStore.open(directory: directory.path)
        var transaction = try store.begin()
        let table = try transaction.createTable(definition)
        _ = try transaction.commit()
        var model: [[Value]: [Value]] = [:]
        func key(_ row: [Value]) -> [Value] { definition.primaryKey.map { row[$0] } }
        for round in 0..<22 {
            transaction = try store.begin()
            var draft = model
            for _ in 0..<Int(generator.next() % 4 + 1) {
                let rows: [[Value]] = (0..<Int(generator.next() % 300)).map { _ in
                    let id = Int64(generator.next() % 400)
                    let first: Value = isText ? .text("ключ номер \(id)") : .bigint(id)
                    return [
                        first, .text(isPair ? "p\(generator.next() % 3)" : "v\(generator.next() % 5000)"),
                    ]
                }
                if generator.next() % 3 == 0 {
                    let keys = Samples.chunk(rows.map(key), types: definition.primaryKey.map { types[$0] })
                    let present = Set(rows.map(key)).filter { draft[$0] != nil }
                    #expect(try transaction.delete(table, keys: keys) == present.count)
                    for row in rows { draft[key(row)] = nil }
                } else {
                    try transaction.upsert(table, Samples.chunk(rows, types: types))
                    for row in rows { draft[key(row)] = row }
                }
            }
            if generator.next() % 5 == 0 {
                transaction.rollback()
            } else {
                _ = try transaction.commit()
                model = draft
            }
            if round % 7 == 3 { try store.compactIfNeeded(table) }
            if round % 11 == 10 {
                transaction.rollback()
                store = try reopen(&store, &transaction)
            }
            let found = try Samples.rows(of: table, in: store.snapshot())
            #expect(found.count == model.count)
            #expect(Set(found) == Set(model.values))
            #expect(store.snapshot().rowCount(of: table) == model.count)
        }
    }

    /// The lock goes with the last holder of the store, so both are let go before it is opened again.
    private func reopen(_ store: inout ColumnStore, _ transaction: inout StoreTransaction) throws
        -> ColumnStore
    {
        let reader = try ColumnStore.open(directory: directory.path, mode: .readOnly)
        let other = TemporaryDirectory()
        store = try ColumnStore.open(directory: other.path)
        transaction = try store.begin()
        transaction.rollback()
        _ = reader.snapshot()
        return try ColumnStore.open(directory: directory.path)
    }

    @Test("the index of many rows takes less than 16 bytes a row")
    func memory() throws {
        let store = try ColumnStore.open(directory: directory.path)
        let transaction = try store.begin()
        let table = try transaction.createTable(
            TableDefinition(
                name: TableName(name: "t"),
                columns: Schema([Field(name: "id", type: .bigint, isNullable: false)]),
                primaryKey: [0]))
        let rowCount = 100_000
        var start = 0
        while start < rowCount {
            let count = min(DataChunk.capacity, rowCount - start)
            let buffer = VectorBuffer(byteCount: count * 8)
            for row in 0..<count { buffer.pointer(as: Int64.self)[row] = Int64(start + row) * 7 }
            try transaction.append(
                table,
                DataChunk(columns: [Vector(flat: buffer, type: .bigint, count: count)], rowCount: count))
            start += count
        }
        _ = try transaction.commit()
        let second = try store.begin()
        #expect(try second.delete(table, keys: Samples.keys([7, 8, 14])) == 2)
        #expect(store.keyIndexBytes < 16 * rowCount)
        #expect(store.keyIndexBytes > 0)
    }
}
