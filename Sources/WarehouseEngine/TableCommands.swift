import Columns
import Execution
import Planning
import SQLSyntax
import Storage
import TableCatalog

/// Statements that change the user's own tables. Each is one commit.
struct TableCommands {
    let run: QueryRun

    /// Schemas that only the mirror writes.
    private static let mirroredSchemas: Set<String> = ["shop", "moysklad"]

    func run(_ statement: Statement) throws(QueryError) -> ResultStream {
        switch statement {
        case .createTable(let create): return try self.create(create)
        case .createTableAs(let create): return try self.create(create)
        case .setOptions(let change): return try setOptions(change)
        case .dropTable(let drop): return try self.drop(drop)
        case .createView(let create): return try self.create(create)
        case .dropView(let drop): return try dropViews(drop)
        case .alterTable(let alter): return try TableAlteration(commands: self, alter: alter).run()
        case .createSchema(let create): return try self.create(create)
        case .dropSchema(let drop): return try dropSchemas(drop)
        case .createIndex(let index): return try create(index)
        case .dropIndex(let drop): return try dropIndexes(drop)
        case .reindex(let reindex): return try self.reindex(reindex)
        case .truncate(let names): return try truncate(names)
        case .comment(let comment): return try self.comment(comment)
        case .insert(let insert): return try self.insert(insert)
        case .update(let update): return try self.update(update)
        case .delete(let delete): return try self.delete(delete)
        case .copy(let copy): return try CopyCommand(commands: self, copy: copy).run()
        default:
            throw QueryError(
                code: SQLState.featureNotSupported.rawValue,
                message: "this statement is not supported yet")
        }
    }

    private func create(_ create: CreateTable) throws(QueryError) -> ResultStream {
        let name = try newName(create.name)
        if isTaken(name), create.ifNotExists {
            return .changed(
                0, "CREATE TABLE", notice: "relation \"\(name.name)\" already exists, skipping")
        }
        try checkFree(name, create.name)
        let definition = try TableShaping(run: run).definition(of: create, named: name)
        let configured = try configured(definition, create.options)
        let indexes = try uniqueIndexes(create.uniques, of: configured)
        try changeStore { transaction throws(StorageError) in
            let id = try transaction.createTable(configured)
            for index in indexes { try transaction.setProperty(index.property, to: index.text, of: id) }
        }
        return .changed(0, "CREATE TABLE")
    }

    private func create(_ create: CreateTableAs) throws(QueryError) -> ResultStream {
        let name = try newName(create.name)
        if isTaken(name), create.ifNotExists {
            return .changed(
                0, "CREATE TABLE AS", notice: "relation \"\(name.name)\" already exists, skipping")
        }
        try checkFree(name, create.name)
        let planned = try run.plan(.query(create.query))
        let names = (create.columns.isEmpty ? planned.columns.fields.map(\.name) : create.columns.map(\.name))
        guard names.count == planned.columns.count else {
            throw QueryError(
                code: SQLState.syntaxError.rawValue,
                message:
                    "CREATE TABLE AS names \(names.count) columns, the query has \(planned.columns.count)")
        }
        let fields = zip(names, planned.columns.fields).map { Field(name: $0, type: $1.type) }
        let definition = try configured(
            TableDefinition(name: name, columns: Schema(fields)), create.options)
        var rows = 0
        try change { (transaction, _) throws(QueryError) in
            let id = try QueryError.storage { () throws(StorageError) in
                try transaction.createTable(definition)
            }
            if create.withData { rows = try append(planned.plan, to: id, transaction) }
        }
        return .changed(rows, "SELECT")
    }

    private func configured(
        _ definition: TableDefinition, _ options: [StatementOption]
    ) throws(QueryError) -> TableDefinition {
        for field in definition.columns.fields where field.type.isArray {
            throw QueryError(
                code: SQLState.featureNotSupported.rawValue,
                message: "a table cannot keep arrays: column \"\(field.name)\" is \(field.type.sqlName)")
        }
        var reader = TableOptionsReader(definition)
        try reader.read(options)
        var result = definition
        result.options = reader.options
        result.clusteringKey = reader.clusteringKey
        return result
    }

    /// How tables are kept is the operator's matter also where the rows are the mirror's.
    private func setOptions(_ change: SetOptions) throws(QueryError) -> ResultStream {
        let id = try TableNames.existing(change.table, in: run.snapshot)
        guard let definition = run.snapshot.catalog.definition(of: id) else {
            throw TableNames.unknown(change.table)
        }
        var reader = TableOptionsReader(definition)
        try reader.read(change.options)
        let (options, clusteringKey) = (reader.options, reader.clusteringKey)
        try changeStore { transaction throws(StorageError) in
            try transaction.setOptions(id, options)
            try transaction.setClusteringKey(id, clusteringKey)
        }
        return .changed(0, "ALTER TABLE")
    }

    private func drop(_ drop: Drop) throws(QueryError) -> ResultStream {
        var ids: Set<TableID> = []
        var notice: String?
        for parts in drop.names {
            let name = try ownName(parts)
            if let id = run.snapshot.catalog.table(named: name) {
                ids.insert(id)
            } else if run.snapshot.catalog.views[name] != nil {
                throw QueryError(
                    code: SQLState.wrongObjectType.rawValue, message: "\"\(name.name)\" is not a table",
                    position: parts.first?.span.start, hint: "Use DROP VIEW to remove a view.")
            } else if drop.ifExists {
                notice = "table \"\(name.name)\" does not exist, skipping"
            } else {
                throw TableNames.missing(parts, "table")
            }
        }
        let views = try dependents(ofTables: ids, "table", drop)
        try changeStore { transaction throws(StorageError) in
            for view in views { try transaction.setView(view, nil) }
            for id in ids { try transaction.dropTable(id) }
        }
        return .changed(0, "DROP TABLE", notice: notice)
    }

    func changeStore(_ body: (StoreTransaction) throws(StorageError) -> Void) throws(QueryError) {
        try change { (transaction, _) throws(QueryError) in
            try QueryError.storage { () throws(StorageError) in try body(transaction) }
        }
    }

    /// One transaction: all of it, or nothing. The run that `body` gets sees the version that the transaction
    /// began from, which nobody changes meanwhile. Inside a transaction of the session, that one.
    func change(_ body: (StoreTransaction, QueryRun) throws(QueryError) -> Void) throws(QueryError) {
        if let open = run.session.transaction {
            let transaction = try open.writer()
            try body(transaction, run.with(try open.snapshot()))
            open.changed()
            return
        }
        let store = run.warehouse.store
        let transaction = try QueryError.storage { () throws(StorageError) in try store.begin() }
        defer { transaction.rollback() }
        try body(transaction, run.with(store.snapshot()))
        try QueryError.storage { () throws(StorageError) in _ = try transaction.commit() }
    }

    /// The name of a table that the user may change.
    func ownName(_ parts: [Identifier]) throws(QueryError) -> TableName {
        let name = try TableNames.name(parts)
        guard !Self.mirroredSchemas.contains(name.schema) else {
            throw QueryError(
                code: "42501", message: "tables of schema \(name.schema) are a mirror of the record: \(name)",
                position: parts.first?.span.start,
                hint: "change them in Moysklad, or copy them to a table of your own")
        }
        return name
    }
}
