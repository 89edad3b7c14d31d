import Columns
import Execution
import SQLSyntax

extension Binder {
    func bindGroups(_ items: [SelectItem], _ select: SelectBinding) throws(SQLError) {
        let attachments = Attachments()
        let context = ExpressionContext(
            scope: select.scope, commonTables: select.commonTables, clause: .groupBy, attachments: attachments
        )
        var sets = GroupingSetList()
        for element in select.core.groupBy {
            let added = try bindElement(element, items, select, context)
            try sets.combine(with: added, at: select.core.span)
        }
        if select.core.groupByIsDistinct { sets.removeDuplicates() }
        select.plan = attachments.apply(to: select.plan)
        select.inputColumns = select.plan.columnIDs
        select.aggregates = AggregateCollection(inputAttachments: Attachments())
        if sets.isPlain {
            select.aggregates?.grouping = GroupingContext(groups: select.groups, sets: [], setColumn: nil)
        } else {
            expand(select, sets.sets)
        }
    }

    /// Groups by the keys of each set, NULL where the set is without them, and by the set's number.
    private func expand(_ select: SelectBinding, _ sets: [Set<Int>]) {
        let common = sets.dropFirst().reduce(sets.first ?? []) { $0.intersection($1) }
        var keys: [NamedExpression] = []
        var keyPlaces: [Int: Int] = [:]
        for index in select.groups.indices where !common.contains(index) {
            let group = select.groups[index]
            // A column of its own: arguments of aggregates still see the values that are not NULL.
            let column = newColumn(group.column.name, group.column.type)
            if case .column(let id, _) = group.expression, let use = firstUse(of: id) {
                noteUse(of: column.id, name: use.name, position: use.position)
            }
            keyPlaces[index] = keys.count
            keys.append(NamedExpression(group.expression, as: column))
            select.groups[index].column = column
        }
        let setColumn = newColumn("set", .integer)
        let placed = sets.map { set in Set(set.compactMap { keyPlaces[$0] }) }
        select.expansion = SelectBinding.Expansion(
            keys: keys, sets: placed, setColumn: setColumn, commonGroups: common)
        select.aggregates?.grouping = GroupingContext(
            groups: select.groups, sets: sets, setColumn: setColumn)
    }

    /// The grouping sets that an element of GROUP BY stands for; its expressions become groups.
    private func bindElement(
        _ element: GroupingElement, _ items: [SelectItem], _ select: SelectBinding,
        _ context: ExpressionContext
    ) throws(SQLError) -> GroupingSetList {
        switch element {
        case .expression(let expression):
            return GroupingSetList([try bindGroup([expression], items, select, context)])
        case .group(let expressions):
            return GroupingSetList([try bindGroup(expressions, items, select, context)])
        case .rollup(let elements):
            return .rollup(try bindParts(elements, items, select, context))
        case .cube(let elements):
            guard elements.count <= GroupingSetList.cubeElementsMax else {
                throw SQLError(
                    .tooManyColumns, "CUBE is limited to \(GroupingSetList.cubeElementsMax) elements",
                    position: select.core.span.start)
            }
            return .cube(try bindParts(elements, items, select, context))
        case .sets(let elements):
            var result = GroupingSetList([])
            for element in elements {
                result.sets += try bindElement(element, items, select, context).sets
            }
            return result
        }
    }

    /// The parts of ROLLUP and CUBE, each a list of groups that come and go together.
    private func bindParts(
        _ elements: [GroupingElement], _ items: [SelectItem], _ select: SelectBinding,
        _ context: ExpressionContext
    ) throws(SQLError) -> [Set<Int>] {
        var parts: [Set<Int>] = []
        for element in elements {
            switch element {
            case .expression(let expression):
                parts.append(try bindGroup([expression], items, select, context))
            case .group(let expressions):
                parts.append(try bindGroup(expressions, items, select, context))
            case .rollup, .cube, .sets:
                // PostgreSQL takes what stands here for a call.
                throw SQLError(
                    .undefinedFunction, "ROLLUP and CUBE take expressions and lists of expressions only",
                    position: select.core.span.start)
            }
        }
        return parts
    }

    private func bindGroup(
        _ syntaxes: [SQLExpression], _ items: [SelectItem], _ select: SelectBinding,
        _ context: ExpressionContext
    ) throws(SQLError) -> Set<Int> {
        var indices: Set<Int> = []
        for written in syntaxes {
            let syntax = try groupSyntax(written, items, select.scope)
            let expression: Expression
            if case .element = syntax.kind {
                expression = try bindItem(syntax, .groupBy, select).expression
            } else {
                expression = try bindTyped(syntax, context)
            }
            indices.insert(addGroup(expression, name: SyntaxSearch.outputName(of: syntax), select))
        }
        return indices
    }

    /// The index of the group of an expression, new if there is none.
    private func addGroup(_ expression: Expression, name: String, _ select: SelectBinding) -> Int {
        if let index = select.groups.firstIndex(where: { $0.expression == expression }) { return index }
        if case .column(let id, let type) = expression {
            let column = LogicalColumn(id: id, name: name, type: type)
            select.groups.append(NamedExpression(expression, as: column))
        } else {
            select.groups.append(NamedExpression(expression, as: newColumn(name, expression.type)))
        }
        return select.groups.count - 1
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
    func aboveGroups(_ expression: Expression, _ select: SelectBinding) throws(SQLError) -> Expression {
        guard select.aggregates != nil else { return expression }
        let result = grouped(expression, select)
        // Only columns that every grouping set groups by fix the value of others.
        let groupColumns = Set(
            select.groups.indices.filter { select.expansion?.commonGroups.contains($0) ?? true }.map {
                select.groups[$0].column.id
            })
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

    /// The plan grouped, with the aggregates that were collected.
    func aggregated(_ plan: LogicalPlan, _ select: SelectBinding) -> LogicalPlan {
        guard let aggregates = select.aggregates else { return plan }
        let input = aggregates.inputAttachments.apply(to: plan)
        guard let expansion = select.expansion else {
            return .aggregate(
                LogicalAggregate(input: input, groups: select.groups, calls: aggregates.calls))
        }
        let expand = LogicalExpand(
            input: input, keys: expansion.keys, sets: expansion.sets, setColumn: expansion.setColumn)
        let keyColumns = Set(expansion.keys.map(\.column.id))
        var groups = select.groups.map { group in
            keyColumns.contains(group.column.id)
                ? NamedExpression(group.column.reference, as: group.column) : group
        }
        groups.append(NamedExpression(expansion.setColumn.reference, as: expansion.setColumn))
        var aggregate = LogicalAggregate(input: .expand(expand), groups: groups, calls: aggregates.calls)
        for (number, set) in expansion.sets.enumerated() where set.isEmpty && expansion.commonGroups.isEmpty {
            let nulls = Array(repeating: Value.null, count: groups.count - 1)
            aggregate.constantGroups.append(nulls + [.integer(Int32(number))])
        }
        return .aggregate(aggregate)
    }
}
