import Columns
import Planning
import TableCatalog

/// Functions that tell about the session and the catalogues.
struct SystemFunctions {
    let tables: SystemTables

    func function(_ name: String, _ arguments: [Value?]) -> SystemFunction? {
        switch name {
        case "current_database", "current_catalog": return .value(.text(SystemTables.database), .text)
        case "current_schema":
            return .value(tables.settings.searchPath.first.map { .text($0) } ?? .null, .text)
        case "current_user", "session_user", "user", "current_role":
            return .value(.text(SystemTables.owner), .text)
        case "version":
            return .value(.text("PostgreSQL 15.0 compatible (Ambar)"), .text)
        case "pg_backend_pid": return .value(.integer(1), .integer)
        case "current_setting": return setting(arguments)
        case "pg_table_is_visible", "pg_type_is_visible", "pg_function_is_visible":
            return .value(.boolean(true), .boolean)
        case "has_table_privilege", "has_schema_privilege", "has_database_privilege",
            "has_column_privilege", "pg_has_role":
            return .value(.boolean(true), .boolean)
        case "pg_relation_is_publishable": return .value(.boolean(false), .boolean)
        case "pg_get_userbyid": return .value(.text(SystemTables.owner), .text)
        case "pg_encoding_to_char": return .value(.text("UTF8"), .text)
        case "pg_is_in_recovery": return .value(.boolean(false), .boolean)
        case "pg_get_expr": return .argument(0)
        case "pg_get_statisticsobjdef_columns", "shobj_description", "pg_get_partkeydef":
            return .value(.null, .text)
        case "pg_get_viewdef": return viewDefinition
        case "obj_description": return comments
        case "col_description": return columnComments
        case "pg_get_constraintdef": return constraintDefinition
        case "pg_get_indexdef": return indexDefinition
        case "format_type": return formatType
        case "to_regclass": return relation(arguments)
        case "to_regnamespace": return schema(arguments)
        case "to_regtype": return type(arguments)
        case "regclass_name":
            return .lookup(
                tables.relations.map { ([$0.oid], .text(shown($0.name))) }, otherwise: .null, .text)
        case "regnamespace_name":
            return .lookup(
                tables.schemas.map { ([SystemTables.oid(ofSchema: $0)], .text($0)) }, otherwise: .null, .text)
        case "regtype_name": return formatType
        default: return nil
        }
    }

    private func setting(_ arguments: [Value?]) -> SystemFunction? {
        guard case .text(let name)?? = arguments.first else { return nil }
        return .value(
            tables.settings.value(of: name, tables.options, threads: tables.threads).map { .text($0) }
                ?? .null,
            .text)
    }

    /// A name with its schema unless the search path finds it without.
    private func shown(_ name: TableName) -> String {
        tables.settings.searchPath.contains(name.schema) ? name.name : "\(name)"
    }

    private func relation(_ arguments: [Value?]) -> SystemFunction? {
        guard case .text(let text)?? = arguments.first else { return nil }
        let parts = text.split(separator: ".").map { $0.filter { $0 != "\"" } }
        guard let name = parts.last else { return .value(.null, .bigint) }
        for schema in parts.count > 1 ? [parts[parts.count - 2]] : tables.settings.searchPath {
            let wanted = TableName(schema: schema, name: name)
            if let found = tables.relations.first(where: { $0.name == wanted }) {
                return .value(.bigint(found.oid), .bigint)
            }
        }
        return .value(.null, .bigint)
    }

    private func schema(_ arguments: [Value?]) -> SystemFunction? {
        guard case .text(let text)?? = arguments.first else { return nil }
        let isThere = tables.schemas.contains(text)
        return .value(isThere ? .bigint(SystemTables.oid(ofSchema: text)) : .null, .bigint)
    }

    private func type(_ arguments: [Value?]) -> SystemFunction? {
        guard case .text(let text)?? = arguments.first else { return nil }
        let found = PostgresCatalog.types.first {
            PostgresCatalog.typeName($0) == text || PostgresCatalog.typeText($0, bare: true) == text
        }
        return .value(found.map { .bigint(SystemTables.oid(of: $0)) } ?? .null, .bigint)
    }

    private var viewDefinition: SystemFunction {
        let rows = tables.relations.compactMap { relation -> (keys: [Int64], value: Value)? in
            relation.view.map { ([relation.oid], .text($0.query + ";")) }
        }
        return .lookup(rows, otherwise: .null, .text)
    }

    private var comments: SystemFunction {
        let rows = tables.relations.compactMap { relation -> (keys: [Int64], value: Value)? in
            guard let id = relation.table?.id, let text = tables.snapshot.property("comment", of: id)
            else { return nil }
            return ([relation.oid], .text(text))
        }
        return .lookup(rows, otherwise: .null, .text)
    }

    private var columnComments: SystemFunction {
        var rows: [(keys: [Int64], value: Value)] = []
        for relation in tables.relations {
            guard let id = relation.table?.id else { continue }
            for (index, field) in relation.columns.enumerated() {
                if let text = tables.snapshot.property("comment.\(field.name)", of: id) {
                    rows.append(([relation.oid, Int64(index + 1)], .text(text)))
                }
            }
        }
        return .lookup(rows, otherwise: .null, .text)
    }

    private var constraintDefinition: SystemFunction {
        var rows: [(keys: [Int64], value: Value)] = []
        for relation in tables.relations {
            guard let (id, table) = relation.table else { continue }
            if !table.primaryKey.isEmpty {
                let names = table.primaryKey.map { table.columns[$0].name }.joined(separator: ", ")
                rows.append(([SystemTables.oid(ofConstraintOf: id)], .text("PRIMARY KEY (\(names))")))
            }
            for check in table.checks {
                rows.append(
                    ([SystemTables.oid(ofCheck: check.name, of: id)], .text("CHECK ((\(check.condition)))")))
            }
        }
        return .lookup(rows, otherwise: .null, .text)
    }

    private var indexDefinition: SystemFunction {
        var rows: [(keys: [Int64], value: Value)] = []
        for relation in tables.relations {
            guard let (id, table) = relation.table, !table.primaryKey.isEmpty else { continue }
            let names = table.primaryKey.map { table.columns[$0].name }.joined(separator: ", ")
            let text =
                "CREATE UNIQUE INDEX \(table.name.name)_pkey ON \(shown(table.name)) USING btree (\(names))"
            rows.append(([SystemTables.oid(ofKeyOf: id)], .text(text)))
        }
        return .lookup(rows, otherwise: .null, .text)
    }

    private var formatType: SystemFunction {
        var seen: Set<DataType> = []
        var rows: [(keys: [Int64], value: Value)] = []
        for relation in tables.relations {
            for field in relation.columns where field.type.isDecimal && seen.insert(field.type).inserted {
                let modifier = Int64(SystemTables.typeModifier(of: field.type))
                rows.append(([1700, modifier], .text(PostgresCatalog.typeText(field.type))))
            }
        }
        for type in PostgresCatalog.types {
            rows.append(([SystemTables.oid(of: type)], .text(PostgresCatalog.typeText(type, bare: true))))
        }
        return .lookup(rows, otherwise: .text("???"), .text)
    }
}
