import Columns
import Execution
import SQLSyntax

extension Binder {
    /// Binds a query with its WITH, ORDER BY and LIMIT. `parent` is the scope of the query around it, if any.
    func bind(
        _ query: Query, parent: Scope?, commonTables outer: CommonTables
    ) throws(SQLError) -> BoundQuery {
        guard let with = query.with else { return try bindBody(query, parent: parent, outer) }
        let tables = CommonTables(parent: outer)
        for table in with.tables {
            if tables.tables.contains(where: { $0.name == table.name.name }) {
                throw SQLError(
                    .duplicateAlias, "WITH query name \"\(table.name.name)\" specified more than once",
                    position: table.name.span.start)
            }
            var bound: BoundQuery
            if with.isRecursive, RecursionCheck.mentions(table.name, in: table.query) {
                bound = try bindRecursive(table, parent: parent, tables)
            } else {
                bound = typed(try bind(table.query, parent: parent, commonTables: tables))
                bound.columns = try renamed(bound.columns, table.columns, of: table.name)
            }
            tables.tables.append(
                CommonTables.Table(
                    name: table.name.name, id: newTable(), query: bound, isMaterialized: table.isMaterialized)
            )
        }
        var result = try bindBody(query, parent: parent, tables)
        for table in tables.tables.reversed() { result.plan = place(table, in: result.plan) }
        return result
    }

    /// A common table that is read once is computed where it is read; one that is read more often is
    /// computed first.
    private func place(_ table: CommonTables.Table, in plan: LogicalPlan) -> LogicalPlan {
        if table.useCount == 0 { return plan }
        let isInlined = !(table.isMaterialized ?? (table.useCount > 1 || isInStep(table.id, plan, false)))
        if isInlined { return inline(table, in: plan) }
        let whole = LogicalPlan.project(
            table.query.plan, table.query.columns.map { NamedExpression($0.reference, as: $0) })
        return .materialize(id: table.id, plan: whole, body: plan)
    }

    /// Whether a step of a recursion reads the table: computed there, it would be computed each time.
    private func isInStep(_ id: Int, _ plan: LogicalPlan, _ isWithin: Bool) -> Bool {
        switch plan {
        case .commonScan(id, _): isWithin
        case .recursive(let recursive):
            isInStep(id, recursive.seed.plan, isWithin) || isInStep(id, recursive.step.plan, true)
        default: plan.inputs.contains { isInStep(id, $0, isWithin) }
        }
    }

    func inline(_ table: CommonTables.Table, in plan: LogicalPlan) -> LogicalPlan {
        if case .commonScan(table.id, let columns) = plan {
            let items = zip(table.query.columns, columns).map { NamedExpression($0.reference, as: $1) }
            return .project(table.query.plan, items)
        }
        return plan.mapInputs { inline(table, in: $0) }
    }

    /// Names that an alias gives to the first columns.
    func renamed(
        _ columns: [LogicalColumn], _ names: [Identifier], of alias: Identifier
    ) throws(SQLError) -> [LogicalColumn] {
        guard names.count <= columns.count else {
            throw SQLError(
                .invalidColumnReference,
                "table \"\(alias.name)\" has \(columns.count) columns available "
                    + "but \(names.count) columns specified",
                position: alias.span.start)
        }
        var result = columns
        for (index, name) in names.enumerated() { result[index].name = name.name }
        return result
    }

    private func bindBody(
        _ query: Query, parent: Scope?, _ tables: CommonTables
    ) throws(SQLError) -> BoundQuery {
        if case .select(let core) = query.body {
            var bound = try bindSelect(core, orderBy: query.orderBy, parent: parent, tables)
            bound = try limited(bound, query, parent: parent, tables)
            return bound
        }
        var bound = try bind(query.body, parent: parent, tables)
        if !query.orderBy.isEmpty {
            bound = typed(bound)
            var keys: [SortKey] = []
            for item in query.orderBy { keys.append(try outputKey(item, bound.columns)) }
            bound.plan = .sort(bound.plan, keys: keys, limit: nil, offset: 0)
        }
        return try limited(bound, query, parent: parent, tables)
    }

    /// A key of ORDER BY over UNION or VALUES: an output column by name or number.
    private func outputKey(_ item: SortItem, _ columns: [LogicalColumn]) throws(SQLError) -> SortKey {
        let span = item.expression.span
        switch item.expression.kind {
        case .integer(let digits):
            guard let number = Int(digits), columns.indices.contains(number - 1) else {
                throw SQLError(
                    .invalidColumnReference, "ORDER BY position \(digits) is not in select list",
                    position: span.start)
            }
            return sortKey(item, columns[number - 1].reference)
        case .column(let parts) where parts.count == 1:
            let found = columns.filter { $0.name == parts[0].name }
            if found.count == 1 { return sortKey(item, found[0].reference) }
            if found.isEmpty {
                throw SQLError(
                    .undefinedColumn, "column \"\(parts[0].name)\" does not exist", position: span.start,
                    hint: hint(for: parts[0].name, among: columns.map(\.name)))
            }
            throw SQLError(
                .ambiguousColumn, "ORDER BY \"\(parts[0].name)\" is ambiguous", position: span.start)
        default:
            throw SQLError(
                .featureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause", position: span.start,
                hint: "Only result column names can be used, not expressions or functions.")
        }
    }

    func sortKey(_ item: SortItem, _ expression: Expression) -> SortKey {
        SortKey(expression, isDescending: item.isDescending, nullsFirst: item.nullsFirst)
    }

    /// The query with its untyped literals as TEXT.
    func typed(_ query: BoundQuery) -> BoundQuery {
        var result = query
        result.unknownColumns = []
        return result
    }

    // MARK: Bodies

    func bind(
        _ body: QueryBody, parent: Scope?, _ tables: CommonTables
    ) throws(SQLError) -> BoundQuery {
        switch body {
        case .select(let core): return try bindSelect(core, orderBy: [], parent: parent, tables)
        case .nested(let query): return try bind(query, parent: parent, commonTables: tables)
        case .values(let rows): return try bindValues(rows, parent: parent, tables)
        case .table(let name):
            let span = name.first?.span ?? SourceSpan(start: 1, end: 1)
            var core = SelectCore(
                items: [SelectItem(SQLExpression(.star([]), span: span), alias: nil)], span: span)
            core.from = [.table(NamedTable(name: name))]
            return try bindSelect(core, orderBy: [], parent: parent, tables)
        case .setOperation(let operation, let isAll, let left, let right):
            let first = try bind(left, parent: parent, tables)
            let second = try bind(right, parent: parent, tables)
            return try combine(operation, isAll: isAll, first, second, place: SyntaxSearch.span(of: right))
        case .unions(let bodies, let isAll):
            return try bindUnions(bodies, isAll: isAll, parent: parent, tables)
        }
    }

    private func bindValues(
        _ rows: [[SQLExpression]], parent: Scope?, _ tables: CommonTables
    ) throws(SQLError) -> BoundQuery {
        var bound: [[BoundExpression]] = []
        var subqueries: [Attachments] = []
        for row in rows {
            let attachments = Attachments()
            let context = ExpressionContext(
                scope: Scope(parent: parent), commonTables: tables, clause: .values, attachments: attachments)
            var cells: [BoundExpression] = []
            for cell in row { cells.append(try bind(cell, context)) }
            bound.append(cells)
            subqueries.append(attachments)
        }
        var columns: [LogicalColumn] = []
        var unknown: Set<Int> = []
        var typed: [[Expression]] = rows.map { _ in [] }
        for index in 0..<(rows.first?.count ?? 0) {
            let (expressions, type) = try Coercion.unify(bound.map { $0[index] }, construct: "VALUES")
            for (row, expression) in expressions.enumerated() { typed[row].append(expression) }
            let column = newColumn("column\(index + 1)", type)
            if bound.allSatisfy({ $0[index].isUnknown }) { unknown.insert(column.id) }
            columns.append(column)
        }
        if subqueries.allSatisfy(\.isEmpty) {
            return BoundQuery(
                plan: .values(typed, columns: columns), columns: columns, unknownColumns: unknown)
        }
        let inputs = zip(typed, subqueries).map { row, attachments in
            let items = zip(row, columns).map { NamedExpression($0, as: newColumn($1.name, $1.type)) }
            return UnionInput(
                plan: .project(attachments.apply(to: .oneRow), items), columns: items.map(\.column))
        }
        return BoundQuery(
            plan: .unionAll(inputs, columns: columns), columns: columns, unknownColumns: unknown)
    }
}
