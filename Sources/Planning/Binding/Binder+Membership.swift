import Columns
import Execution
import SQLSyntax

/// EXISTS, IN, ANY and ALL as values: counts over the subquery tell which of TRUE, FALSE and NULL it is.
extension Binder {
    private static let count = AggregateFunction(name: "count", parameterTypes: [], returnType: .bigint)

    private func counting(_ name: String, where filter: Expression? = nil) -> LogicalAggregate.Call {
        LogicalAggregate.Call(
            call: AggregateCall(function: Self.count, arguments: [], filter: filter),
            column: newColumn(name, .bigint))
    }

    private static func isPositive(_ column: LogicalColumn) -> Expression {
        .comparison(.greater, column.reference, .constant(.bigint(0), .bigint))
    }

    /// Attaches aggregates over all rows of a subquery: always one row.
    private func attachTotals(
        _ plan: LogicalPlan, _ calls: [LogicalAggregate.Call], _ context: ExpressionContext
    ) {
        let totals = LogicalPlan.aggregate(LogicalAggregate(input: plan, groups: [], calls: calls))
        context.attachments.add(.join(.single, totals, []))
    }

    func bindExists(
        _ query: Query, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        let plan = try bindExistence(query, context)
        let free = plan.freeColumns
        if !free.isEmpty {
            var pullUp = CorrelationPullUp(free: free, newColumn: newColumn)
            if let inner = pullUp.pull(plan), inner.freeColumns.isEmpty {
                var grouping = EqualityGrouping(inner: inner.columnIDs, newColumn: newColumn)
                if let equalities = grouping.group(pullUp.conditions) {
                    let call = counting("exists")
                    let grouped = LogicalPlan.aggregate(
                        LogicalAggregate(input: inner, groups: grouping.groups, calls: [call]))
                    context.attachments.add(.join(.left, grouped, equalities))
                    return known(.isNotNull(call.column.reference), syntax)
                }
            }
        }
        let call = counting("exists")
        attachTotals(free.isEmpty ? .limit(plan, count: 1, offset: 0) : plan, [call], context)
        return known(Self.isPositive(call.column), syntax)
    }

    /// IN as a value. For one column and a subquery of its own: a left join with the distinct values finds a
    /// match, and counts tell whether the list is empty or has NULLs.
    func bindIn(
        _ operand: SQLExpression, _ query: Query, _ isNegated: Bool, _ syntax: SQLExpression,
        _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        let (pairs, bound) = try bindInPairs(operand, query, syntax, context)
        guard pairs.count == 1, bound.plan.freeColumns.isEmpty else {
            let equal = Expression.conjunction(pairs.map(\.equality)) ?? .true
            let found = anyOf(bound.plan, equal, context)
            return known(isNegated ? .not(found) : found, syntax)
        }
        let pair = pairs[0]
        let key = newColumn("key", pair.right.type)
        let match = counting("match")
        let values = LogicalPlan.aggregate(
            LogicalAggregate(
                input: bound.plan, groups: [NamedExpression(pair.right, as: key)], calls: [match]))
        context.attachments.add(.join(.left, values, [.comparison(.equal, pair.left, key.reference)]))
        let all = counting("all")
        let nulls = counting("nulls", where: .isNull(pair.right))
        attachTotals(bound.plan, [all, nulls], context)
        let null = Expression.constant(.null, .boolean)
        let found = Expression.caseWhen(
            [
                WhenBranch(condition: .not(Self.isPositive(all.column)), result: .false),
                WhenBranch(condition: .isNull(pair.left), result: null),
                WhenBranch(condition: .isNotNull(match.column.reference), result: .true),
                WhenBranch(condition: Self.isPositive(nulls.column), result: null),
            ], otherwise: .false, .boolean)
        return known(isNegated ? .not(found) : found, syntax)
    }

    /// `operand sign ANY (SELECT …)` and ALL.
    func bindQuantified(
        _ operand: SQLExpression, _ sign: String, _ quantifier: Quantifier, _ query: Query,
        _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        let (sides, bound) = try bindSides(operand, query, context)
        guard let comparison = Comparison(rawValue: sign) else {
            guard sides.count == 1 else { throw unsupported("operator \(sign) on rows", at: syntax.span) }
            let plain = try resolve(sign, [sides[0].0, sides[0].1], isOperator: true, span: syntax.span)
            guard plain.type == .boolean else {
                throw SQLError(
                    .wrongObjectType, "op ANY/ALL requires operator to yield boolean",
                    position: syntax.span.start)
            }
            if quantifier == .any { return known(anyOf(bound.plan, plain, context), syntax) }
            return known(.not(anyOf(bound.plan, .not(plain), context)), syntax)
        }
        let holds = try compareRows(comparison, sides, syntax.span)
        let fails = ConstantFolding.negation(holds)
        let wanted = quantifier == .any ? holds : fails
        var found: Expression
        let inner = bound.plan.columnIDs
        if sides.count == 1, case .comparison(var sign, var left, var right) = wanted,
            let extreme = { () -> Expression? in
                if !left.columnIDs.isEmpty, left.columnIDs.isSubset(of: inner) {
                    swap(&left, &right)
                    sign = sign.flipped
                }
                return extremes(bound.plan, sign, left, right, context)
            }()
        {
            found = extreme
        } else {
            found = anyOf(bound.plan, wanted, context)
        }
        if quantifier == .all { found = .not(found) }
        return known(found, syntax)
    }

    /// TRUE if the condition is true of some row, else NULL if it is unknown of some, else FALSE.
    private func anyOf(
        _ plan: LogicalPlan, _ condition: Expression, _ context: ExpressionContext
    ) -> Expression {
        let matches = counting("matches", where: condition)
        let unknown = counting("unknown", where: .isNull(condition))
        attachTotals(plan, [matches, unknown], context)
        return .caseWhen(
            [
                WhenBranch(condition: Self.isPositive(matches.column), result: .true),
                WhenBranch(
                    condition: Self.isPositive(unknown.column), result: .constant(.null, .boolean)),
            ], otherwise: .false, .boolean)
    }

    /// The same for a comparison with one column: the least and the greatest value decide. nil where the
    /// type has none.
    private func extremes(
        _ plan: LogicalPlan, _ sign: Comparison, _ left: Expression, _ right: Expression,
        _ context: ExpressionContext
    ) -> Expression? {
        guard sign != .equal, sign != .distinct, sign != .notDistinct else { return nil }
        let type = right.type
        let isInner = right.columnIDs.isSubset(of: plan.columnIDs) && !right.columnIDs.isEmpty
        guard isInner, let low = extreme("min", of: right), let high = extreme("max", of: right) else {
            return nil
        }
        let all = counting("all")
        let nulls = counting("nulls", where: .isNull(right))
        attachTotals(plan, [all, nulls, low, high], context)
        func compared(_ call: LogicalAggregate.Call) -> Expression {
            let column = call.column.reference
            return .comparison(sign, left, column.type == type ? column : .cast(column, type))
        }
        let decisive: Expression
        switch sign {
        case .less, .lessOrEqual: decisive = compared(high)
        case .greater, .greaterOrEqual: decisive = compared(low)
        default: decisive = .or([compared(low), compared(high)])
        }
        let null = Expression.constant(.null, .boolean)
        return .caseWhen(
            [
                WhenBranch(condition: .not(Self.isPositive(all.column)), result: .false),
                WhenBranch(condition: .isNull(left), result: null),
                WhenBranch(condition: decisive, result: .true),
                WhenBranch(condition: Self.isPositive(nulls.column), result: null),
            ], otherwise: .false, .boolean)
    }

    private func extreme(_ name: String, of expression: Expression) -> LogicalAggregate.Call? {
        guard
            let function = try? FunctionCatalog.resolveAggregate(
                name: name, arguments: [.known(expression.type)]),
            function.parameterTypes == [expression.type]
        else { return nil }
        return LogicalAggregate.Call(
            call: AggregateCall(function: function, arguments: [expression]),
            column: newColumn(name, function.returnType))
    }
}
