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
            let plan = try bindExistence(query, context)
            let right = plan.freeColumns.isEmpty ? LogicalPlan.limit(plan, count: 1, offset: 0) : plan
            context.attachments.add(.join(isNegated ? .anti : .semi, right, []))
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

    /// The plan of a subquery of which only matters whether it has a row: without order and columns of its
    /// own, and without a limit that lets a row pass.
    func bindExistence(_ query: Query, _ context: ExpressionContext) throws(SQLError) -> LogicalPlan {
        var plan = try bind(query, parent: context.scope, commonTables: context.commonTables).plan
        while true {
            switch plan {
            case .sort(let input, _, nil, 0), .project(let input, _), .distinct(let input): plan = input
            case .limit(let input, let count, 0) where (count ?? 1) > 0: plan = input
            default: return plan
            }
        }
    }

    private func attachIn(
        _ operand: SQLExpression, _ query: Query, isNegated: Bool, _ syntax: SQLExpression,
        _ context: ExpressionContext
    ) throws(SQLError) {
        let (pairs, bound) = try bindInPairs(operand, query, syntax, context)
        if !isNegated {
            context.attachments.add(.join(.semi, bound.plan, pairs.map(\.equality)))
        } else if pairs.count == 1, bound.plan.freeColumns.isEmpty {
            context.attachments.add(.join(.nullAwareAnti, bound.plan, [pairs[0].equality]))
        } else {
            // NOT IN holds if every row of the subquery is certainly different: none is equal, none is
            // unknown.
            let maybe = pairs.map { pair in
                Expression.or([pair.equality, .isNull(pair.left), .isNull(pair.right)])
            }
            context.attachments.add(.join(.anti, bound.plan, maybe))
        }
    }

    struct InPair {
        var left: Expression
        var right: Expression
        var equality: Expression
    }

    /// Binds `(a, b) IN (SELECT c, d …)` to the equalities a = c, b = d.
    func bindInPairs(
        _ operand: SQLExpression, _ query: Query, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> ([InPair], BoundQuery) {
        let (sides, bound) = try bindSides(operand, query, context)
        let inner = bound.plan.columnIDs
        var pairs: [InPair] = []
        for (left, right) in sides {
            let equality = try compare(.equal, left, right, sign: "=", span: syntax.span)
            guard case .comparison(_, var first, var second) = equality else { continue }
            if !first.columnIDs.isEmpty, first.columnIDs.isSubset(of: inner) { swap(&first, &second) }
            pairs.append(InPair(left: first, right: second, equality: equality))
        }
        return (pairs, bound)
    }

    /// The values of an operand, each beside the column of a subquery that it is compared with.
    func bindSides(
        _ operand: SQLExpression, _ query: Query, _ context: ExpressionContext
    ) throws(SQLError) -> ([(BoundExpression, BoundExpression)], BoundQuery) {
        var operands = [operand]
        if case .row(let parts) = operand.kind { operands = parts }
        let bound = try bind(query, parent: context.scope, commonTables: context.commonTables)
        guard bound.columns.count == operands.count else {
            let many = bound.columns.count > operands.count ? "many" : "few"
            throw SQLError(.syntaxError, "subquery has too \(many) columns", position: query.span.start)
        }
        var sides: [(BoundExpression, BoundExpression)] = []
        for (operand, column) in zip(operands, bound.columns) {
            let left = try bind(operand, context)
            sides.append((left, BoundExpression(expression: column.reference, span: query.span)))
        }
        return (sides, bound)
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
        case .quantifiedQuery(let operand, let sign, let quantifier, let query):
            return try bindQuantified(operand, sign, quantifier, query, syntax, context)
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
        let single = LogicalPlan.project(bound.plan, [NamedExpression(result.reference, as: result)])
        if free.isEmpty {
            let column = newColumn(result.name, result.type)
            context.attachments.add(.scalar(single, column))
            return known(column.reference, syntax)
        }
        let unnesting = ScalarUnnesting(free: free, newColumn: newColumn) { self.primaryKey(of: $0) }
        if let unnested = unnesting.unnest(bound.plan, result: result) {
            context.attachments.add(.join(.left, unnested.plan, unnested.conditions))
            return known(unnested.value, syntax)
        }
        let column = newColumn(result.name, result.type)
        let value = LogicalPlan.project(bound.plan, [NamedExpression(result.reference, as: column)])
        context.attachments.add(.join(.single, value, []))
        return known(column.reference, syntax)
    }

    /// `(a, b) = (SELECT c, d …)`: a subquery of at most one row.
    func bindRowQuery(
        _ sign: String, _ values: [SQLExpression], _ query: Query, _ syntax: SQLExpression,
        _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        guard let comparison = Comparison(rawValue: sign) else {
            throw unsupported("operator \(sign) on rows", at: syntax.span)
        }
        let row = SQLExpression(.row(values), span: syntax.span)
        let (sides, bound) = try bindSides(row, query, context)
        let items = bound.columns.map { NamedExpression($0.reference, as: $0) }
        context.attachments.add(.join(.single, .project(bound.plan, items), []))
        return known(try compareRows(comparison, sides, syntax.span), syntax)
    }

    /// Ids of the columns of a scan that are its table's primary key; nil for a table without one.
    private func primaryKey(of scan: LogicalScan) -> Set<Int>? {
        guard let definition = catalog.definition(of: scan.table), !definition.primaryKey.isEmpty else {
            return nil
        }
        let key = scan.columns.filter { definition.primaryKey.contains($0.index) }
        return key.count == definition.primaryKey.count ? Set(key.map(\.column.id)) : nil
    }
}
