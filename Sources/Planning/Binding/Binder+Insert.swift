import Columns
import Execution
import SQLSyntax
import TableCatalog

extension Binder {
    /// The rows of an INSERT as the table's columns, in its order.
    func bindInsert(_ insert: Insert, into table: TableDefinition) throws(SQLError) -> BoundQuery {
        let targets = try targetColumns(insert, table)
        guard let query = insert.query else {
            var items: [NamedExpression] = []
            for (index, field) in table.columns.fields.enumerated() {
                let value = try defaultValue(of: index, in: table)
                items.append(NamedExpression(value, as: newColumn(field.name, field.type)))
            }
            return BoundQuery(plan: .project(.oneRow, items), columns: items.map(\.column))
        }
        let filled = try withDefaults(query, targets, table)
        let source = try bind(filled, parent: nil, commonTables: CommonTables(parent: nil))
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
            let expression: Expression
            if let place = targets.firstIndex(of: index), place < source.columns.count {
                expression = try assigned(source.columns[place], source, to: field, query.span)
            } else {
                expression = try defaultValue(of: index, in: table)
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

    /// VALUES with DEFAULT replaced by what stands for it.
    private func withDefaults(
        _ query: Query, _ targets: [Int], _ table: TableDefinition
    ) throws(SQLError) -> Query {
        guard case .values(let rows) = query.body else { return query }
        var filled = rows
        for (index, row) in rows.enumerated() {
            for (place, cell) in row.enumerated() where cell.kind == .defaultValue && place < targets.count {
                filled[index][place] = try defaultSyntax(of: targets[place], in: table, at: cell.span)
            }
        }
        var result = query
        result.body = .values(filled)
        return result
    }

    /// A column's default as it was written, NULL if it has none.
    private func defaultSyntax(
        of column: Int, in table: TableDefinition, at span: SourceSpan
    ) throws(SQLError) -> SQLExpression {
        guard let text = table.defaults[column] else { return SQLExpression(.null, span: span) }
        return SQLExpression(try SQLParser.expression(in: text).kind, span: span)
    }

    /// What a column takes when a statement gives it no value.
    func defaultValue(of column: Int, in table: TableDefinition) throws(SQLError) -> Expression {
        let field = table.columns[column]
        guard let text = table.defaults[column] else { return .constant(.null, field.type) }
        return try bindDefault(try SQLParser.expression(in: text), for: field)
    }

    /// An expression without columns in the type of the column whose default it is.
    func bindDefault(_ syntax: SQLExpression, for field: Field) throws(SQLError) -> Expression {
        let attachments = Attachments()
        let context = ExpressionContext(
            scope: Scope(parent: nil), commonTables: CommonTables(parent: nil), clause: .default,
            attachments: attachments)
        let value: BoundExpression
        do throws(SQLError) { value = try bind(syntax, context) } catch {
            guard error.code == .undefinedColumn else { throw error }
            throw SQLError(
                .featureNotSupported, "cannot use column reference in DEFAULT expression",
                position: error.position)
        }
        guard attachments.list.isEmpty else {
            throw SQLError(
                .featureNotSupported, "cannot use subquery in DEFAULT expression", position: syntax.span.start
            )
        }
        if value.isUnknown || value.type == field.type { return try Coercion.coerce(value, to: field.type) }
        guard TypeCoercion.canCast(from: value.type, to: field.type, context: .assignment) else {
            throw SQLError(
                .datatypeMismatch,
                "column \"\(field.name)\" is of type \(field.type.shownName) but default expression is of "
                    + "type "
                    + value.type.shownName,
                position: syntax.span.start, hint: "You will need to rewrite or cast the expression.")
        }
        return .cast(value.expression, field.type)
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
