import Columns
import Execution
import SQLSyntax

extension Binder {
    /// The conditions of a conjunction. EXISTS and IN with subqueries become joins, which are attached to
    /// the input.
    func bindConjuncts(
        _ syntax: SQLExpression, _ construct: String, _ context: ExpressionContext
    ) throws(SQLError) -> [Expression] {
        if case .and(let parts) = syntax.kind {
            var all: [Expression] = []
            for part in parts { all += try bindConjuncts(part, construct, context) }
            return all
        }
        if try attachMembership(syntax, isNegated: false, context) { return [] }
        return try bindCondition(syntax, construct, context).conjuncts
    }

    /// Attaches a join for EXISTS and IN; false for every other condition.
    private func attachMembership(
        _ syntax: SQLExpression, isNegated: Bool, _ context: ExpressionContext
    ) throws(SQLError) -> Bool {
        switch syntax.kind {
        case .not(let operand): return try attachMembership(operand, isNegated: !isNegated, context)
        case .exists(let query):
            let bound = try bind(query, parent: context.scope, commonTables: context.commonTables)
            let (plan, conditions) = try pulled(bound.plan, syntax.span)
            let right = conditions.isEmpty ? LogicalPlan.limit(plan, count: 1, offset: 0) : plan
            context.attachments.add(.join(isNegated ? .anti : .semi, right, conditions))
            return true
        case .inQuery(let operand, let query, let isNotIn):
            try attachIn(operand, query, isNegated: isNegated != isNotIn, syntax, context)
            return true
        case .quantifiedQuery(let operand, "=", .any, let query):
            try attachIn(operand, query, isNegated: isNegated, syntax, context)
            return true
        case .quantifiedQuery(let operand, "<>", .all, let query):
            try attachIn(operand, query, isNegated: !isNegated, syntax, context)
            return true
        default: return false
        }
    }

    /// The subquery's plan without its references to columns of queries around it, and the conditions that
    /// held them.
    private func pulled(
        _ plan: LogicalPlan, _ span: SourceSpan
    ) throws(SQLError) -> (LogicalPlan, [Expression]) {
        let free = plan.freeColumns
        if free.isEmpty { return (plan, []) }
        var pullUp = CorrelationPullUp(free: free, newColumn: newColumn)
        guard let inner = pullUp.pull(plan), inner.freeColumns.isEmpty else {
            throw unsupported("a correlated subquery of this form", at: span)
        }
        return (inner, pullUp.conditions)
    }

    private func attachIn(
        _ operand: SQLExpression, _ query: Query, isNegated: Bool, _ syntax: SQLExpression,
        _ context: ExpressionContext
    ) throws(SQLError) {
        let (pairs, bound) = try bindInPairs(operand, query, syntax, context)
        let (plan, correlated) = try pulled(bound.plan, syntax.span)
        if !isNegated {
            context.attachments.add(.join(.semi, plan, pairs.map(\.equality) + correlated))
        } else if correlated.isEmpty, pairs.count == 1 {
            context.attachments.add(.join(.nullAwareAnti, plan, [pairs[0].equality]))
        } else {
            // NOT IN holds if every row of the subquery is certainly different: none is equal, none is
            // unknown.
            let maybe = pairs.map { pair in
                Expression.or([pair.equality, .isNull(pair.left), .isNull(pair.right)])
            }
            context.attachments.add(.join(.anti, plan, maybe + correlated))
        }
    }

    private struct InPair {
        var left: Expression
        var right: Expression
        var equality: Expression
    }

    /// Binds `(a, b) IN (SELECT c, d …)` to the equalities a = c, b = d.
    private func bindInPairs(
        _ operand: SQLExpression, _ query: Query, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> ([InPair], BoundQuery) {
        var operands = [operand]
        if case .row(let parts) = operand.kind { operands = parts }
        let bound = try bind(query, parent: context.scope, commonTables: context.commonTables)
        guard bound.columns.count == operands.count else {
            let many = bound.columns.count > operands.count ? "many" : "few"
            throw SQLError(.syntaxError, "subquery has too \(many) columns", position: query.span.start)
        }
        var pairs: [InPair] = []
        for (operand, column) in zip(operands, bound.columns) {
            let left = try bind(operand, context)
            let right = BoundExpression(expression: column.reference, span: query.span)
            let equality = try compare(.equal, left, right, sign: "=", span: syntax.span)
            guard case .comparison(_, let first, let second) = equality else { continue }
            pairs.append(InPair(left: first, right: second, equality: equality))
        }
        return (pairs, bound)
    }

    // MARK: Subqueries within expressions

    func bindSubqueryExpression(
        _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        switch syntax.kind {
        case .scalarQuery(let query): return try bindScalar(query, syntax, context)
        case .exists(let query): return try bindExists(query, syntax, context)
        case .inQuery(let operand, let query, let isNegated):
            return try bindIn(operand, query, isNegated, syntax, context)
        case .quantifiedQuery(let operand, "=", .any, let query):
            return try bindIn(operand, query, false, syntax, context)
        case .quantifiedQuery(let operand, "<>", .all, let query):
            return try bindIn(operand, query, true, syntax, context)
        case .quantifiedQuery(_, let sign, let quantifier, _):
            throw unsupported("\(sign) \(quantifier.rawValue) with a subquery", at: syntax.span)
        default: throw unsupported("this expression", at: syntax.span)
        }
    }

    private func bindScalar(
        _ query: Query, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        let bound = typed(try bind(query, parent: context.scope, commonTables: context.commonTables))
        guard bound.columns.count == 1 else {
            throw SQLError(
                .syntaxError, "subquery must return only one column", position: syntax.span.start)
        }
        let result = bound.columns[0]
        let free = bound.plan.freeColumns
        if free.isEmpty {
            let column = newColumn(result.name, result.type)
            let single = LogicalPlan.project(bound.plan, [NamedExpression(result.reference, as: result)])
            context.attachments.add(.scalar(single, column))
            return known(column.reference, syntax)
        }
        let unnesting = ScalarUnnesting(free: free, newColumn: newColumn) { self.primaryKey(of: $0) }
        guard let unnested = unnesting.unnest(bound.plan, result: result) else {
            throw unsupported("a correlated subquery of this form", at: syntax.span)
        }
        context.attachments.add(.join(.left, unnested.plan, unnested.conditions))
        return known(unnested.value, syntax)
    }

    /// Ids of the columns of a scan that are its table's primary key; nil for a table without one.
    private func primaryKey(of scan: LogicalScan) -> Set<Int>? {
        guard let definition = catalog.definition(of: scan.table), !definition.primaryKey.isEmpty else {
            return nil
        }
        let key = scan.columns.filter { definition.primaryKey.contains($0.index) }
        return key.count == definition.primaryKey.count ? Set(key.map(\.column.id)) : nil
    }

    private static let count = AggregateFunction(name: "count", parameterTypes: [], returnType: .bigint)

    private func bindExists(
        _ query: Query, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        let bound = try bind(query, parent: context.scope, commonTables: context.commonTables)
        let (plan, conditions) = try pulled(bound.plan, syntax.span)
        let marker = newColumn("exists", .bigint)
        let call = LogicalAggregate.Call(
            call: AggregateCall(function: Self.count, arguments: []), column: marker)
        if conditions.isEmpty {
            let one = LogicalPlan.limit(plan, count: 1, offset: 0)
            let counted = LogicalPlan.aggregate(LogicalAggregate(input: one, groups: [], calls: [call]))
            let column = newColumn("exists", .bigint)
            context.attachments.add(.scalar(counted, column))
            return known(.comparison(.greater, column.reference, .constant(.bigint(0), .bigint)), syntax)
        }
        var grouping = EqualityGrouping(inner: plan.columnIDs, newColumn: newColumn)
        guard let equalities = grouping.group(conditions) else {
            throw unsupported("a correlated subquery of this form", at: syntax.span)
        }
        let grouped = LogicalPlan.aggregate(
            LogicalAggregate(input: plan, groups: grouping.groups, calls: [call]))
        context.attachments.add(.join(.left, grouped, equalities))
        return known(.isNotNull(marker.reference), syntax)
    }

    /// IN as a value: a left join with the distinct values finds a match, and a scalar tells whether the
    /// list is empty (0), without NULLs (1) or with some (2).
    private func bindIn(
        _ operand: SQLExpression, _ query: Query, _ isNegated: Bool, _ syntax: SQLExpression,
        _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        let (pairs, bound) = try bindInPairs(operand, query, syntax, context)
        guard pairs.count == 1, bound.plan.freeColumns.isEmpty else {
            throw unsupported("IN with a subquery of this form in this place", at: syntax.span)
        }
        let pair = pairs[0]
        let marker = newColumn("match", .bigint)
        let key = newColumn("key", pair.right.type)
        let match = LogicalAggregate.Call(
            call: AggregateCall(function: Self.count, arguments: []), column: marker)
        let values = LogicalPlan.aggregate(
            LogicalAggregate(
                input: bound.plan, groups: [NamedExpression(pair.right, as: key)], calls: [match]))
        context.attachments.add(.join(.left, values, [.comparison(.equal, pair.left, key.reference)]))
        let state = newColumn("state", .integer)
        context.attachments.add(.scalar(nullState(bound.plan, pair.right), state))
        let stateIs = { (number: Int32) in
            Expression.comparison(.equal, state.reference, .constant(.integer(number), .integer))
        }
        let null = Expression.constant(.null, .boolean)
        let found = Expression.caseWhen(
            [
                WhenBranch(condition: stateIs(0), result: .false),
                WhenBranch(condition: .isNull(pair.left), result: null),
                WhenBranch(condition: .isNotNull(marker.reference), result: .true),
                WhenBranch(condition: stateIs(2), result: null),
            ], otherwise: .false, .boolean)
        return known(isNegated ? .not(found) : found, syntax)
    }

    private func nullState(_ plan: LogicalPlan, _ value: Expression) -> LogicalPlan {
        let all = newColumn("all", .bigint)
        let nulls = newColumn("nulls", .bigint)
        let calls = [
            LogicalAggregate.Call(call: AggregateCall(function: Self.count, arguments: []), column: all),
            LogicalAggregate.Call(
                call: AggregateCall(function: Self.count, arguments: [], filter: .isNull(value)),
                column: nulls),
        ]
        let zero = Expression.constant(.bigint(0), .bigint)
        let state = Expression.caseWhen(
            [
                WhenBranch(
                    condition: .comparison(.equal, all.reference, zero),
                    result: .constant(.integer(0), .integer)),
                WhenBranch(
                    condition: .comparison(.equal, nulls.reference, zero),
                    result: .constant(.integer(1), .integer)),
            ], otherwise: .constant(.integer(2), .integer), .integer)
        let counted = LogicalPlan.aggregate(LogicalAggregate(input: plan, groups: [], calls: calls))
        return .project(counted, [NamedExpression(state, as: newColumn("state", .integer))])
    }
}
