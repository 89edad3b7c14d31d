import Columns
import Planning
import TableCatalog

/// The tables of `pg_catalog` that tools ask for. Object identifiers are BIGINT, names TEXT.
struct PostgresCatalog {
    let tables: SystemTables

    static let names = [
        "pg_am", "pg_attrdef", "pg_attribute", "pg_class", "pg_collation", "pg_constraint", "pg_database",
        "pg_description", "pg_index", "pg_inherits", "pg_namespace", "pg_proc", "pg_roles", "pg_settings",
        "pg_tables", "pg_type", "pg_views",
    ]

    /// Types by the name that PostgreSQL's catalogue has.
    static let types: [DataType] = [
        .boolean, .smallint, .integer, .bigint, .real, .doublePrecision, .decimal(precision: 38, scale: 0),
        .date, .timestamp, .timestampTZ, .time, .interval, .text, .uuid, .json,
    ]

    static func typeName(_ type: DataType) -> String {
        switch type {
        case .boolean: "bool"
        case .smallint: "int2"
        case .integer: "int4"
        case .bigint: "int8"
        case .real: "float4"
        case .doublePrecision: "float8"
        case .decimal: "numeric"
        case .date: "date"
        case .timestamp: "timestamp"
        case .timestampTZ: "timestamptz"
        case .time: "time"
        case .interval: "interval"
        case .text: "text"
        case .uuid: "uuid"
        case .json: "json"
        default: "anyarray"
        }
    }

    /// The type as PostgreSQL shows it.
    static func typeText(_ type: DataType, bare: Bool = false) -> String {
        switch type {
        case .boolean: "boolean"
        case .smallint: "smallint"
        case .integer: "integer"
        case .bigint: "bigint"
        case .real: "real"
        case .doublePrecision: "double precision"
        case .decimal(let precision, let scale): bare ? "numeric" : "numeric(\(precision),\(scale))"
        case .timestamp: "timestamp without time zone"
        case .timestampTZ: "timestamp with time zone"
        case .time: "time without time zone"
        case .date, .interval, .text, .uuid, .json: typeName(type)
        default: "ARRAY"
        }
    }

    func table(_ name: String) -> SystemTable? {
        switch name {
        case "pg_namespace": namespaces
        case "pg_class": classes
        case "pg_attribute": attributes
        case "pg_attrdef": defaults
        case "pg_type": typeTable
        case "pg_index": indexes
        case "pg_constraint": constraints
        case "pg_tables": tableList
        case "pg_views": viewList
        case "pg_settings": settings
        case "pg_description": descriptions
        default: Self.rest(name)
        }
    }

    private static let owner = Value.bigint(10)
    private static let empty = Value.text("")

    private var namespaces: SystemTable {
        SystemTable(
            [("oid", .bigint), ("nspname", .text), ("nspowner", .bigint), ("nspacl", .text)],
            tables.schemas.map { [.bigint(SystemTables.oid(ofSchema: $0)), .text($0), Self.owner, .null] })
    }

    private static let classColumns: [(String, DataType)] = [
        ("oid", .bigint), ("relname", .text), ("relnamespace", .bigint), ("reltype", .bigint),
        ("reloftype", .bigint), ("relowner", .bigint), ("relam", .bigint), ("relfilenode", .bigint),
        ("reltablespace", .bigint), ("relpages", .integer), ("reltuples", .real), ("reltoastrelid", .bigint),
        ("relhasindex", .boolean), ("relisshared", .boolean), ("relpersistence", .text), ("relkind", .text),
        ("relnatts", .smallint), ("relchecks", .smallint), ("relhasrules", .boolean),
        ("relhastriggers", .boolean), ("relhassubclass", .boolean), ("relrowsecurity", .boolean),
        ("relforcerowsecurity", .boolean), ("relispopulated", .boolean), ("relreplident", .text),
        ("relispartition", .boolean), ("relacl", .text), ("reloptions", .text), ("relpartbound", .text),
    ]

    private var classes: SystemTable {
        var rows: [[Value]] = []
        for relation in tables.relations {
            let hasKey = !(relation.table?.definition.primaryKey.isEmpty ?? true)
            let rowCount = relation.table.flatMap { tables.snapshot.rowCount(of: $0.id) } ?? 0
            rows.append(
                classRow(
                    relation.oid, relation.name.name, relation.name.schema,
                    kind: relation.table == nil ? "v" : "r", access: relation.table == nil ? 0 : 2,
                    rowCount: rowCount, hasIndex: hasKey, columnCount: relation.columns.count,
                    checkCount: relation.table?.definition.checks.count ?? 0))
            if hasKey, let (id, table) = relation.table {
                rows.append(
                    classRow(
                        SystemTables.oid(ofKeyOf: id), table.name.name + "_pkey", table.name.schema,
                        kind: "i", access: 403, rowCount: rowCount, hasIndex: false,
                        columnCount: table.primaryKey.count, checkCount: 0))
            }
        }
        return SystemTable(Self.classColumns, rows)
    }

    private func classRow(
        _ oid: Int64, _ name: String, _ schema: String, kind: String, access: Int64, rowCount: Int,
        hasIndex: Bool, columnCount: Int, checkCount: Int
    ) -> [Value] {
        let no = Value.boolean(false)
        return [
            .bigint(oid), .text(name), .bigint(SystemTables.oid(ofSchema: schema)), .bigint(0), .bigint(0),
            Self.owner, .bigint(access), .bigint(oid), .bigint(0), .integer(0), .real(Float(rowCount)),
            .bigint(0), .boolean(hasIndex), no, .text("p"), .text(kind),
            .smallint(Int16(clamping: columnCount)),
            .smallint(Int16(clamping: checkCount)), .boolean(kind == "v"), no, no, no, no, .boolean(true),
            .text("d"), no, .null, .null, .null,
        ]
    }

    private var attributes: SystemTable {
        var rows: [[Value]] = []
        for relation in tables.relations {
            for (index, field) in relation.columns.enumerated() {
                let hasDefault = relation.table?.definition.defaults[index] != nil
                rows.append([
                    .bigint(relation.oid), .text(field.name), .bigint(SystemTables.oid(of: field.type)),
                    .smallint(Int16(clamping: field.type.physical.byteCount)),
                    .smallint(Int16(clamping: index + 1)), .integer(0),
                    .integer(SystemTables.typeModifier(of: field.type)), .boolean(!field.isNullable),
                    .boolean(hasDefault), .boolean(false), Self.empty, Self.empty, .bigint(0), .boolean(true),
                    .null, .null,
                ])
            }
        }
        return SystemTable(
            [
                ("attrelid", .bigint), ("attname", .text), ("atttypid", .bigint), ("attlen", .smallint),
                ("attnum", .smallint), ("attndims", .integer), ("atttypmod", .integer),
                ("attnotnull", .boolean), ("atthasdef", .boolean), ("attisdropped", .boolean),
                ("attidentity", .text), ("attgenerated", .text), ("attcollation", .bigint),
                ("attislocal", .boolean), ("attoptions", .text), ("attacl", .text),
            ], rows)
    }

    private var defaults: SystemTable {
        var rows: [[Value]] = []
        for relation in tables.relations {
            for (index, text) in (relation.table?.definition.defaults ?? [:]).sorted(by: { $0.key < $1.key })
            {
                rows.append([
                    .bigint(relation.oid * 2048 + Int64(index)), .bigint(relation.oid),
                    .smallint(Int16(clamping: index + 1)), .text(text),
                ])
            }
        }
        return SystemTable(
            [("oid", .bigint), ("adrelid", .bigint), ("adnum", .smallint), ("adbin", .text)], rows)
    }

    private var typeTable: SystemTable {
        SystemTable(
            [
                ("oid", .bigint), ("typname", .text), ("typnamespace", .bigint), ("typowner", .bigint),
                ("typlen", .smallint), ("typtype", .text), ("typcategory", .text), ("typrelid", .bigint),
                ("typelem", .bigint), ("typarray", .bigint), ("typnotnull", .boolean),
                ("typbasetype", .bigint), ("typtypmod", .integer), ("typcollation", .bigint),
                ("typdefault", .text),
            ],
            Self.types.map { type in
                [
                    .bigint(SystemTables.oid(of: type)), .text(Self.typeName(type)), .bigint(11), Self.owner,
                    .smallint(Int16(clamping: type.physical.byteCount)), .text("b"), .text("U"), .bigint(0),
                    .bigint(0), .bigint(0), .boolean(false), .bigint(0), .integer(-1), .bigint(0), .null,
                ]
            })
    }

    private var keys: [(id: TableID, table: TableDefinition)] {
        tables.relations.compactMap { relation in
            guard let table = relation.table, !table.definition.primaryKey.isEmpty else { return nil }
            return (table.id, table.definition)
        }
    }

    private var indexes: SystemTable {
        let yes = Value.boolean(true)
        let no = Value.boolean(false)
        return SystemTable(
            [
                ("indexrelid", .bigint), ("indrelid", .bigint), ("indnatts", .smallint),
                ("indisunique", .boolean), ("indisprimary", .boolean), ("indisclustered", .boolean),
                ("indisvalid", .boolean), ("indisreplident", .boolean), ("indkey", .text),
                ("indpred", .text), ("indexprs", .text),
            ],
            keys.map { id, table in
                let places = table.primaryKey.map { String($0 + 1) }.joined(separator: " ")
                return [
                    .bigint(SystemTables.oid(ofKeyOf: id)), .bigint(SystemTables.oid(of: id)),
                    .smallint(Int16(clamping: table.primaryKey.count)), yes, yes, no, yes, no, .text(places),
                    .null, .null,
                ]
            })
    }

    private var constraints: SystemTable {
        var rows: [[Value]] = []
        let no = Value.boolean(false)
        for relation in tables.relations {
            guard let (id, table) = relation.table else { continue }
            let schema = Value.bigint(SystemTables.oid(ofSchema: table.name.schema))
            if !table.primaryKey.isEmpty {
                let places = table.primaryKey.map { String($0 + 1) }.joined(separator: ",")
                rows.append([
                    .bigint(SystemTables.oid(ofConstraintOf: id)), .text(table.name.name + "_pkey"), schema,
                    .text("p"), no, no, .boolean(true), .bigint(relation.oid), .bigint(0),
                    .bigint(SystemTables.oid(ofKeyOf: id)), .bigint(0), .bigint(0), .text("{\(places)}"),
                ])
            }
            for check in table.checks {
                rows.append([
                    .bigint(SystemTables.oid(ofCheck: check.name, of: id)), .text(check.name), schema,
                    .text("c"), no, no, .boolean(true), .bigint(relation.oid), .bigint(0), .bigint(0),
                    .bigint(0), .bigint(0), .null,
                ])
            }
        }
        return SystemTable(
            [
                ("oid", .bigint), ("conname", .text), ("connamespace", .bigint), ("contype", .text),
                ("condeferrable", .boolean), ("condeferred", .boolean), ("convalidated", .boolean),
                ("conrelid", .bigint), ("contypid", .bigint), ("conindid", .bigint), ("conparentid", .bigint),
                ("confrelid", .bigint), ("conkey", .text),
            ], rows)
    }
}
