import Columns
import Planning
import Storage
import TableCatalog

/// Tables and functions that tell about the store and the session, as PostgreSQL's tools ask for them.
struct SystemTables: Sendable {
    let snapshot: StoreSnapshot
    let settings: SessionSettings
    let options: QueryOptions
    let threads: Int

    static let database = "ambar"
    static let owner = "ambar"

    init(run: QueryRun) {
        snapshot = run.snapshot
        settings = run.session.settings
        options = run.options
        threads = run.warehouse.workerCount
    }

    var catalog: SystemCatalog {
        SystemCatalog(
            searchPath: ["pg_catalog"],
            table: { schema, name in table(schema, name) },
            function: { name, arguments in SystemFunctions(tables: self).function(name, arguments) })
    }

    private func table(_ schema: String, _ name: String) -> SystemTable? {
        switch schema {
        case "pg_catalog": PostgresCatalog(tables: self).table(name)
        case "information_schema": InformationSchema(tables: self).table(name)
        default: nil
        }
    }

    // MARK: What there is

    /// A table or view as the catalogues name it.
    struct Relation {
        var oid: Int64
        var name: TableName
        var columns: [Field]
        /// nil for a view.
        var table: (id: TableID, definition: TableDefinition)?
        var view: ViewDefinition?
    }

    /// Sorted by name.
    var relations: [Relation] {
        var all = snapshot.catalog.tables.map { id, table in
            Relation(
                oid: Self.oid(of: id), name: table.name, columns: table.columns.fields, table: (id, table))
        }
        all += snapshot.catalog.views.values.map { view in
            Relation(
                oid: Self.oid(ofView: view.name), name: view.name, columns: view.columns.fields, view: view)
        }
        return all.sorted { $0.name < $1.name }
    }

    var schemas: [String] {
        Set(snapshot.catalog.schemas + ["public", "pg_catalog", "information_schema"]).sorted()
    }

    // MARK: Object identifiers

    /// Four numbers a table: the table, its key's index, its key's constraint, and one that is free.
    static func oid(of table: TableID) -> Int64 { 16_384 + 4 * Int64(table.rawValue) }
    static func oid(ofKeyOf table: TableID) -> Int64 { oid(of: table) + 1 }
    static func oid(ofConstraintOf table: TableID) -> Int64 { oid(of: table) + 2 }

    /// Views and schemas have no numbers of their own: theirs come from their names.
    static func oid(ofView name: TableName) -> Int64 { hash("\(name)", base: 3_000_000_000) }

    static func oid(ofSchema name: String) -> Int64 {
        switch name {
        case "pg_catalog": 11
        case "public": 2200
        case "information_schema": 13_000
        default: hash(name, base: 2_500_000_000)
        }
    }

    static func oid(ofCheck name: String, of table: TableID) -> Int64 {
        hash("\(table.rawValue) \(name)", base: 3_500_000_000)
    }

    /// FNV-1a, folded to a number below 2^28.
    private static func hash(_ text: String, base: Int64) -> Int64 {
        var hash: UInt32 = 2_166_136_261
        for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return base + Int64(hash & 0x0FFF_FFFF)
    }

    /// The number of PostgreSQL's type.
    static func oid(of type: DataType) -> Int64 {
        switch type {
        case .boolean: 16
        case .smallint: 21
        case .integer: 23
        case .bigint: 20
        case .real: 700
        case .doublePrecision: 701
        case .decimal: 1700
        case .date: 1082
        case .timestamp: 1114
        case .timestampTZ: 1184
        case .time: 1083
        case .interval: 1186
        case .text: 25
        case .uuid: 2950
        case .json: 114
        default: 2277
        }
    }

    static func typeModifier(of type: DataType) -> Int32 {
        if case .decimal(let precision, let scale) = type { return Int32(precision << 16 | scale) + 4 }
        return -1
    }
}

extension SystemTable {
    /// Columns by name and type.
    init(_ columns: [(String, DataType)], _ rows: [[Value]] = []) {
        self.init(columns: columns.map { Field(name: $0.0, type: $0.1) }, rows: rows)
    }
}
