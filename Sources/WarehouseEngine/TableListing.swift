import Columns
import SQLSyntax
import Storage
import TableCatalog

/// DESCRIBE and SHOW TABLES.
struct TableListing {
    let snapshot: StoreSnapshot
    let searchPath: [String]

    init(_ snapshot: StoreSnapshot, _ searchPath: [String]) {
        self.snapshot = snapshot
        self.searchPath = searchPath
    }

    func describe(_ name: [Identifier]) throws(QueryError) -> ResultStream {
        let columns = ["column", "type", "nullable", "key"].map { ResultColumn(name: $0, type: .text) }
        if let view = try snapshot.catalog.views[TableNames.name(name)] {
            return .rows(
                columns,
                view.columns.fields.map {
                    [.text($0.name), .text($0.type.sqlName), .text("yes"), .text("")]
                })
        }
        let id = try TableNames.existing(name, in: snapshot, searchPath)
        guard let definition = snapshot.catalog.definition(of: id) else { throw TableNames.unknown(name) }
        let rows: [[Value]] = definition.columns.fields.enumerated().map { index, field in
            [
                .text(field.name), .text(field.type.sqlName), .text(field.isNullable ? "yes" : "no"),
                .text(definition.primaryKey.contains(index) ? "primary key" : ""),
            ]
        }
        return .rows(columns, rows)
    }

    /// SHOW TABLES; other settings do not exist.
    func show(_ name: Identifier?) throws(QueryError) -> ResultStream {
        guard name?.name == "tables" else {
            throw QueryError(
                code: SQLState.undefinedObject.rawValue,
                message: "there is no setting \(name?.name ?? "ALL")",
                position: name?.span.start, hint: "SHOW TABLES lists the tables")
        }
        let columns = [
            ResultColumn(name: "schema", type: .text), ResultColumn(name: "table", type: .text),
            ResultColumn(name: "rows", type: .bigint),
        ]
        let rows: [[Value]] = snapshot.catalog.tables.map { id, definition in
            [
                .text(definition.name.schema), .text(definition.name.name),
                .bigint(Int64(snapshot.rowCount(of: id) ?? 0)),
            ]
        }
        return .rows(columns, rows)
    }
}

/// Names of tables as statements give them.
enum TableNames {
    /// The name with its schema, `public` if none was given.
    static func name(_ parts: [Identifier]) throws(QueryError) -> TableName {
        switch parts.count {
        case 1: return TableName(name: parts[0].name)
        case 2: return TableName(schema: parts[0].name, name: parts[1].name)
        default:
            throw QueryError(
                code: SQLState.invalidName.rawValue,
                message: "a table is named by schema.table: \(parts.map(\.name).joined(separator: "."))",
                position: parts.first?.span.start)
        }
    }

    static func existing(
        _ parts: [Identifier], in snapshot: StoreSnapshot, _ searchPath: [String] = [TableName.defaultSchema]
    ) throws(QueryError) -> TableID {
        var name = try name(parts)
        if parts.count > 1 {
            if let id = snapshot.catalog.table(named: name) { return id }
            throw unknown(parts)
        }
        for schema in searchPath {
            name.schema = schema
            if let id = snapshot.catalog.table(named: name) { return id }
        }
        throw unknown(parts)
    }

    /// A table or view that a DROP does not find.
    static func missing(_ parts: [Identifier], _ kind: String) -> QueryError {
        QueryError(
            code: SQLState.undefinedTable.rawValue,
            message: "\(kind) \"\(parts.map(\.name).joined(separator: "."))\" does not exist",
            position: parts.first?.span.start)
    }

    static func unknown(_ parts: [Identifier]) -> QueryError {
        QueryError(
            code: SQLState.undefinedTable.rawValue,
            message: "relation \"\(parts.map(\.name).joined(separator: "."))\" does not exist",
            position: parts.first?.span.start)
    }
}
