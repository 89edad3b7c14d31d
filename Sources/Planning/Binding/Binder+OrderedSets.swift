import Columns
import Execution
import SQLSyntax

/// Aggregates with WITHIN GROUP.
extension Binder {
    private static let hypothetical: Set<String> = ["rank", "dense_rank", "percent_rank", "cume_dist"]

    func bindOrderedSet(
        _ name: String, _ call: FunctionCall, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        let span = syntax.span
        if call.isDistinct {
            throw SQLError(
                .syntaxError, "cannot use DISTINCT with WITHIN GROUP", position: span.start)
        }
        if !call.orderBy.isEmpty {
            throw SQLError(
                .syntaxError, "cannot use multiple ORDER BY clauses with WITHIN GROUP", position: span.start)
        }
        let isHypothetical = Self.hypothetical.contains(name)
        guard isHypothetical || ["percentile_cont", "percentile_disc", "mode"].contains(name) else {
            let message =
                FunctionCatalog.isAggregate(name)
                ? "\(name) is not an ordered-set aggregate, so it cannot have WITHIN GROUP"
                : "WITHIN GROUP specified, but \(name) is not an aggregate function"
            // PostgreSQL looks for a function that takes the order's values as arguments too.
            throw SQLError(.undefinedFunction, message, position: span.start)
        }
        let place = try place(of: syntax, context)
        var direct: [BoundExpression] = []
        for argument in call.arguments {
            let bound = try bind(argument, place.arguments)
            try checkDirect(bound, place.aggregates)
            direct.append(bound)
        }
        var filter: Expression?
        if let condition = call.filter { filter = try bindCondition(condition, "FILTER", place.filter) }
        if isHypothetical {
            let ranking = try HypotheticalRank(binder: self, call, direct, place, filter, span)
            return known(try ranking.value(name), syntax)
        }
        let wantedCount = name == "mode" ? 0 : 1
        guard call.withinGroup.count == 1, direct.count == wantedCount else {
            let types = (direct.map { shown($0) } + ["…"]).joined(separator: ", ")
            throw SQLError(
                .undefinedFunction, "function \(name)(\(types)) does not exist", position: span.start,
                hint: "there is \(name)(\(wantedCount == 0 ? "" : "fraction")) WITHIN GROUP (ORDER BY value)")
        }
        let item = call.withinGroup[0]
        let argument = try bind(item.expression, place.arguments)
        var bound = try plain(name, [argument], span)
        bound.filter = filter
        bound.orderBy = [sortKey(item, bound.arguments[0])]
        guard let fraction = direct.first else {
            return known(column(of: bound, name, place.aggregates).reference, syntax)
        }
        if fraction.type.isArray { return try bindFractions(fraction, bound, name, syntax, place.aggregates) }
        bound.constants = [try fractionValue(fraction)]
        return known(column(of: bound, name, place.aggregates).reference, syntax)
    }

    /// Several fractions in an array give an array of percentiles, NULL where there is no row.
    private func bindFractions(
        _ bound: BoundExpression, _ call: AggregateCall, _ name: String, _ syntax: SQLExpression,
        _ aggregates: AggregateCollection
    ) throws(SQLError) -> BoundExpression {
        var parts: [BoundExpression] = []
        var hasRow: Expression?
        for fraction in try fractions(bound) {
            var single = call
            single.constants = [try fractionValue(fraction)]
            let column = column(of: single, name, aggregates).reference
            if single.constants != [.null] { hasRow = .isNotNull(column) }
            parts.append(BoundExpression(expression: column, span: bound.span))
        }
        let all = try resolve("array", parts, isOperator: false, span: syntax.span)
        guard let hasRow else { return known(all, syntax) }
        return known(
            .caseWhen([WhenBranch(condition: hasRow, result: all)], otherwise: nil, all.type), syntax)
    }

    /// The elements of an array that is a literal or written with ARRAY.
    private func fractions(_ bound: BoundExpression) throws(SQLError) -> [BoundExpression] {
        if case .call(let function, let parts) = bound.expression, function.name == "array" {
            return parts.map { BoundExpression(expression: $0, span: bound.span) }
        }
        guard case .array(let text, _)? = ConstantFolding.fold(bound.expression).constantValue,
            let array = Self.array(text)
        else { throw unsupported("fractions that are no constant", at: bound.span) }
        return array.elements.map { element in
            let value = element.map { Value.text(String(decoding: $0, as: UTF8.self)) }
            return BoundExpression(
                expression: .constant(value ?? .null, .text), isUnknown: true, span: bound.span)
        }
    }

    private static func array(_ text: String) -> ArrayText? {
        var text = text
        return text.withUTF8 { try? ArrayText(reading: $0) }
    }

    /// Direct arguments have one value a group.
    private func checkDirect(
        _ bound: BoundExpression, _ aggregates: AggregateCollection
    ) throws(SQLError) {
        let groups = aggregates.grouping?.groups ?? []
        func isGrouped(_ expression: Expression) -> Bool {
            if groups.contains(where: { $0.expression == expression }) { return true }
            if case .column = expression { return false }
            return expression.operands.allSatisfy(isGrouped)
        }
        if !isGrouped(bound.expression) {
            throw SQLError(
                .groupingError,
                "direct arguments of an ordered-set aggregate must use only grouped columns",
                position: bound.span.start)
        }
    }
}

/// RANK, DENSE_RANK, PERCENT_RANK and CUME_DIST of a row that is not there, written in terms of COUNT.
private struct HypotheticalRank {
    private let binder: Binder
    private let place: Binder.AggregatePlace
    private let filter: Expression?
    /// The row's keys come before the hypothetical ones.
    private let isBefore: Expression
    private let isEqual: Expression
    private let keys: [SortKey]
    private let span: SourceSpan

    init(
        binder: Binder, _ call: FunctionCall, _ direct: [BoundExpression], _ place: Binder.AggregatePlace,
        _ filter: Expression?, _ span: SourceSpan
    ) throws(SQLError) {
        self.binder = binder
        self.place = place
        self.filter = filter
        self.span = span
        guard direct.count == call.withinGroup.count else {
            throw SQLError(
                .undefinedFunction,
                "function \(call.name.last?.name ?? "") does not exist with \(direct.count) direct "
                    + "arguments and \(call.withinGroup.count) of WITHIN GROUP",
                position: span.start,
                hint: "To use the hypothetical-set aggregate, the number of hypothetical direct arguments "
                    + "must match the number of ordering columns.")
        }
        var keys: [SortKey] = []
        var before: [Expression] = []
        var equal: [Expression] = []
        for (item, value) in zip(call.withinGroup, direct) {
            let bound = try binder.bind(item.expression, place.arguments)
            let (both, _) = try Coercion.unify([bound, value], construct: "WITHIN GROUP")
            let key = binder.sortKey(item, both[0])
            let sign: Comparison = key.isDescending ? .greater : .less
            let ofNull = key.nullsFirst ? (both[0], both[1]) : (both[1], both[0])
            let isFirst = Expression.or([
                .comparison(sign, both[0], both[1]), .and([.isNull(ofNull.0), .isNotNull(ofNull.1)]),
            ])
            before.append(Expression.conjunction(equal + [isFirst]) ?? isFirst)
            equal.append(.comparison(.notDistinct, both[0], both[1]))
            keys.append(key)
        }
        self.keys = keys
        isBefore = before.count == 1 ? before[0] : .or(before)
        isEqual = Expression.conjunction(equal) ?? .true
    }

    func value(_ name: String) throws(SQLError) -> Expression {
        switch name {
        case "rank": return try sum(try count(isBefore), 1)
        case "dense_rank": return try denseRank()
        case "percent_rank":
            let all = try count(nil)
            let part = try quotient(try count(isBefore), all)
            let isEmpty = Expression.comparison(.equal, all, .constant(.bigint(0), .bigint))
            let zero = Expression.constant(.doublePrecision(0), .doublePrecision)
            return .caseWhen(
                [WhenBranch(condition: isEmpty, result: zero)], otherwise: part, .doublePrecision)
        default:
            return try quotient(
                try sum(try count(.or([isBefore, isEqual])), 1), try sum(try count(nil), 1))
        }
    }

    private func denseRank() throws(SQLError) -> Expression {
        guard keys.count == 1 else {
            throw binder.unsupported("dense_rank WITHIN GROUP of several keys", at: span)
        }
        let key = keys[0].expression
        let distinct = try count(isBefore, distinct: key)
        let ranked = try sum(distinct, 1)
        if !keys[0].nullsFirst { return ranked }
        let nulls = try count(.and([isBefore, .isNull(key)]))
        let hasNull = Expression.comparison(.greater, nulls, .constant(.bigint(0), .bigint))
        return .caseWhen(
            [WhenBranch(condition: hasNull, result: try sum(ranked, 1))], otherwise: ranked, .bigint)
    }

    /// The number of rows, or of different keys, that pass the filter and the condition.
    private func count(
        _ condition: Expression?, distinct: Expression? = nil
    ) throws(SQLError) -> Expression {
        let arguments = distinct.map { [BoundExpression(expression: $0, span: span)] } ?? []
        var call = try binder.plain("count", arguments, span)
        call.isDistinct = distinct != nil
        call.filter = Expression.conjunction([filter, condition].compactMap { $0 })
        return binder.column(of: call, "count", place.aggregates).reference
    }

    private func sum(_ value: Expression, _ added: Int64) throws(SQLError) -> Expression {
        let one = BoundExpression(expression: .constant(.bigint(added), .bigint), span: span)
        let whole = BoundExpression(expression: value, span: span)
        return try binder.resolve("+", [whole, one], isOperator: true, span: span)
    }

    private func quotient(_ value: Expression, _ divisor: Expression) throws(SQLError) -> Expression {
        let both = [value, divisor].map {
            BoundExpression(expression: Coercion.convert($0, to: .doublePrecision), span: span)
        }
        return try binder.resolve("/", both, isOperator: true, span: span)
    }
}
