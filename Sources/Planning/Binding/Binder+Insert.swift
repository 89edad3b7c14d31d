import Columns
import Execution
import SQLSyntax
import TableCatalog

extension Binder {
    /// The rows of an INSERT as the table's columns, in its order.
    func bindInsert(_ insert: Insert, into table: TableDefinition) throws(SQLError) -> BoundQuery {
        if let item = insert.returning.first { throw unsupported("RETURNING", at: item.expression.span) }
        guard let query = insert.query else {
            throw unsupported("DEFAULT VALUES", at: insert.table.first?.span)
        }
        let targets = try targetColumns(insert, table)
        let source = try bind(withoutDefaults(query), parent: nil, commonTables: CommonTables(parent: nil))
        if source.columns.count > targets.count {
            throw SQLError(
                .syntaxError, "INSERT has more expressions than target columns", position: query.span.start)
        }
        if source.columns.count < targets.count, !insert.columns.isEmpty {
            throw SQLError(
                .syntaxError, "INSERT has more target columns than expressions",
                position: insert.columns[source.columns.count].span.start)
        }
        var items: [NamedExpression] = []
        for (index, field) in table.columns.fields.enumerated() {
            let column = newColumn(field.name, field.type)
            var expression = Expression.constant(.null, field.type)
            if let place = targets.firstIndex(of: index), place < source.columns.count {
                expression = try assigned(source.columns[place], source, to: field, query.span)
            }
            items.append(NamedExpression(expression, as: column))
        }
        return BoundQuery(plan: .project(source.plan, items), columns: items.map(\.column))
    }

    private func targetColumns(_ insert: Insert, _ table: TableDefinition) throws(SQLError) -> [Int] {
        if insert.columns.isEmpty { return Array(table.columns.fields.indices) }
        var targets: [Int] = []
        for name in insert.columns {
            let index = try columnIndex(name, of: table)
            if targets.contains(index) {
                throw SQLError(
                    .duplicateColumn, "column \"\(name.name)\" specified more than once",
                    position: name.span.start)
            }
            targets.append(index)
        }
        return targets
    }

    /// VALUES with DEFAULT replaced by NULL, which is every column's default.
    private func withoutDefaults(_ query: Query) -> Query {
        guard case .values(let rows) = query.body else { return query }
        var result = query
        result.body = .values(
            rows.map { row in
                row.map { $0.kind == .defaultValue ? SQLExpression(.null, span: $0.span) : $0 }
            })
        return result
    }

    private func assigned(
        _ column: LogicalColumn, _ source: BoundQuery, to field: Field, _ span: SourceSpan
    ) throws(SQLError) -> Expression {
        if column.type == field.type { return column.reference }
        if source.unknownColumns.contains(column.id)
            || column.type == .text && isLiteral(column, in: source.plan)
        {
            // A literal is read as the column's type, row by row where the rows differ.
            return .cast(column.reference, field.type)
        }
        guard TypeCoercion.canCast(from: column.type, to: field.type, context: .assignment) else {
            throw SQLError(
                .datatypeMismatch,
                "column \"\(field.name)\" is of type \(field.type.shownName) but expression is of type "
                    + column.type.shownName,
                position: span.start, hint: "You will need to rewrite or cast the expression.")
        }
        return .cast(column.reference, field.type)
    }

    /// Whether a column of VALUES holds nothing but constants.
    private func isLiteral(_ column: LogicalColumn, in plan: LogicalPlan) -> Bool {
        guard case .values(let rows, let columns) = plan,
            let index = columns.firstIndex(where: { $0.id == column.id })
        else { return false }
        return rows.allSatisfy { $0[index].isConstant }
    }
}
