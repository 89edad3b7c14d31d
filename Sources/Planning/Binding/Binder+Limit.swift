import Columns
import Execution
import SQLSyntax

/// LIMIT, OFFSET and FETCH.
extension Binder {
    /// The query with its limits. Numbers that are known become a plain limit; others, and WITH TIES, are
    /// left to an operator that numbers the rows.
    func limited(
        _ bound: BoundQuery, _ query: Query, parent: Scope?, _ tables: CommonTables
    ) throws(SQLError) -> BoundQuery {
        let attachments = Attachments()
        let context = ExpressionContext(
            scope: Scope(parent: parent), commonTables: tables, clause: .limit, attachments: attachments)
        let count = try rowCount(query.limit, "LIMIT", .invalidRowCountInLimitClause, context)
        let offset = try rowCount(
            query.offset, "OFFSET", .invalidRowCountInResultOffsetClause, context)
        guard count != nil || offset != nil else { return bound }
        var result = bound
        if query.limitWithTies, query.orderBy.isEmpty {
            throw SQLError(
                .syntaxError, "WITH TIES cannot be specified without ORDER BY clause",
                position: query.limit?.span.start)
        }
        if !query.limitWithTies, let known = constantCount(count), let start = constantCount(offset) {
            guard known.value != nil || start.value ?? 0 > 0 else { return bound }
            result.plan = .limit(bound.plan, count: known.value, offset: start.value ?? 0)
            return result
        }
        var input = bound.plan
        var keys: [SortKey] = []
        if case .sort(let sorted, let own, nil, 0) = input {
            input = sorted
            keys = own
        }
        result.plan = .rankedLimit(
            LogicalRankedLimit(
                input: attachments.apply(to: input), partition: [], keys: keys, count: count,
                offset: offset, withTies: query.limitWithTies))
        return result
    }

    /// The number of rows that an expression is known to be, with nil for no limit; nil for one that is not
    /// known.
    private func constantCount(_ expression: Expression?) -> (value: Int?, isKnown: Bool)? {
        guard let expression else { return (nil, true) }
        guard let value = expression.constantValue else { return nil }
        return (value.integerValue.map { Int($0) }, true)
    }

    /// Columns of queries around are as good as constants; those of the query itself are not.
    private func rowCount(
        _ syntax: SQLExpression?, _ clause: String, _ code: SQLState, _ context: ExpressionContext
    ) throws(SQLError) -> Expression? {
        guard let syntax else { return nil }
        let bound: BoundExpression
        do throws(SQLError) {
            bound = try bind(syntax, context)
        } catch {
            guard error.code == .undefinedColumn || error.code == .undefinedTable,
                let column = SyntaxSearch.firstColumn(in: syntax)
            else { throw error }
            throw SQLError(
                .invalidColumnReference, "argument of \(clause) must not contain variables",
                position: column.start)
        }
        let expression = ConstantFolding.fold(try Coercion.coerce(bound, to: .bigint, .assignment))
        if let count = expression.constantValue?.integerValue, count < 0 {
            throw SQLError(code, "\(clause) must not be negative", position: syntax.span.start)
        }
        return expression
    }
}
