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
        let name = try ownName(create.name)
        if run.snapshot.catalog.table(named: name) != nil, create.ifNotExists {
            return .changed(
                0, "CREATE TABLE", notice: "relation \"\(name.name)\" already exists, skipping")
        }
        var fields: [Field] = []
        var key: [Int] = []
        for (index, column) in create.columns.enumerated() {
            let isKey = column.isPrimaryKey || create.primaryKey.contains { $0.name == column.name.name }
            fields.append(
                Field(
                    name: column.name.name, type: try type(column.type),
                    isNullable: !(column.isNotNull || isKey)))
            if column.isPrimaryKey, create.primaryKey.isEmpty { key.append(index) }
        }
        for column in create.primaryKey { key.append(try index(of: column, in: fields)) }
        var clustering: [Int] = []
        for column in create.clusteringKey { clustering.append(try index(of: column, in: fields)) }
        let definition = try configured(
            TableDefinition(name: name, columns: Schema(fields), primaryKey: key, clusteringKey: clustering),
            create.options)
        try changeStore { transaction throws(StorageError) in _ = try transaction.createTable(definition) }
        return .changed(0, "CREATE TABLE")
    }

    private func create(_ create: CreateTableAs) throws(QueryError) -> ResultStream {
        let name = try ownName(create.name)
        if run.snapshot.catalog.table(named: name) != nil, create.ifNotExists {
            return .changed(
                0, "CREATE TABLE AS", notice: "relation \"\(name.name)\" already exists, skipping")
        }
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
        var ids: [TableID] = []
        for parts in drop.names {
            let name = try ownName(parts)
            if let id = run.snapshot.catalog.table(named: name) {
                ids.append(id)
            } else if !drop.ifExists {
                throw TableNames.unknown(parts)
            }
        }
        try changeStore { transaction throws(StorageError) in
            for id in ids { try transaction.dropTable(id) }
        }
        return .changed(0, "DROP TABLE")
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

    private func type(_ name: TypeName) throws(QueryError) -> DataType {
        do throws(SQLError) {
            return try TypeNames.dataType(of: name)
        } catch {
            throw QueryError(error)
        }
    }

    func index(of column: Identifier, in fields: [Field]) throws(QueryError) -> Int {
        guard let index = fields.firstIndex(where: { $0.name == column.name }) else {
            throw QueryError(
                code: SQLState.undefinedColumn.rawValue, message: "column \"\(column.name)\" does not exist",
                position: column.span.start)
        }
        return index
    }
}
