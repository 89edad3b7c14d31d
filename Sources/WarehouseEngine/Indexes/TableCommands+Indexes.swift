import Execution
import Planning
import SQLSyntax
import Storage
import TableCatalog

/// CREATE, DROP and REINDEX of indexes, and what unique ones ask of rows. Zone maps, Bloom filters and the
/// clustering key find rows; an index is a name, and a rule if it is unique.
extension TableCommands {
    func create(_ index: CreateIndex) throws(QueryError) -> ResultStream {
        let path = run.session.settings.searchPath
        let id = try TableNames.existing(index.table, in: run.snapshot, path)
        guard let table = run.snapshot.catalog.definition(of: id) else {
            throw TableNames.unknown(index.table)
        }
        try checkKeys(index)
        let taken = names(of: table.name.schema)
        let name = index.name?.name ?? Self.freeName(index.columns, "idx", table.name.name, taken)
        if taken.contains(name) {
            let message = "relation \"\(name)\" already exists"
            if index.ifNotExists { return .done("CREATE INDEX", notice: message + ", skipping") }
            throw QueryError(
                code: SQLState.duplicateTable.rawValue, message: message,
                position: index.name?.span.start ?? index.table.first?.span.start)
        }
        let kept = KeptIndex(name: name, isConstraint: false, definition: index)
        try change { (transaction, run) throws(QueryError) in
            if index.isUnique { try checkUnique(kept, id, transaction, run, isNew: true) }
            try QueryError.storage { () throws(StorageError) in
                try transaction.setProperty(kept.property, to: kept.text, of: id)
            }
        }
        return .done("CREATE INDEX")
    }

    /// Its keys are planned as a query of the table, which finds what is wrong with them.
    private func checkKeys(_ index: CreateIndex) throws(QueryError) {
        for column in index.columns where index.isUnique {
            guard case .column = column.kind else {
                throw QueryError(
                    code: SQLState.featureNotSupported.rawValue,
                    message: "a unique index of an expression is not supported",
                    position: column.span.start, hint: "Its keys are columns.")
            }
        }
        let span = index.table.first?.span ?? SourceSpan(start: 1, end: 1)
        var core = SelectCore(items: index.columns.map { SelectItem($0, alias: nil) }, span: span)
        core.from = [.table(NamedTable(name: index.table))]
        _ = try run.plan(.query(Query(body: .select(core), span: span)))
    }

    /// The names of tables, views and indexes of a schema.
    private func names(of schema: String) -> Set<String> {
        let catalog = run.snapshot.catalog
        var names = Set(catalog.views.keys.filter { $0.schema == schema }.map(\.name))
        for (id, table) in catalog.tables where table.name.schema == schema {
            names.insert(table.name.name)
            if !table.primaryKey.isEmpty { names.insert(table.name.name + "_pkey") }
            names.formUnion(KeptIndex.all(of: id, in: run.snapshot).map(\.name))
        }
        return names
    }

    /// `table_a_b_idx`, with a number if that is taken.
    private static func freeName(
        _ keys: [SQLExpression], _ suffix: String, _ table: String, _ taken: Set<String>
    ) -> String {
        let parts = keys.map { key in
            if case .column(let parts) = key.kind { parts.last?.name ?? "expr" } else { "expr" }
        }
        let base = ([table] + parts + [suffix]).joined(separator: "_")
        var name = base
        var number = 1
        while taken.contains(name) {
            name = base + "\(number)"
            number += 1
        }
        return name
    }

    /// The indexes behind UNIQUE constraints of a table that is being made or changed.
    func uniqueIndexes(
        _ uniques: [UniqueDefinition], of table: TableDefinition
    ) throws(QueryError) -> [KeptIndex] {
        if uniques.isEmpty { return [] }
        var taken = names(of: table.name.schema)
        if !table.primaryKey.isEmpty { taken.insert(table.name.name + "_pkey") }
        var result: [KeptIndex] = []
        for unique in uniques {
            let shaping = TableShaping(run: run)
            for column in unique.columns { _ = try shaping.index(of: column, in: table.columns.fields) }
            let keys = unique.columns.map { SQLExpression(.column([$0]), span: $0.span) }
            let name = unique.name?.name ?? Self.freeName(keys, "key", table.name.name, taken)
            guard taken.insert(name).inserted else {
                throw QueryError(
                    code: SQLState.duplicateTable.rawValue, message: "relation \"\(name)\" already exists",
                    position: unique.name?.span.start)
            }
            let place = unique.columns.first?.span ?? SourceSpan(start: 1, end: 1)
            let definition = CreateIndex(
                name: Identifier(name, span: place), table: [Identifier(table.name.name, span: place)],
                columns: keys, isUnique: true)
            result.append(KeptIndex(name: name, isConstraint: true, definition: definition))
        }
        return result
    }

    func dropIndexes(_ drop: Drop) throws(QueryError) -> ResultStream {
        var found: [(table: TableID, index: KeptIndex)] = []
        var notice: String?
        for parts in drop.names {
            let name = try ownName(parts)
            let position = parts.first?.span.start
            if let kept = KeptIndex.named(name, in: run.snapshot) {
                if kept.index.isConstraint {
                    throw QueryError(
                        code: "2BP01",
                        message: "cannot drop index \(name.name) because constraint \(name.name) requires it",
                        position: position, hint: "You can drop the constraint instead.")
                }
                found.append(kept)
            } else if isTaken(name) {
                throw QueryError(
                    code: SQLState.wrongObjectType.rawValue, message: "\"\(name.name)\" is not an index",
                    position: position)
            } else if drop.ifExists {
                notice = "index \"\(name.name)\" does not exist, skipping"
            } else {
                throw QueryError(
                    code: SQLState.undefinedObject.rawValue,
                    message: "index \"\(name.name)\" does not exist", position: position)
            }
        }
        let all = found
        try changeStore { transaction throws(StorageError) in
            for (table, index) in all { try transaction.setProperty(index.property, to: nil, of: table) }
        }
        return .done("DROP INDEX", notice: notice)
    }

    /// There is nothing to build anew: only the name is looked up.
    func reindex(_ reindex: Reindex) throws(QueryError) -> ResultStream {
        let name = try TableNames.name(reindex.name)
        let position = reindex.name.first?.span.start
        switch reindex.kind {
        case .index:
            guard KeptIndex.named(name, in: run.snapshot) != nil else {
                throw TableNames.unknown(reindex.name)
            }
        case .table:
            _ = try TableNames.existing(reindex.name, in: run.snapshot, run.session.settings.searchPath)
        case .schema:
            guard run.snapshot.catalog.schemas.contains(name.name) || name.name == TableName.defaultSchema
            else {
                throw QueryError(
                    code: SQLState.invalidSchemaName.rawValue,
                    message: "schema \"\(name.name)\" does not exist", position: position)
            }
        case .database, .system: break
        }
        return .done("REINDEX", notice: "indexes hold no rows: there is nothing to rebuild")
    }

    // MARK: Rows

    /// Checks the unique indexes of a table after a statement has changed its rows.
    ///
    /// - Parameter changed: Columns that have other values; nil for all.
    /// - Throws: `23505` naming the index and a key that two rows have.
    ///
    /// Groups all rows of the table by the keys of each index; a table without unique indexes costs nothing.
    func checkUnique(
        _ table: TableID, _ transaction: StoreTransaction, _ run: QueryRun, changed: Set<String>? = nil
    ) throws(QueryError) {
        for index in KeptIndex.unique(of: table, in: run.snapshot) {
            if let changed, changed.isDisjoint(with: index.columnNames) { continue }
            try checkUnique(index, table, transaction, run, isNew: false)
        }
    }

    func checkUnique(
        _ index: KeptIndex, _ table: TableID, _ transaction: StoreTransaction, _ run: QueryRun, isNew: Bool
    ) throws(QueryError) {
        let snapshot = try QueryError.storage { () throws(StorageError) in try transaction.snapshot() }
        guard let definition = snapshot.catalog.definition(of: table) else { return }
        let printer = SQLPrinter()
        let place = SourceSpan(start: 1, end: 1)
        let name = [definition.name.schema, definition.name.name].map { Identifier($0, span: place) }
        let keys = index.columnNames.map { printer.name(Identifier($0, span: place)) }
        let list = keys.joined(separator: ", ")
        let present = keys.map { $0 + " IS NOT NULL" }.joined(separator: " AND ")
        let sql =
            "SELECT \(list) FROM \(printer.name(name)) WHERE \(present) GROUP BY \(list) "
            + "HAVING count(*) > 1 LIMIT 1"
        let statement = try QueryError.sql { () throws(SQLError) in try SQLParser.statement(in: sql) }
        let reader = run.with(snapshot)
        let planned = try reader.plan(statement)
        let rows = ResultStream(columns: [], queue: QueryExecutor.start(planned.plan, reader.makeContext()))
        guard let twice = try rows.allRows().first else { return }
        let values = twice.map { $0.text ?? "NULL" }.joined(separator: ", ")
        let key = "(\(index.columnNames.joined(separator: ", ")))=(\(values))"
        throw QueryError(
            code: SQLState.uniqueViolation.rawValue,
            message: isNew
                ? "could not create unique index \"\(index.name)\": \(key) is duplicated"
                : "duplicate key value violates unique constraint \"\(index.name)\": \(key)")
    }
}
