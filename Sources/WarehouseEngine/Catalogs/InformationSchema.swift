import Columns
import Planning
import TableCatalog

/// The tables of `information_schema`.
struct InformationSchema {
    let tables: SystemTables

    static let names = [
        "columns", "key_column_usage", "schemata", "table_constraints", "tables", "views",
    ]

    private var database: Value { .text(SystemTables.database) }

    func table(_ name: String) -> SystemTable? {
        switch name {
        case "schemata": schemata
        case "tables": relations
        case "columns": columns
        case "views": views
        case "table_constraints": constraints
        case "key_column_usage": keyColumns
        default: nil
        }
    }

    private var schemata: SystemTable {
        SystemTable(
            [("catalog_name", .text), ("schema_name", .text), ("schema_owner", .text)],
            tables.schemas.map { [database, .text($0), .text(SystemTables.owner)] })
    }

    private var relations: SystemTable {
        var rows: [[Value]] = tables.relations.map { relation in
            let isTable = relation.table != nil
            return [
                database, .text(relation.name.schema), .text(relation.name.name),
                .text(isTable ? "BASE TABLE" : "VIEW"), .text(isTable ? "YES" : "NO"), .text("NO"),
            ]
        }
        for (schema, names) in [
            ("information_schema", Self.names), ("pg_catalog", PostgresCatalog.names),
        ] {
            rows += names.map {
                [database, .text(schema), .text($0), .text("VIEW"), .text("NO"), .text("NO")]
            }
        }
        return SystemTable(
            [
                ("table_catalog", .text), ("table_schema", .text), ("table_name", .text),
                ("table_type", .text), ("is_insertable_into", .text), ("is_typed", .text),
            ], rows)
    }

    private var columns: SystemTable {
        var rows: [[Value]] = []
        for relation in tables.relations {
            for (index, field) in relation.columns.enumerated() {
                let size = Self.size(of: field.type)
                rows.append([
                    database, .text(relation.name.schema), .text(relation.name.name), .text(field.name),
                    .integer(Int32(index + 1)),
                    relation.table?.definition.defaults[index].map { .text($0) } ?? .null,
                    .text(field.isNullable ? "YES" : "NO"),
                    .text(PostgresCatalog.typeText(field.type, bare: true)), .null, size.precision,
                    size.radix,
                    size.scale, size.time, database, .text("pg_catalog"),
                    .text(PostgresCatalog.typeName(field.type)), .text("NO"), .text("NEVER"),
                    .text(relation.table == nil ? "NO" : "YES"),
                ])
            }
        }
        return SystemTable(
            [
                ("table_catalog", .text), ("table_schema", .text), ("table_name", .text),
                ("column_name", .text), ("ordinal_position", .integer), ("column_default", .text),
                ("is_nullable", .text), ("data_type", .text), ("character_maximum_length", .integer),
                ("numeric_precision", .integer), ("numeric_precision_radix", .integer),
                ("numeric_scale", .integer), ("datetime_precision", .integer), ("udt_catalog", .text),
                ("udt_schema", .text), ("udt_name", .text), ("is_identity", .text), ("is_generated", .text),
                ("is_updatable", .text),
            ], rows)
    }

    private static func size(
        of type: DataType
    ) -> (precision: Value, radix: Value, scale: Value, time: Value) {
        switch type {
        case .smallint: (.integer(16), .integer(2), .integer(0), .null)
        case .integer: (.integer(32), .integer(2), .integer(0), .null)
        case .bigint: (.integer(64), .integer(2), .integer(0), .null)
        case .real: (.integer(24), .integer(2), .null, .null)
        case .doublePrecision: (.integer(53), .integer(2), .null, .null)
        case .decimal(let precision, let scale):
            (.integer(Int32(precision)), .integer(10), .integer(Int32(scale)), .null)
        case .date: (.null, .null, .null, .integer(0))
        case .timestamp, .timestampTZ, .time, .interval: (.null, .null, .null, .integer(6))
        default: (.null, .null, .null, .null)
        }
    }

    private var views: SystemTable {
        SystemTable(
            [
                ("table_catalog", .text), ("table_schema", .text), ("table_name", .text),
                ("view_definition", .text), ("check_option", .text), ("is_updatable", .text),
            ],
            tables.relations.compactMap { relation in
                relation.view.map {
                    [
                        database, .text(relation.name.schema), .text(relation.name.name),
                        .text($0.query + ";"), .text("NONE"), .text("NO"),
                    ]
                }
            })
    }

    private var constraints: SystemTable {
        var rows: [[Value]] = []
        for relation in tables.relations {
            guard let table = relation.table?.definition else { continue }
            func row(_ name: String, _ kind: String) -> [Value] {
                [
                    database, .text(table.name.schema), .text(name), database, .text(table.name.schema),
                    .text(table.name.name), .text(kind), .text("NO"), .text("NO"), .text("YES"),
                ]
            }
            if !table.primaryKey.isEmpty { rows.append(row(table.name.name + "_pkey", "PRIMARY KEY")) }
            for check in table.checks { rows.append(row(check.name, "CHECK")) }
        }
        return SystemTable(
            [
                ("constraint_catalog", .text), ("constraint_schema", .text), ("constraint_name", .text),
                ("table_catalog", .text), ("table_schema", .text), ("table_name", .text),
                ("constraint_type", .text), ("is_deferrable", .text), ("initially_deferred", .text),
                ("enforced", .text),
            ], rows)
    }

    private var keyColumns: SystemTable {
        var rows: [[Value]] = []
        for relation in tables.relations {
            guard let table = relation.table?.definition else { continue }
            for (place, index) in table.primaryKey.enumerated() {
                rows.append([
                    database, .text(table.name.schema), .text(table.name.name + "_pkey"), database,
                    .text(table.name.schema), .text(table.name.name), .text(table.columns[index].name),
                    .integer(Int32(place + 1)),
                ])
            }
        }
        return SystemTable(
            [
                ("constraint_catalog", .text), ("constraint_schema", .text), ("constraint_name", .text),
                ("table_catalog", .text), ("table_schema", .text), ("table_name", .text),
                ("column_name", .text), ("ordinal_position", .integer),
            ], rows)
    }
}
