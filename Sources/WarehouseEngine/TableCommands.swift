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
        case .dropTable(let drop): return try self.drop(drop)
        case .insert(let insert): return try self.insert(insert)
        default:
            throw QueryError(
                code: SQLState.featureNotSupported.rawValue,
                message: "this statement is not supported yet; CREATE TABLE, INSERT and DROP TABLE are")
        }
    }

    private func create(_ create: CreateTable) throws(QueryError) -> ResultStream {
        let name = try ownName(create.name)
        if run.snapshot.catalog.table(named: name) != nil, create.ifNotExists { return .changed(0) }
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
        let definition = TableDefinition(
            name: name, columns: Schema(fields), primaryKey: key, clusteringKey: clustering)
        try change { transaction throws(StorageError) in _ = try transaction.createTable(definition) }
        return .changed(0)
    }

    private func create(_ create: CreateTableAs) throws(QueryError) -> ResultStream {
        let name = try ownName(create.name)
        if run.snapshot.catalog.table(named: name) != nil, create.ifNotExists { return .changed(0) }
        let planned = try run.plan(.query(create.query))
        let names = (create.columns.isEmpty ? planned.columns.fields.map(\.name) : create.columns.map(\.name))
        guard names.count == planned.columns.count else {
            throw QueryError(
                code: SQLState.syntaxError.rawValue,
                message:
                    "CREATE TABLE AS names \(names.count) columns, the query has \(planned.columns.count)")
        }
        let fields = zip(names, planned.columns.fields).map { Field(name: $0, type: $1.type) }
        let chunks = create.withData ? try collect(planned.plan) : []
        let definition = TableDefinition(name: name, columns: Schema(fields))
        try change { transaction throws(StorageError) in
            let id = try transaction.createTable(definition)
            for chunk in chunks { try transaction.append(id, chunk.compacted()) }
        }
        return .changed(chunks.reduce(0) { $0 + $1.selectedCount })
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
        try change { transaction throws(StorageError) in
            for id in ids { try transaction.dropTable(id) }
        }
        return .changed(0)
    }

    private func insert(_ insert: Insert) throws(QueryError) -> ResultStream {
        _ = try ownName(insert.table)
        let planned: PlannedInsert
        do throws(SQLError) {
            planned = try run.makePlanner().plan(insert: insert, parameters: run.parameters)
        } catch {
            throw QueryError(error)
        }
        let chunks = try collect(planned.rows.plan)
        try change { transaction throws(StorageError) in
            for chunk in chunks { try transaction.append(planned.table, chunk.compacted()) }
        }
        return .changed(chunks.reduce(0) { $0 + $1.selectedCount })
    }

    private func collect(_ plan: PhysicalPlan) throws(QueryError) -> [DataChunk] {
        do throws(ExecutionError) {
            return try QueryExecutor.collect(plan, run.makeContext())
        } catch {
            throw QueryError(error)
        }
    }

    private func change(_ body: (StoreTransaction) throws(StorageError) -> Void) throws(QueryError) {
        do throws(StorageError) {
            let transaction = try run.warehouse.store.begin()
            do throws(StorageError) {
                try body(transaction)
                _ = try transaction.commit()
            } catch {
                transaction.rollback()
                throw error
            }
        } catch {
            throw QueryError(error)
        }
    }

    /// The name of a table that the user may change.
    private func ownName(_ parts: [Identifier]) throws(QueryError) -> TableName {
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

    private func index(of column: Identifier, in fields: [Field]) throws(QueryError) -> Int {
        guard let index = fields.firstIndex(where: { $0.name == column.name }) else {
            throw QueryError(
                code: SQLState.undefinedColumn.rawValue, message: "column \"\(column.name)\" does not exist",
                position: column.span.start)
        }
        return index
    }
}

extension ResultStream {
    /// What a statement answers that changes rows.
    static func changed(_ rows: Int) -> ResultStream { ResultStream(columns: [], changedRows: rows) }
}
