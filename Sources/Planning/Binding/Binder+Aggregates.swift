import Columns
import Execution
import SQLSyntax

extension Binder {
    func bindGrouping(
        _ call: FunctionCall, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        guard let grouping = context.aggregates?.grouping else {
            throw SQLError(
                .groupingError, "grouping operations are not allowed in \(context.clause.rawValue)",
                position: syntax.span.start)
        }
        let argumentsMax = 31
        guard call.arguments.count <= argumentsMax else {
            throw SQLError(
                .programLimitExceeded, "GROUPING must have fewer than \(argumentsMax + 1) arguments",
                position: syntax.span.start)
        }
        var indices: [Int] = []
        for argument in call.arguments {
            let expression = try bind(argument, context.with(clause: .groupBy)).expression
            guard let index = grouping.groups.firstIndex(where: { $0.expression == expression }) else {
                throw SQLError(
                    .groupingError,
                    "arguments to GROUPING must be grouping expressions of the associated query level",
                    position: argument.span.start)
            }
            indices.append(index)
        }
        return known(grouping.value(of: indices), syntax)
    }

    /// Where the parts of a call of an aggregate are bound: below the aggregation.
    struct AggregatePlace {
        let aggregates: AggregateCollection
        let arguments: ExpressionContext
        let filter: ExpressionContext
    }

    func place(
        of syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> AggregatePlace {
        guard let aggregates = context.aggregates else {
            let message =
                context.clause == .aggregate || context.clause == .filter
                ? "aggregate function calls cannot be nested"
                : "aggregate functions are not allowed in \(context.clause.rawValue)"
            throw SQLError(.groupingError, message, position: syntax.span.start)
        }
        let attachments = aggregates.inputAttachments
        return AggregatePlace(
            aggregates: aggregates,
            arguments: context.with(clause: .aggregate, attachments: attachments),
            filter: context.with(clause: .filter, attachments: attachments))
    }

    func bindAggregate(
        _ name: String, _ call: FunctionCall, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        let place = try place(of: syntax, context)
        let bound = try aggregateCall(name, call, syntax, place.arguments, place.filter)
        return known(column(of: bound, name, place.aggregates).reference, syntax)
    }

    /// The column of an aggregate, which is computed once however often it is written.
    func column(
        of call: AggregateCall, _ name: String, _ aggregates: AggregateCollection
    ) -> LogicalColumn {
        aggregates.column(of: call) { newColumn(name, call.function.returnType) }
    }

    /// What an aggregate computes, over the columns of `context`: also for an aggregate over a window.
    ///
    /// - Parameter place: Where the condition of FILTER is bound.
    func aggregateCall(
        _ name: String, _ call: FunctionCall, _ syntax: SQLExpression, _ context: ExpressionContext,
        _ place: ExpressionContext
    ) throws(SQLError) -> AggregateCall {
        let span = syntax.span
        if call.isStar, name != "count" {
            throw SQLError(.undefinedFunction, "function \(name)(*) does not exist", position: span.start)
        }
        if call.arguments.isEmpty, !call.isStar, name == "count" {
            throw SQLError(
                .wrongObjectType, "count(*) must be used to call a parameterless aggregate function",
                position: span.start)
        }
        var arguments: [BoundExpression] = []
        for argument in call.arguments { arguments.append(try bind(argument, context)) }
        if name == "percentile_cont" || name == "percentile_disc" {
            throw SQLError(
                .undefinedFunction,
                "function \(name)(\(arguments.map { shown($0) }.joined(separator: ", "))) does not exist",
                position: span.start, hint: "there is \(name)(fraction) WITHIN GROUP (ORDER BY value)")
        }
        var result: AggregateCall
        if let other = try derived(name, arguments, span) {
            result = other
        } else {
            result = try plain(name, arguments, span)
        }
        result.isDistinct = call.isDistinct
        if let condition = call.filter {
            let condition = try bindCondition(condition, "FILTER", place)
            result.filter = result.filter.map { .and([condition, $0]) } ?? condition
        }
        if result.orderBy.isEmpty { result.orderBy = try order(call, arguments, context, span) }
        if name == "array_agg" { result.arguments = try arrayItems(result.arguments, span: span) }
        return result
    }

    func plain(
        _ name: String, _ arguments: [BoundExpression], _ span: SourceSpan
    ) throws(SQLError) -> AggregateCall {
        let function: AggregateFunction
        do throws(FunctionResolutionError) {
            function = try FunctionCatalog.resolveAggregate(
                name: name, arguments: arguments.map(\.argumentType))
        } catch {
            throw unresolved(name, arguments, error, isOperator: false, span: span)
        }
        var converted: [Expression] = []
        for (argument, type) in zip(arguments, function.parameterTypes) {
            converted.append(
                argument.isUnknown
                    ? try Coercion.coerce(argument, to: type)
                    : Coercion.convert(argument.expression, to: type))
        }
        return AggregateCall(function: function, arguments: converted)
    }

    /// Aggregates that are others by another name; nil for one that is none.
    private func derived(
        _ name: String, _ arguments: [BoundExpression], _ span: SourceSpan
    ) throws(SQLError) -> AggregateCall? {
        let fraction: BoundExpression
        let target: String
        switch (name, arguments.count) {
        case ("count_if", 1), ("countif", 1):
            var call = try plain("count", [], span)
            call.filter = try Coercion.coerce(arguments[0], to: .boolean)
            return call
        case ("mode", 1): return ordered(try plain("mode", arguments, span))
        case ("median", 1):
            target = "percentile_cont"
            let half = Expression.constant(.doublePrecision(0.5), .doublePrecision)
            fraction = BoundExpression(expression: half, span: span)
        case ("quantile_cont", 2):
            target = "percentile_cont"
            fraction = arguments[1]
        case ("quantile_disc", 2), ("quantile", 2), ("approx_quantile", 2):
            target = "percentile_disc"
            fraction = arguments[1]
        default:
            if FunctionCatalog.isDerivedAggregate(name) {
                throw unresolved(
                    name, arguments, .noMatch(signatures: [FunctionCatalog.derivedSignature(name)]),
                    isOperator: false, span: span)
            }
            return nil
        }
        var call = ordered(try plain(target, [arguments[0]], span))
        call.constants = [try fractionValue(fraction)]
        return call
    }

    /// The call in ascending order of its argument.
    private func ordered(_ call: AggregateCall) -> AggregateCall {
        var result = call
        result.orderBy = [SortKey(call.arguments[0])]
        return result
    }

    /// A fraction of an ordered-set aggregate: a DOUBLE PRECISION in 0...1, or NULL.
    func fractionValue(_ bound: BoundExpression) throws(SQLError) -> Value {
        let folded = ConstantFolding.fold(try Coercion.coerce(bound, to: .doublePrecision))
        guard let value = folded.constantValue else {
            throw unsupported("a fraction that is no constant", at: bound.span)
        }
        if case .doublePrecision(let fraction) = value, !(0...1).contains(fraction) {
            throw SQLError(
                .numericValueOutOfRange, "percentile value \(fraction) is not between 0 and 1",
                position: bound.span.start)
        }
        return value
    }

    /// The order in which rows are taken. DISTINCT takes them in the order of the arguments unless there is
    /// another, as PostgreSQL's way of finding equal ones does.
    private func order(
        _ call: FunctionCall, _ arguments: [BoundExpression], _ context: ExpressionContext,
        _ span: SourceSpan
    ) throws(SQLError) -> [SortKey] {
        var keys: [SortKey] = []
        for item in call.orderBy {
            let expression = try bindTyped(item.expression, context)
            if call.isDistinct, !arguments.contains(where: { $0.expression == expression }) {
                throw SQLError(
                    .invalidColumnReference,
                    "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list",
                    position: item.expression.span.start)
            }
            keys.append(sortKey(item, expression))
        }
        guard call.isDistinct, keys.isEmpty else { return keys }
        return arguments.filter { !$0.isUnknown && TypeCoercion.isOrdered($0.type) }.map {
            SortKey($0.expression)
        }
    }
}
