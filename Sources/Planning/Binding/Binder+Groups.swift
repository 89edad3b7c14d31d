import Columns
import Execution
import SQLSyntax

extension Binder {
    func bindGroups(_ items: [SelectItem], _ select: SelectBinding) throws(SQLError) {
        let attachments = Attachments()
        let context = ExpressionContext(
            scope: select.scope, commonTables: select.commonTables, clause: .groupBy, attachments: attachments
        )
        for element in select.core.groupBy {
            let syntaxes: [SQLExpression]
            switch element {
            case .expression(let expression): syntaxes = [try groupSyntax(expression, items, select.scope)]
            case .group(let expressions): syntaxes = expressions
            case .rollup: throw unsupported("ROLLUP", at: select.core.span)
            case .cube: throw unsupported("CUBE", at: select.core.span)
            case .sets: throw unsupported("GROUPING SETS", at: select.core.span)
            }
            for syntax in syntaxes {
                let expression: Expression
                if case .element = syntax.kind {
                    expression = try bindItem(syntax, .groupBy, select).expression
                } else {
                    expression = try bindTyped(syntax, context)
                }
                addGroup(expression, name: SyntaxSearch.outputName(of: syntax), select)
            }
        }
        select.plan = attachments.apply(to: select.plan)
        select.inputColumns = select.plan.columnIDs
        select.aggregates = AggregateCollection(inputAttachments: Attachments())
    }

    private func addGroup(_ expression: Expression, name: String, _ select: SelectBinding) {
        if select.groups.contains(where: { $0.expression == expression }) { return }
        if case .column(let id, let type) = expression {
            let column = LogicalColumn(id: id, name: name, type: type)
            select.groups.append(NamedExpression(expression, as: column))
        } else {
            select.groups.append(NamedExpression(expression, as: newColumn(name, expression.type)))
        }
    }

    /// What an element of GROUP BY means: an output column by number, or by name where no input column has
    /// the name.
    private func groupSyntax(
        _ syntax: SQLExpression, _ items: [SelectItem], _ scope: Scope
    ) throws(SQLError) -> SQLExpression {
        switch syntax.kind {
        case .integer(let digits):
            guard let number = Int(digits), items.indices.contains(number - 1) else {
                throw SQLError(
                    .invalidColumnReference, "GROUP BY position \(digits) is not in select list",
                    position: syntax.span.start)
            }
            return items[number - 1].expression
        case .column(let parts) where parts.count == 1 && scope.visibleColumns(named: parts[0].name).isEmpty:
            let found = items.filter { $0.alias?.name == parts[0].name }
            if found.count > 1 {
                throw SQLError(
                    .ambiguousColumn, "GROUP BY \"\(parts[0].name)\" is ambiguous",
                    position: syntax.span.start)
            }
            return found.first?.expression ?? syntax
        default: return syntax
        }
    }

    /// The expression in terms of groups and aggregates.
    ///
    /// - Throws: `groupingError` for a column that is neither grouped nor within an aggregate.
    func aboveGroups(_ expression: Expression, _ select: SelectBinding) throws(SQLError) -> Expression
    {
        guard select.aggregates != nil else { return expression }
        let result = grouped(expression, select)
        let groupColumns = Set(select.groups.map(\.column.id))
        var loose = result.columnIDs.intersection(select.inputColumns).subtracting(groupColumns)
        for column in loose.sorted() where determines(groupColumns, column) {
            // Grouped by a primary key, the table's other columns have one value a group.
            guard let type = result.type(ofColumn: column) else { continue }
            let further = LogicalColumn(id: column, name: firstUse(of: column)?.name ?? "", type: type)
            select.groups.append(NamedExpression(further.reference, as: further))
            loose.remove(column)
        }
        guard let column = loose.min() else { return result }
        let use = firstUse(of: column)
        throw SQLError(
            .groupingError,
            "column \"\(use?.name ?? "")\" must appear in the GROUP BY clause "
                + "or be used in an aggregate function",
            position: use?.position)
    }

    func grouped(_ expression: Expression, _ select: SelectBinding) -> Expression {
        if let group = select.groups.first(where: { $0.expression == expression }) {
            return group.column.reference
        }
        return expression.mapOperands { grouped($0, select) }
    }

    func bindHaving(_ select: SelectBinding) throws(SQLError) -> [Expression] {
        guard let having = select.core.having else { return [] }
        var conditions: [Expression] = []
        for condition in try bindConjuncts(having, "HAVING", select.context(.having)) {
            conditions.append(try aboveGroups(condition, select))
        }
        return conditions
    }
}
