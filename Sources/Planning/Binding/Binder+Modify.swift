import Columns
import Execution
import SQLSyntax
import TableCatalog

/// The table that an UPDATE or DELETE changes, as its plan reads it.
struct ModifiedTable {
    var from: Binder.BoundFrom
    /// The table's columns in its order.
    var columns: [LogicalColumn]
    /// Where a row lies in the store; no name of the statement reaches it.
    var locator: LogicalColumn
}

extension Binder {
    /// The rows that a DELETE removes: one column, where each lies, and with RETURNING the table's columns. A
    /// row may come more than once.
    func bindDelete(_ delete: Delete, _ id: TableID, _ table: TableDefinition) throws(SQLError) -> BoundQuery
    {
        let target = try bindModified(delete.table, delete.alias, id, table, joined: delete.using)
        let plan = try filtered(target, delete.filter)
        var items = [NamedExpression(target.locator.reference, as: newColumn("row", .bigint))]
        if !delete.returning.isEmpty {
            items += target.columns.map { NamedExpression($0.reference, as: newColumn($0.name, $0.type)) }
        }
        return BoundQuery(plan: .project(plan, items), columns: items.map(\.column))
    }

    /// The rows that an UPDATE replaces: where each lies, and then the new values of all columns of the table
    /// in its order. A row may come more than once, with any of the values that it is given.
    func bindUpdate(_ update: Update, _ id: TableID, _ table: TableDefinition) throws(SQLError) -> BoundQuery
    {
        let target = try bindModified(update.table, update.alias, id, table, joined: update.from)
        let input = try filtered(target, update.filter)
        let attachments = Attachments()
        let context = ExpressionContext(
            scope: target.from.scope, commonTables: CommonTables(parent: nil), clause: .update,
            attachments: attachments)
        let values = try bindAssignments(update.assignments, table, context)
        var items = [NamedExpression(target.locator.reference, as: newColumn("row", .bigint))]
        for (index, field) in table.columns.fields.enumerated() {
            let value = values[index] ?? target.columns[index].reference
            items.append(NamedExpression(value, as: newColumn(field.name, field.type)))
        }
        return BoundQuery(plan: .project(attachments.apply(to: input), items), columns: items.map(\.column))
    }

    /// The values that columns are assigned, by their indices.
    func bindAssignments(
        _ assignments: [Assignment], _ table: TableDefinition, _ context: ExpressionContext
    ) throws(SQLError) -> [Int: Expression] {
        var values: [Int: Expression] = [:]
        for assignment in assignments {
            let index = try columnIndex(assignment.column, of: table)
            if values[index] != nil {
                throw SQLError(
                    .syntaxError, "multiple assignments to same column \"\(assignment.column.name)\"",
                    position: assignment.column.span.start)
            }
            values[index] =
                assignment.value.kind == .defaultValue
                ? try defaultValue(of: index, in: table)
                : try assigned(assignment.value, to: table.columns[index], context)
        }
        return values
    }

    func bindModified(
        _ parts: [Identifier], _ alias: Identifier?, _ id: TableID, _ table: TableDefinition,
        joined: [TableReference]
    ) throws(SQLError) -> ModifiedTable {
        let columns = table.columns.fields.map { newColumn($0.name, $0.type) }
        let locator = newColumn("row locator", .bigint)
        var scanned = columns.enumerated().map { LogicalScan.Column(index: $0, column: $1) }
        scanned.append(LogicalScan.Column(index: ScanNode.rowLocatorIndex, column: locator))
        let scope = Scope(parent: nil)
        let visible = columns.map { Scope.VisibleColumn(name: $0.name, expression: $0.reference) }
        let name = alias ?? parts.last
        try scope.add(
            Scope.Relation(
                schema: alias == nil ? table.name.schema : nil, name: name?.name ?? "", columns: visible),
            position: name?.span.start)
        let scan = LogicalPlan.scan(LogicalScan(table: id, name: table.name.name, columns: scanned))
        var from = BoundFrom(plan: scan, scope: scope)
        if !joined.isEmpty {
            let other = try bindFrom(joined, parent: nil, CommonTables(parent: nil))
            try from.scope.merge(other.scope, position: nil)
            from.plan = .join(LogicalJoin(kind: .inner, left: scan, right: other.plan, conditions: []))
        }
        return ModifiedTable(from: from, columns: columns, locator: locator)
    }

    private func filtered(
        _ target: ModifiedTable, _ syntax: SQLExpression?
    ) throws(SQLError) -> LogicalPlan {
        guard let syntax else { return target.from.plan }
        let attachments = Attachments()
        let context = ExpressionContext(
            scope: target.from.scope, commonTables: CommonTables(parent: nil), clause: .where,
            attachments: attachments)
        let conditions = try bindConjuncts(syntax, "WHERE", context)
        let input = attachments.apply(to: target.from.plan)
        return conditions.isEmpty ? input : .filter(input, conditions)
    }

    private func assigned(
        _ syntax: SQLExpression, to field: Field, _ context: ExpressionContext
    ) throws(SQLError) -> Expression {
        let value = try bind(syntax, context)
        if value.isUnknown || value.type == field.type { return try Coercion.coerce(value, to: field.type) }
        guard TypeCoercion.canCast(from: value.type, to: field.type, context: .assignment) else {
            throw SQLError(
                .datatypeMismatch,
                "column \"\(field.name)\" is of type \(field.type.shownName) but expression is of type "
                    + value.type.shownName,
                position: syntax.span.start, hint: "You will need to rewrite or cast the expression.")
        }
        return .cast(value.expression, field.type)
    }

    /// A column that a statement assigns to.
    func columnIndex(_ name: Identifier, of table: TableDefinition) throws(SQLError) -> Int {
        guard let index = table.columns.index(of: name.name) else {
            throw SQLError(
                .undefinedColumn,
                "column \"\(name.name)\" of relation \"\(table.name.name)\" does not exist",
                position: name.span.start, hint: hint(for: name.name, among: table.columns.fields.map(\.name))
            )
        }
        return index
    }
}
