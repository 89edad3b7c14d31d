import Columns
import Execution
import Planning

/// The lists of `pg_catalog` for people, and tables that are always the same.
extension PostgresCatalog {
    var tableList: SystemTable {
        SystemTable(
            [
                ("schemaname", .text), ("tablename", .text), ("tableowner", .text), ("tablespace", .text),
                ("hasindexes", .boolean), ("hasrules", .boolean), ("hastriggers", .boolean),
                ("rowsecurity", .boolean),
            ],
            tables.relations.compactMap { relation in
                guard let table = relation.table?.definition else { return nil }
                let no = Value.boolean(false)
                return [
                    .text(table.name.schema), .text(table.name.name), .text(SystemTables.owner), .null,
                    .boolean(!table.primaryKey.isEmpty), no, no, no,
                ]
            })
    }

    var viewList: SystemTable {
        SystemTable(
            [("schemaname", .text), ("viewname", .text), ("viewowner", .text), ("definition", .text)],
            tables.relations.compactMap { relation in
                relation.view.map {
                    [
                        .text(relation.name.schema), .text(relation.name.name), .text(SystemTables.owner),
                        .text($0.query + ";"),
                    ]
                }
            })
    }

    var settings: SystemTable {
        SystemTable(
            [
                ("name", .text), ("setting", .text), ("unit", .text), ("category", .text),
                ("short_desc", .text), ("context", .text), ("vartype", .text), ("source", .text),
                ("boot_val", .text), ("reset_val", .text),
            ],
            SettingList.all.map { definition in
                let isChanged = tables.settings.changed(definition.name) != nil
                return [
                    .text(definition.name),
                    .text(tables.settings.shown(definition, tables.options, threads: tables.threads)), .null,
                    .text(definition.category), .text(definition.purpose), .text("user"), .text("string"),
                    .text(isChanged ? "session" : "default"), .text(definition.standard),
                    .text(definition.standard),
                ]
            })
    }

    var descriptions: SystemTable {
        var rows: [[Value]] = []
        for relation in tables.relations {
            guard let id = relation.table?.id else { continue }
            if let text = tables.snapshot.property("comment", of: id) {
                rows.append([.bigint(relation.oid), .bigint(1259), .integer(0), .text(text)])
            }
            for (index, field) in relation.columns.enumerated() {
                if let text = tables.snapshot.property("comment.\(field.name)", of: id) {
                    rows.append([
                        .bigint(relation.oid), .bigint(1259), .integer(Int32(index + 1)), .text(text),
                    ])
                }
            }
        }
        return SystemTable(
            [("objoid", .bigint), ("classoid", .bigint), ("objsubid", .integer), ("description", .text)],
            rows)
    }

    static func rest(_ name: String) -> SystemTable? {
        switch name {
        case "pg_database":
            SystemTable(
                [
                    ("oid", .bigint), ("datname", .text), ("datdba", .bigint), ("encoding", .integer),
                    ("datlocprovider", .text), ("datistemplate", .boolean), ("datallowconn", .boolean),
                    ("datcollate", .text), ("datctype", .text), ("daticulocale", .text), ("datacl", .text),
                ],
                [
                    [
                        .bigint(1), .text(SystemTables.database), .bigint(10), .integer(6), .text("c"),
                        .boolean(false), .boolean(true), .text("C.UTF-8"), .text("C.UTF-8"), .null, .null,
                    ]
                ])
        case "pg_roles":
            SystemTable(
                [
                    ("oid", .bigint), ("rolname", .text), ("rolsuper", .boolean), ("rolinherit", .boolean),
                    ("rolcreaterole", .boolean), ("rolcreatedb", .boolean), ("rolcanlogin", .boolean),
                    ("rolconnlimit", .integer), ("rolvaliduntil", .text),
                ],
                [
                    [
                        .bigint(10), .text(SystemTables.owner), .boolean(true), .boolean(true),
                        .boolean(true),
                        .boolean(true), .boolean(true), .integer(-1), .null,
                    ]
                ])
        case "pg_am":
            SystemTable(
                [("oid", .bigint), ("amname", .text), ("amtype", .text)],
                [
                    [.bigint(2), .text("heap"), .text("t")], [.bigint(403), .text("btree"), .text("i")],
                ])
        case "pg_proc":
            SystemTable(
                [("oid", .bigint), ("proname", .text), ("pronamespace", .bigint), ("prokind", .text)],
                functionRows)
        case "pg_inherits":
            SystemTable([
                ("inhrelid", .bigint), ("inhparent", .bigint), ("inhseqno", .integer),
                ("inhdetachpending", .boolean),
            ])
        case "pg_collation":
            SystemTable([("oid", .bigint), ("collname", .text), ("collnamespace", .bigint)])
        default: nil
        }
    }

    private static var functionRows: [[Value]] {
        let aggregates = FunctionCatalog.aggregateNames
        let names = Set(FunctionCatalog.scalarNames).union(aggregates).sorted()
        return names.enumerated().map { index, name in
            [
                .bigint(10_000 + Int64(index)), .text(name), .bigint(11),
                .text(aggregates.contains(name) ? "a" : "f"),
            ]
        }
    }
}
