import Columns
import Storage
import TableCatalog
import Testing

/// Tables that get other columns while their row groups stay as they are.
@Suite("Changes of columns")
struct ReshapeTests {
    private static let name = TableName(name: "item")
    private let disk = SimulatedDisk(seed: 11)

    private func open() throws -> ColumnStore {
        try ColumnStore.open(directory: "/store", fileSystem: disk, retention: .newestOnly)
    }

    private static func definition(_ fields: [Field]) -> TableDefinition {
        TableDefinition(name: name, columns: Schema(fields), primaryKey: [0])
    }

    private static let id = Field(name: "id", type: .bigint, isNullable: false)
    private static let word = Field(name: "word", type: .text)
    private static let price = Field(name: "price", type: .decimal(precision: 10, scale: 2))
    private static let colour = Field(name: "colour", type: .text)

    private func reshape(
        _ store: ColumnStore, _ table: TableID, _ definition: TableDefinition, _ columns: [ColumnOrigin]
    ) throws {
        let transaction = try store.begin()
        try transaction.reshapeTable(table, as: definition, columns: columns)
        _ = try transaction.commit()
    }

    private func append(_ store: ColumnStore, _ table: TableID, _ rows: [[Value]]) throws {
        let types = try #require(store.snapshot().catalog.definition(of: table)).columns.types
        let transaction = try store.begin()
        try transaction.append(table, Samples.chunk(rows, types: types))
        _ = try transaction.commit()
    }

    @Test("old rows read the value of a new column, later rows their own")
    func addedColumns() throws {
        let store = try open()
        let transaction = try store.begin()
        let table = try transaction.createTable(Self.definition([Self.id, Self.word]))
        try transaction.append(
            table,
            Samples.chunk([[.bigint(1), .text("a")], [.bigint(2), .null]], types: [.bigint, .text]))
        _ = try transaction.commit()
        let price = Value.decimal(unscaled: 150, scale: 2)
        try reshape(
            store, table, Self.definition([Self.id, Self.word, Self.price, Self.colour]),
            [.former(0), .former(1), .new(price), .new(.text("red"))])
        try append(store, table, [[.bigint(3), .text("c"), .null, .text("blue")]])
        let wanted: [[Value]] = [
            [.bigint(1), .text("a"), price, .text("red")], [.bigint(2), .null, price, .text("red")],
            [.bigint(3), .text("c"), .null, .text("blue")],
        ]
        try check(wanted, store, table)
    }

    @Test("a dropped column's place is closed, and its name may come again")
    func droppedColumns() throws {
        let store = try open()
        let transaction = try store.begin()
        let table = try transaction.createTable(Self.definition([Self.id, Self.word, Self.colour]))
        try transaction.append(
            table,
            Samples.chunk(
                (0..<2000).map { [.bigint($0), .text("w\($0 % 7)"), .text("c\($0 % 3)")] },
                types: [.bigint, .text, .text]))
        _ = try transaction.commit()
        try reshape(store, table, Self.definition([Self.id, Self.colour]), [.former(0), .former(2)])
        try reshape(
            store, table, Self.definition([Self.id, Self.colour, Self.word]),
            [.former(0), .former(1), .new(.null)])
        try append(store, table, [[.bigint(2000), .text("c9"), .text("new")]])
        var wanted: [[Value]] = (0..<2000).map { [.bigint($0), .text("c\($0 % 3)"), .null] }
        wanted.append([.bigint(2000), .text("c9"), .text("new")])
        try check(wanted, store, table)
    }

    @Test("rows of reshaped row groups are deleted and replaced by key")
    func keysOfReshapedRows() throws {
        let store = try open()
        var transaction = try store.begin()
        let table = try transaction.createTable(Self.definition([Self.id, Self.word]))
        try transaction.append(
            table,
            Samples.chunk([[.bigint(1), .text("a")], [.bigint(2), .text("b")]], types: [.bigint, .text]))
        _ = try transaction.commit()
        let definition = TableDefinition(
            name: Self.name, columns: Schema([Self.word, Self.id, Self.price]), primaryKey: [1])
        try reshape(store, table, definition, [.former(1), .former(0), .new(.null)])
        transaction = try store.begin()
        let price = Value.decimal(unscaled: 100, scale: 2)
        try transaction.upsert(
            table,
            Samples.chunk([[.text("z"), .bigint(1), price]], types: definition.columns.types))
        #expect(throws: StorageError.tableBusy(Self.name)) {
            try transaction.reshapeTable(
                table, as: definition, columns: [.former(0), .former(1), .former(2)])
        }
        _ = try transaction.commit()
        try check([[.text("b"), .bigint(2), .null], [.text("z"), .bigint(1), price]], store, table)
    }

    @Test("views, schemas, defaults and constraints are kept")
    func definitions() throws {
        let store = try open()
        var definition = Self.definition([Self.id, Self.word])
        definition.defaults = [1: "'x'"]
        definition.checks = [CheckConstraint(name: "item_check", condition: "id > 0")]
        let view = ViewDefinition(
            name: TableName(schema: "s", name: "v"), columns: Schema([Self.word]),
            query: "SELECT word FROM item", searchPath: ["public", "shop"])
        var transaction = try store.begin()
        _ = try transaction.createTable(definition)
        try transaction.setView(view.name, view)
        try transaction.setSchema("empty", exists: true)
        #expect(throws: StorageError.tableExists(Self.name)) { try transaction.setView(Self.name, view) }
        #expect(try transaction.snapshot().catalog.views[view.name] == view)
        _ = try transaction.commit()
        for _ in 0..<2 {
            let catalog = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
                .snapshot().catalog
            #expect(catalog.views == [view.name: view])
            #expect(catalog.schemas == ["empty", "public", "s"])
            #expect(catalog.tables.map(\.definition) == [definition])
            _ = try store.vacuum()
        }
        transaction = try store.begin()
        try transaction.setView(view.name, nil)
        try transaction.setSchema("empty", exists: false)
        _ = try transaction.commit()
        #expect(store.snapshot().catalog.schemas == ["public"])
    }

    /// The rows now, in a store opened anew, from a checkpoint, and after compaction.
    private func check(_ wanted: [[Value]], _ store: ColumnStore, _ table: TableID) throws {
        func same(_ store: ColumnStore) throws -> Bool {
            try Samples.rows(of: table, in: store.snapshot()).sorted { "\($0)" < "\($1)" }
                == wanted.sorted { "\($0)" < "\($1)" }
        }
        #expect(try same(store))
        #expect(try same(try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)))
        _ = try store.vacuum()
        let second = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
        #expect(try same(second))
        #expect(try second.verify().faults.isEmpty)
        #expect(try second.snapshot().inspect().tables.first?.rows == wanted.count)
        #expect(try second.snapshot().statistics(of: table).rowCount == wanted.count)
        _ = try store.compact(table, everything: true)
        #expect(try same(store))
        let third = try ColumnStore.open(directory: "/store", fileSystem: disk, mode: .readOnly)
        #expect(try same(third))
        #expect(try third.verify().faults.isEmpty)
    }
}
