import Columns
import Execution
import SQLSyntax

/// One SELECT while it is bound.
final class SelectBinding {
    struct Output {
        var name: String
        var syntax: SQLExpression
        var bound: BoundExpression
    }

    struct Expansion {
        var keys: [NamedExpression]
        var sets: [Set<Int>]
        var setColumn: LogicalColumn
        /// Indices of groups that are in every set.
        var commonGroups: Set<Int>
    }

    let core: SelectCore
    let scope: Scope
    let commonTables: CommonTables
    var plan: LogicalPlan
    /// nil for a SELECT without groups and aggregates.
    var aggregates: AggregateCollection?
    var groups: [NamedExpression] = []
    /// How rows are repeated for grouping sets; nil where there is one set.
    var expansion: Expansion?
    /// Subqueries of the select list, HAVING and ORDER BY.
    let attachments = Attachments()
    /// Columns below the aggregation.
    var inputColumns: Set<Int> = []
    var outputs: [Output] = []
    let tableFunctions = TableFunctionCollection()
    private(set) lazy var windows = WindowCollection(self)

    init(core: SelectCore, from: Binder.BoundFrom, commonTables: CommonTables) {
        self.core = core
        self.scope = from.scope
        self.plan = from.plan
        self.commonTables = commonTables
    }

    func context(_ clause: ExpressionContext.Clause) -> ExpressionContext {
        let context = ExpressionContext(
            scope: scope, commonTables: commonTables, clause: clause, attachments: attachments,
            aggregates: aggregates)
        if clause == .select || clause == .orderBy { context.tableFunctions = tableFunctions }
        if clause == .select || clause == .orderBy || clause == .qualify { context.windows = windows }
        return context
    }
}

extension Binder {
    func bindSelect(
        _ core: SelectCore, orderBy: [SortItem], parent: Scope?, _ tables: CommonTables
    ) throws(SQLError) -> BoundQuery {
        try checkWindowNames(core)
        let from = try bindFrom(core.from, parent: parent, tables)
        let select = SelectBinding(core: core, from: from, commonTables: tables)
        if let filter = core.filter { select.plan = try filtered(select.plan, filter, select) }
        let items = try expandStars(core.items, select.scope)
        let isAggregated =
            !core.groupBy.isEmpty || core.having != nil
            || items.contains { SyntaxSearch.containsAggregate($0.expression) }
            || orderBy.contains { SyntaxSearch.containsAggregate($0.expression) }
        if isAggregated { try bindGroups(items, select) }
        for item in items {
            let bound = try bindItem(item.expression, .select, select)
            let name = item.alias?.name ?? SyntaxSearch.outputName(of: item.expression)
            select.outputs.append(SelectBinding.Output(name: name, syntax: item.expression, bound: bound))
        }
        let having = try bindHaving(select)
        let qualify = try bindQualify(select)
        var columns = select.outputs.map { newColumn($0.name, $0.bound.type) }
        let unknown = Set(
            zip(columns, select.outputs).filter { $1.bound.isUnknown }.map { column, _ in column.id })
        let visibleCount = columns.count
        var expressions = select.outputs.map(\.bound.expression)
        var keys: [SortKey] = []
        for item in orderBy {
            let key = try bindSortKey(item, select, &columns, &expressions)
            keys.append(key)
        }
        let project = zip(expressions, columns).map { NamedExpression($0, as: $1) }
        let repeats = try bindTableFunctions(select)
        let first = try bindDistinctOn(select, keys, Array(zip(columns, expressions)))
        var plan = input(of: select, having: having, qualify: qualify)
        if !repeats.isEmpty { plan = .tableFunctions(LogicalTableFunctions(input: plan, calls: repeats)) }
        plan = .project(plan, project)
        if case .all = core.distinct { plan = .distinct(plan) }
        if let first { plan = firstRows(plan, first, keys) }
        if !keys.isEmpty { plan = .sort(plan, keys: keys, limit: nil, offset: 0) }
        let visible = Array(columns.prefix(visibleCount))
        // Columns that only the order needs stay in the plan; who reads the result takes the visible ones.
        return BoundQuery(plan: plan, columns: visible, unknownColumns: unknown)
    }

    /// The functions of the select list that give several rows, over groups if there are any.
    private func bindTableFunctions(
        _ select: SelectBinding
    ) throws(SQLError) -> [LogicalTableFunctions.Call] {
        var calls = select.tableFunctions.calls
        for index in calls.indices {
            var arguments: [Expression] = []
            for argument in calls[index].arguments { arguments.append(try aboveGroups(argument, select)) }
            calls[index].arguments = arguments
        }
        return calls
    }

    private func filtered(
        _ plan: LogicalPlan, _ syntax: SQLExpression, _ select: SelectBinding
    ) throws(SQLError) -> LogicalPlan {
        let attachments = Attachments()
        let context = ExpressionContext(
            scope: select.scope, commonTables: select.commonTables, clause: .where, attachments: attachments)
        let conditions = try bindConjuncts(syntax, "WHERE", context)
        // What reads no subquery stands below them: they are then computed for fewer rows.
        let known = plan.columnIDs
        let subqueries = Set(attachments.list.flatMap(\.columnIDs)).subtracting(known)
        let plain =
            attachments.list.isEmpty
            ? [] : conditions.filter { !$0.columnIDs.isEmpty && $0.columnIDs.isDisjoint(with: subqueries) }
        let rest = conditions.filter { !plain.contains($0) }
        let input = attachments.apply(to: plain.isEmpty ? plan : .filter(plan, plain))
        return rest.isEmpty ? input : .filter(input, rest)
    }

    /// `*` and `t.*` as the columns that they stand for.
    private func expandStars(_ items: [SelectItem], _ scope: Scope) throws(SQLError) -> [SelectItem] {
        var result: [SelectItem] = []
        for item in items {
            guard case .star(let parts) = item.expression.kind else {
                result.append(item)
                continue
            }
            let span = item.expression.span
            guard parts.isEmpty else {
                let names = try columns(of: parts, scope, span)
                noteStar(at: span, parts: parts, names: names)
                result += names.map { name in
                    SelectItem(
                        SQLExpression(.column(parts + [Identifier(name, span: span)]), span: span), alias: nil
                    )
                }
                continue
            }
            if scope.relations.isEmpty {
                throw SQLError(
                    .syntaxError, "SELECT * with no tables specified is not valid", position: span.start)
            }
            noteStar(at: span, of: scope)
            for index in scope.visible.indices {
                let marker = Identifier(scope.visible[index].name, span: span)
                // The number says which of several columns of one name is meant.
                let star = SQLExpression(
                    .element(
                        SQLExpression(.star([]), span: span),
                        index: SQLExpression(.integer(String(index)), span: span)), span: span)
                result.append(SelectItem(star, alias: marker))
            }
        }
        return result
    }

    private func columns(
        of parts: [Identifier], _ scope: Scope, _ span: SourceSpan
    ) throws(SQLError) -> [String] {
        let schema = parts.count > 1 ? parts[parts.count - 2].name : nil
        let name = parts[parts.count - 1].name
        guard let relation = scope.relation(schema: schema, name: name) else {
            throw SQLError(
                .undefinedTable, "missing FROM-clause entry for table \"\(name)\"", position: span.start,
                hint: hint(for: name, among: scope.relations.map(\.name)))
        }
        return relation.columns.map(\.name)
    }

    /// Binds an expression that stands above the aggregation, if there is one.
    func bindItem(
        _ syntax: SQLExpression, _ clause: ExpressionContext.Clause, _ select: SelectBinding
    ) throws(SQLError) -> BoundExpression {
        if case .element(let star, let index) = syntax.kind, case .star([]) = star.kind,
            case .integer(let digits) = index.kind, let place = Int(digits)
        {
            let visible = select.scope.visible[place]
            let name = [Identifier(visible.name, span: syntax.span)]
            if case .column(let id, _) = visible.expression { noteUse(of: id, name, at: syntax.span) }
            return BoundExpression(
                expression: try aboveGroups(visible.expression, select), span: syntax.span)
        }
        var bound = try bind(syntax, select.context(clause))
        bound.expression = try aboveGroups(bound.expression, select)
        return bound
    }

    /// Everything below the projection.
    private func input(
        of select: SelectBinding, having: [Expression], qualify: [Expression]
    ) -> LogicalPlan {
        var plan = aggregated(select.plan, select)
        let made = Set(select.windows.windows.flatMap { $0.calls.map(\.column.id) })
        let (above, below) = select.attachments.split(reading: made)
        plan = below.apply(to: plan) { grouped($0, select) }
        if !having.isEmpty { plan = .filter(plan, having) }
        plan = above.apply(to: select.windows.apply(to: plan)) { grouped($0, select) }
        return qualify.isEmpty ? plan : .filter(plan, qualify)
    }

    // MARK: Order

    /// A sort key: an output column by number or name, or an expression over the input, which becomes a
    /// further column.
    private func bindSortKey(
        _ item: SortItem, _ select: SelectBinding, _ columns: inout [LogicalColumn],
        _ expressions: inout [Expression]
    ) throws(SQLError) -> SortKey {
        let syntax = item.expression
        if case .integer(let digits) = syntax.kind {
            guard let number = Int(digits), select.outputs.indices.contains(number - 1) else {
                throw SQLError(
                    .invalidColumnReference, "ORDER BY position \(digits) is not in select list",
                    position: syntax.span.start)
            }
            return sortKey(item, columns[number - 1].reference)
        }
        if case .column(let parts) = syntax.kind, parts.count == 1 {
            let places = select.outputs.indices.filter { select.outputs[$0].name == parts[0].name }
            let distinct = Set(places.map { expressions[$0] })
            if distinct.count > 1 {
                throw SQLError(
                    .ambiguousColumn, "ORDER BY \"\(parts[0].name)\" is ambiguous",
                    position: syntax.span.start)
            }
            if let place = places.first { return sortKey(item, columns[place].reference) }
        }
        let bound = try bindItem(syntax, .orderBy, select)
        if let place = expressions.firstIndex(of: bound.expression) {
            return sortKey(item, columns[place].reference)
        }
        if case .all = select.core.distinct {
            throw SQLError(
                .invalidColumnReference,
                "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
                position: syntax.span.start)
        }
        let column = newColumn("order", bound.type)
        columns.append(column)
        expressions.append(bound.expression)
        return sortKey(item, column.reference)
    }
}
