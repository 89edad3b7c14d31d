import Columns
import DurableIO
import Storage
import TableCatalog

/// Makes the stores of `storage/fixtures` and `storage/damaged`: the same bytes every time.
enum FixtureStore {
    static let tables = ["types", "numbers", "texts", "orders"]
    private static let rowCount = 2200

    /// Where the fixtures lie in the repository.
    static func repository(_ folder: String) -> String {
        let source = FilePath.parent(of: FilePath.parent(of: FilePath.parent(of: #filePath)))
        return source + "/storage/" + folder
    }

    private static func commit(_ store: ColumnStore, _ body: (StoreTransaction) throws -> Void) throws {
        let transaction = try store.begin()
        try body(transaction)
        _ = try transaction.commit()
    }

    private static func open(_ directory: String) throws -> ColumnStore {
        let clock = ManualClock(1_767_225_600_000_000)
        return try ColumnStore.open(
            directory: directory,
            clock: CommitClock {
                clock.advance(by: 1_000_001)
                return clock.now
            })
    }

    /// Every type, every form of a segment that small data takes, NULLs, deletes, dictionaries, earlier
    /// versions.
    static func write(to directory: String) throws {
        let store = try open(directory)
        try commit(store) { try writeTypes($0) }
        try commit(store) { try writeNumbers($0) }
        try commit(store) { try writeTexts($0) }
        try writeOrders(store)
        try commit(store) { transaction in
            try transaction.setProperty("made by", to: "fixture")
            try transaction.setReplicationPosition("slot", lsn: 0x1_0000_0005)
            _ = try transaction.createTable(Samples.keyed("passing"))
        }
        try commit(store) { transaction in
            if let id = transaction.tableID(named: Samples.keyed("passing").name) {
                try transaction.dropTable(id)
            }
        }
    }

    private static func makeTable(
        _ transaction: StoreTransaction, _ name: String, _ columns: [(String, DataType)]
    ) throws -> TableID {
        try transaction.createTable(
            TableDefinition(
                name: TableName(schema: "shop", name: name),
                columns: Schema(columns.map { Field(name: $0.0, type: $0.1) }),
                options: TableOptions(codec: .none)))
    }

    private static func writeTypes(_ transaction: StoreTransaction) throws {
        let columns = Samples.allTypes.enumerated().map { ("c\($0.offset)", $0.element) }
        let table = try makeTable(transaction, "types", columns)
        var generator = SeededGenerator(3)
        let rows = (0..<150).map { row in
            Samples.allTypes.enumerated().map { column, type in
                (row + column) % 9 == 4 ? .null : Samples.random(type, &generator, distinct: 500)
            }
        }
        try Samples.append(rows, to: table, in: transaction, types: Samples.allTypes)
    }

    private static func writeNumbers(_ transaction: StoreTransaction) throws {
        let columns: [(String, DataType)] = [
            ("constant", .bigint), ("nothing", .integer), ("sequence", .bigint), ("hundreds", .integer),
            ("random", .bigint), ("runs", .smallint), ("few", .doublePrecision), ("ratio", .doublePrecision),
            ("price", .decimal(precision: 18, scale: 2)), ("day", .date), ("flag", .boolean),
            ("wide", .bigint),
        ]
        let table = try makeTable(transaction, "numbers", columns)
        var generator = SeededGenerator(4)
        var total: Int64 = 1_000_000
        let rows: [[Value]] = (0..<rowCount).map { row in
            let number = Int64(generator.next() % 1000)
            total += 1 + number % 7
            return [
                .bigint(77), .null, .bigint(total), .integer(Int32(number) * 100),
                row % 10 == 3 ? .null : .bigint(number - 500), .smallint(Int16(row / 150)),
                .doublePrecision([0.5, -1e300, 3.25][row % 3]),
                .doublePrecision(Double(number) / 7 + Double(row)),
                .decimal(unscaled: Int128(number) * 99, scale: 2), .date(Int32(20_000 + row / 40)),
                .boolean(row % 90 < 45), .bigint(Int64(bitPattern: generator.next()) >> 3),
            ]
        }
        try Samples.append(rows, to: table, in: transaction, types: columns.map(\.1))
    }

    private static func writeTexts(_ transaction: StoreTransaction) throws {
        let columns: [(String, DataType)] = [
            ("category", .text), ("name", .text), ("constant", .text), ("id", .text), ("key", .uuid),
        ]
        let table = try makeTable(transaction, "texts", columns)
        var generator = SeededGenerator(5)
        let rows: [[Value]] = (0..<rowCount / 2).map { row in
            let number = generator.next()
            let digits = Array(
                String(number | 1 << 63, radix: 16) + String(number ^ .max >> 1 | 1 << 63, radix: 16))
            let parts = [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]]
            return [
                row % 8 == 5 ? .null : .text("раздел \(number % 12)"), .text("товар № \(number % 1_000_000)"),
                .text("шт"), .text(parts.map { String($0) }.joined(separator: "-")),
                .uuid(UInt128(number) << 64 | UInt128(row)),
            ]
        }
        try Samples.append(rows, to: table, in: transaction, types: columns.map(\.1))
    }

    /// A table with a key, compressed, and deletes and updates in later versions.
    private static func writeOrders(_ store: ColumnStore) throws {
        var definition = Samples.keyed("orders")
        definition.options = TableOptions(codec: .zstd, bloomColumns: [0])
        let types = definition.columns.types
        try commit(store) { transaction in
            let table = try transaction.createTable(definition)
            let rows: [[Value]] = (0..<400).map { [.bigint(Int64($0)), .text("состояние \($0 % 5)")] }
            try Samples.append(rows, to: table, in: transaction, types: types)
        }
        guard let table = store.snapshot().catalog.table(named: definition.name) else { return }
        try commit(store) { try $0.delete(table, keys: Samples.keys([1, 5, 399, 1000])) }
        try commit(store) { transaction in
            let rows: [[Value]] = (0..<40).map { [.bigint(Int64($0 * 3)), .text("новое \($0 % 2)")] }
            try transaction.upsert(table, Samples.chunk(rows, types: types))
        }
        try commit(store) { try $0.delete(table, keys: Samples.keys(Array(100..<200))) }
    }

    /// A small store, of which each damaged fixture is a copy with one fault.
    static func writeSmall(to directory: String) throws {
        let store = try open(directory)
        let definition = Samples.keyed("goods")
        try commit(store) { transaction in
            let table = try transaction.createTable(definition)
            let rows: [[Value]] = (0..<20).map { [.bigint(Int64($0)), .text("name \($0 % 4)")] }
            try transaction.append(table, Samples.chunk(rows, types: definition.columns.types))
        }
        guard let table = store.snapshot().catalog.table(named: definition.name) else { return }
        try commit(store) { try $0.delete(table, keys: Samples.keys([3, 4])) }
        try commit(store) { transaction in
            let rows: [[Value]] = [[.bigint(100), .text("сто")]]
            try transaction.append(table, Samples.chunk(rows, types: definition.columns.types))
        }
    }
}
