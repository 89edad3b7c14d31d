import Columns
import Execution
import SQLSyntax
import TableCatalog

/// Statements that change rows or make views.
extension Planner {
    /// Plans the rows of an INSERT: all columns of the table in its order, converted to their types;
    /// columns that the statement does not name have their defaults.
    ///
    /// - Throws: Also `datatypeMismatch` for a column that does not convert, and `syntaxError` for too many
    ///   or too few expressions; `invalidColumnReference` when no key decides conflicts.
    public func plan(insert: Insert, parameters: [Value] = []) throws(SQLError) -> PlannedChange {
        let binder = makeBinder(parameters)
        let (id, definition) = try changeable(insert.table, binder, "insert into")
        let rows = try binder.withChecks(try binder.bindInsert(insert, into: definition), definition)
        var change = PlannedChange(
            table: id, rows: try planned(rows.plan, rows.columns, binder), checks: definition.checks)
        if let conflict = insert.onConflict {
            try binder.checkTarget(conflict, definition)
            if !definition.primaryKey.isEmpty {
                let met = try binder.bindConflicts(insert, conflict, id, definition)
                change.conflicts = try planned(met.plan, met.columns, binder)
            }
        }
        change.returning = try plan(insert.returning, definition, insert.alias, [], binder)
        return change
    }

    /// Plans the rows that a DELETE removes: a BIGINT column of `RowLocator.rawValue`, where a row may come
    /// more than once; with RETURNING the table's columns too.
    public func plan(delete: Delete, parameters: [Value] = []) throws(SQLError) -> PlannedChange {
        let binder = makeBinder(parameters)
        let (id, definition) = try changeable(delete.table, binder, "delete from")
        let rows = try binder.bindDelete(delete, id, definition)
        var change = PlannedChange(table: id, rows: try planned(rows.plan, rows.columns, binder))
        change.returning = try plan(delete.returning, definition, delete.alias, delete.using, binder)
        return change
    }

    /// Plans the rows that an UPDATE replaces: a BIGINT column of `RowLocator.rawValue`, then the new values
    /// of the table's columns in its order. With FROM a row may come more than once; any of its new values
    /// is right.
    ///
    /// - Throws: Also `datatypeMismatch`, `undefinedColumn`, `syntaxError` for a column assigned twice.
    public func plan(update: Update, parameters: [Value] = []) throws(SQLError) -> PlannedChange {
        let binder = makeBinder(parameters)
        let (id, definition) = try changeable(update.table, binder, "update")
        let rows = try binder.withChecks(try binder.bindUpdate(update, id, definition), definition)
        var change = PlannedChange(
            table: id, rows: try planned(rows.plan, rows.columns, binder), checks: definition.checks)
        change.returning = try plan(update.returning, definition, update.alias, update.from, binder)
        return change
    }

    private func changeable(
        _ parts: [Identifier], _ binder: Binder, _ verb: String
    ) throws(SQLError) -> (id: TableID, definition: TableDefinition) {
        if let view = binder.view(parts) {
            throw SQLError(
                .featureNotSupported, "cannot \(verb) view \"\(view.name.name)\"",
                position: parts.first?.span.start)
        }
        return try binder.table(parts)
    }

    private func plan(
        _ returning: [SelectItem], _ table: TableDefinition, _ alias: Identifier?, _ joined: [TableReference],
        _ binder: Binder
    ) throws(SQLError) -> PlannedStatement? {
        if returning.isEmpty { return nil }
        let bound = try binder.bindReturning(returning, table, alias: alias, joined: joined)
        return try planned(bound.plan, bound.columns, binder)
    }

    /// The view that a statement makes.
    ///
    /// - Parameters:
    ///   - name: Its name with a schema.
    ///   - text: What the statement was parsed from, with the spans of its tree.
    public func view(
        _ create: CreateView, named name: TableName, text: String
    ) throws(SQLError) -> ViewDefinition {
        let binder = makeBinder([])
        let view = try binder.bindView(create, named: name, text: text)
        if binder.viewsRead.contains(name) {
            throw SQLError(
                .invalidRecursion, "view \(name) would read itself", position: create.name.first?.span.start)
        }
        return view
    }

    /// What a view reads, directly or through other views.
    ///
    /// - Throws: Why the view cannot be read, for example because a table is gone.
    public func dependencies(
        of view: ViewDefinition
    ) throws(SQLError) -> (tables: Set<TableID>, views: Set<TableName>) {
        let binder = makeBinder([])
        _ = try binder.bindView(view, nil, nil, parent: nil)
        return (binder.tablesRead, binder.viewsRead.subtracting([view.name]))
    }

    /// Plans the one value that a column's default gives now.
    public func plan(default syntax: SQLExpression, for field: Field) throws(SQLError) -> PlannedStatement {
        let binder = makeBinder([])
        let column = binder.newColumn(field.name, field.type)
        let item = NamedExpression(try binder.bindDefault(syntax, for: field), as: column)
        return try planned(.project(.oneRow, [item]), [column], binder)
    }

    /// Checks a column's default.
    public func check(default syntax: SQLExpression, for field: Field) throws(SQLError) {
        _ = try makeBinder([]).bindDefault(syntax, for: field)
    }

    /// Checks the condition of a constraint.
    public func check(_ condition: SQLExpression, of table: TableDefinition) throws(SQLError) {
        let binder = makeBinder([])
        let columns = table.columns.fields.map { binder.newColumn($0.name, $0.type) }
        _ = try binder.bindCheck(condition, table, columns)
    }
}
