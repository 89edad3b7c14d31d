import Columns
import Execution
import SQLSyntax
import TableCatalog

/// Plans over rows that the engine has in its hands: those that a statement has changed, or is about to.
extension Binder {
    /// A scan of given rows with these columns.
    func givenRows(_ columns: [LogicalColumn]) -> LogicalPlan {
        let scanned = columns.enumerated().map { LogicalScan.Column(index: $0, column: $1) }
        return .scan(LogicalScan(table: GivenRows.table, name: "given rows", columns: scanned))
    }

    /// RETURNING over the table's columns of given rows.
    func bindReturning(
        _ items: [SelectItem], _ table: TableDefinition, alias: Identifier?, joined: [TableReference]
    ) throws(SQLError) -> BoundQuery {
        let place = items.first?.expression.span ?? SourceSpan(start: 1, end: 1)
        let columns = table.columns.fields.map { newColumn($0.name, $0.type) }
        let name = alias ?? Identifier(table.name.name, span: place)
        if !joined.isEmpty, items.contains(where: { $0.expression.kind == .star([]) }) {
            throw unsupported("RETURNING * of a statement that joins tables", at: place)
        }
        let tables = CommonTables(parent: nil)
        let rows = CommonTables.Table(
            name: name.name, id: newTable(), query: BoundQuery(plan: givenRows(columns), columns: columns),
            isMaterialized: false)
        tables.tables.append(rows)
        var core = SelectCore(items: items, span: place)
        core.from = [.table(NamedTable(name: [name]))]
        var bound = typed(try bindSelect(core, orderBy: [], parent: nil, tables))
        bound.plan = inline(rows, in: bound.plan)
        return bound
    }

    /// Adds a BOOLEAN column for each check constraint behind the table's columns, which are the last of the
    /// plan's.
    func withChecks(_ rows: BoundQuery, _ table: TableDefinition) throws(SQLError) -> BoundQuery {
        guard !table.checks.isEmpty else { return rows }
        let columns = rows.columns.suffix(table.columns.count)
        var items = rows.columns.map { NamedExpression($0.reference, as: $0) }
        for check in table.checks {
            let condition = try bindCheck(
                try SQLParser.expression(in: check.condition), table, Array(columns))
            items.append(NamedExpression(condition, as: newColumn(check.name, .boolean)))
        }
        return BoundQuery(plan: .project(rows.plan, items), columns: items.map(\.column))
    }

    /// The condition of a check over the columns of a table.
    func bindCheck(
        _ syntax: SQLExpression, _ table: TableDefinition, _ columns: [LogicalColumn]
    ) throws(SQLError) -> Expression {
        let scope = Scope(parent: nil)
        let visible = zip(table.columns.fields, columns).map {
            Scope.VisibleColumn(name: $0.name, expression: $1.reference)
        }
        try scope.add(Scope.Relation(schema: nil, name: table.name.name, columns: visible), position: nil)
        let attachments = Attachments()
        let context = ExpressionContext(
            scope: scope, commonTables: CommonTables(parent: nil), clause: .check, attachments: attachments)
        let condition = try bindCondition(syntax, "CHECK", context)
        guard attachments.list.isEmpty else {
            throw SQLError(
                .featureNotSupported, "cannot use subquery in check constraint", position: syntax.span.start)
        }
        return condition
    }

    /// What given rows meet in the table: the number of a given row, where the row lies that has its key, its
    /// new values, and whether it takes them.
    func bindConflicts(
        _ insert: Insert, _ conflict: OnConflict, _ id: TableID, _ table: TableDefinition
    ) throws(SQLError) -> BoundQuery {
        let target = try bindModified(insert.table, insert.alias, id, table, joined: [])
        let given = table.columns.fields.map { newColumn($0.name, $0.type) }
        let number = newColumn("row number", .bigint)
        let excluded = given.map { Scope.VisibleColumn(name: $0.name, expression: $0.reference) }
        try target.from.scope.add(
            Scope.Relation(schema: nil, name: "excluded", columns: excluded), position: conflict.span.start)
        let keys = table.primaryKey.map {
            Expression.comparison(.equal, target.columns[$0].reference, given[$0].reference)
        }
        let pairs = LogicalPlan.join(
            LogicalJoin(
                kind: .inner, left: target.from.plan, right: givenRows(given + [number]), conditions: keys))
        var items = [
            NamedExpression(number.reference, as: newColumn("number", .bigint)),
            NamedExpression(target.locator.reference, as: newColumn("row", .bigint)),
        ]
        guard let assignments = conflict.assignments else {
            return BoundQuery(plan: .project(pairs, items), columns: items.map(\.column))
        }
        let attachments = Attachments()
        let context = ExpressionContext(
            scope: target.from.scope, commonTables: CommonTables(parent: nil), clause: .update,
            attachments: attachments)
        let values = try bindAssignments(assignments, table, context)
        var takes = Expression.constant(.boolean(true), .boolean)
        if let filter = conflict.filter { takes = try bindCondition(filter, "WHERE", context) }
        items.append(NamedExpression(takes, as: newColumn("takes", .boolean)))
        for (index, field) in table.columns.fields.enumerated() {
            let value = values[index] ?? target.columns[index].reference
            items.append(NamedExpression(value, as: newColumn(field.name, field.type)))
        }
        let rows = BoundQuery(
            plan: .project(attachments.apply(to: pairs), items), columns: items.map(\.column))
        return try withChecks(rows, table)
    }

    /// Checks that a key of the table decides conflicts.
    func checkTarget(_ conflict: OnConflict, _ table: TableDefinition) throws(SQLError) {
        let keyNames = table.primaryKey.map { table.columns[$0].name }
        let names = Set(keyNames)
        for column in conflict.columns { _ = try columnIndex(column, of: table) }
        if let constraint = conflict.constraint, constraint.name != table.name.name + "_pkey" || names.isEmpty
        {
            throw SQLError(
                .undefinedObject,
                "constraint \"\(constraint.name)\" for table \"\(table.name.name)\" does not exist",
                position: constraint.span.start)
        }
        if !conflict.columns.isEmpty, Set(conflict.columns.map(\.name)) != names || names.isEmpty {
            throw SQLError(
                .invalidColumnReference,
                "there is no unique or exclusion constraint matching the ON CONFLICT specification",
                position: conflict.span.start,
                hint: names.isEmpty
                    ? "the table has no primary key"
                    : "the primary key is (\(keyNames.joined(separator: ", ")))"
            )
        }
    }
}

/// Rows that a plan reads from the engine instead of a table.
public enum GivenRows {
    /// The number that no table has.
    public static let table = TableID(rawValue: .max)
}
