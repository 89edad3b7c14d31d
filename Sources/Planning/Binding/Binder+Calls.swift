import Columns
import Execution
import SQLSyntax

extension Binder {
    func bindCall(
        _ call: FunctionCall, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        let name = call.name.last?.name ?? ""
        if let over = call.over { return try bindWindowCall(name, call, over, syntax, context) }
        if Self.isWindowFunction(name) {
            throw SQLError(
                .wrongObjectType, "window function \(name) requires an OVER clause",
                position: syntax.span.start)
        }
        if !call.withinGroup.isEmpty { throw unsupported("WITHIN GROUP", at: syntax.span) }
        if givesSeveralRows(name) { return try bindSetCall(name, call, syntax, context) }
        if name == "coalesce" { return try bindCoalesce(call, syntax, context) }
        if FunctionCatalog.isAggregate(name) { return try bindAggregate(name, call, syntax, context) }
        if call.isStar || call.isDistinct || call.filter != nil || !call.orderBy.isEmpty {
            throw SQLError(
                .wrongObjectType, "\(name) is not an aggregate function", position: syntax.span.start)
        }
        if let special = try bindTypeCall(name, call, syntax, context) { return special }
        if name == "grouping" { return try bindGrouping(call, syntax, context) }
        var arguments: [BoundExpression] = []
        for argument in call.arguments { arguments.append(try bind(argument, context)) }
        if let value = try sessionValue(name, arguments) { return known(value, syntax) }
        return known(try resolve(name, arguments, isOperator: false, span: syntax.span), syntax)
    }

    private func bindCoalesce(
        _ call: FunctionCall, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        var arguments: [BoundExpression] = []
        for argument in call.arguments { arguments.append(try bind(argument, context)) }
        guard !arguments.isEmpty else {
            throw SQLError(.syntaxError, "COALESCE needs an argument", position: syntax.span.start)
        }
        let (unified, type) = try Coercion.unify(arguments, construct: "COALESCE")
        return known(unified.count == 1 ? unified[0] : .coalesce(unified, type), syntax)
    }

    /// Chooses the overload and casts the arguments to it.
    func resolve(
        _ name: String, _ arguments: [BoundExpression], isOperator: Bool, span: SourceSpan
    ) throws(SQLError) -> Expression {
        let function: ScalarFunction
        do throws(FunctionResolutionError) {
            function = try FunctionCatalog.resolveScalar(
                name: name, arguments: arguments.map(\.argumentType),
                constants: arguments.map(\.expression.constantValue))
        } catch {
            throw unresolved(name, arguments, error, isOperator: isOperator, span: span)
        }
        var converted: [Expression] = []
        for (argument, type) in zip(arguments, function.parameterTypes) {
            if argument.isUnknown {
                converted.append(try Coercion.coerce(argument, to: type))
            } else {
                converted.append(Coercion.convert(argument.expression, to: type))
            }
        }
        return .call(function, converted)
    }

    /// The type of an operand as messages show it.
    func shown(_ argument: BoundExpression) -> String {
        argument.isUnknown ? "unknown" : argument.type.shownName
    }

    private func unresolved(
        _ name: String, _ arguments: [BoundExpression], _ error: FunctionResolutionError, isOperator: Bool,
        span: SourceSpan
    ) -> SQLError {
        let types = arguments.map { shown($0) }
        let call: String
        if isOperator {
            let sides = types.count == 2 ? "\(types[0]) \(name) \(types[1])" : "\(name) \(types.first ?? "")"
            call = "operator does not exist: \(sides)"
        } else {
            call = "function \(name)(\(types.joined(separator: ", "))) does not exist"
        }
        switch error {
        case .unknownName(let near):
            let advice =
                near.isEmpty
                ? nil : "did you mean " + near.map { "\"\($0)\"" }.joined(separator: " or ") + "?"
            return SQLError(
                .undefinedFunction, call, position: span.start, hint: isOperator ? nil : advice)
        case .noMatch(let signatures):
            let advice =
                isOperator
                ? "No operator matches the given argument types. You might need to add explicit type casts."
                : "there is " + signatures.joined(separator: ", ")
            return SQLError(.undefinedFunction, call, position: span.start, hint: advice)
        case .ambiguous(let signatures):
            let what = isOperator ? "operator" : "function"
            return SQLError(
                .ambiguousFunction, "\(what) \(name)(\(types.joined(separator: ", "))) is not unique",
                position: span.start, hint: "it could be " + signatures.joined(separator: ", "))
        }
    }

    private func bindGrouping(
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

    // MARK: Aggregates

    private func bindAggregate(
        _ name: String, _ call: FunctionCall, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        guard let aggregates = context.aggregates else {
            let message =
                context.clause == .aggregate || context.clause == .filter
                ? "aggregate function calls cannot be nested"
                : "aggregate functions are not allowed in \(context.clause.rawValue)"
            throw SQLError(.groupingError, message, position: syntax.span.start)
        }
        if !call.orderBy.isEmpty { throw unsupported("ORDER BY in an aggregate", at: syntax.span) }
        let inner = context.with(clause: .aggregate, attachments: aggregates.inputAttachments)
        var arguments: [BoundExpression] = []
        for argument in call.arguments { arguments.append(try bind(argument, inner)) }
        let (function, converted) = try resolveAggregate(name, call, arguments, syntax)
        var filter: Expression?
        if let condition = call.filter {
            let place = context.with(clause: .filter, attachments: aggregates.inputAttachments)
            filter = try bindCondition(condition, "FILTER", place)
        }
        let bound = AggregateCall(
            function: function, arguments: converted, isDistinct: call.isDistinct, filter: filter)
        let column = aggregates.column(of: bound) { newColumn(name, function.returnType) }
        return known(column.reference, syntax)
    }

    /// Chooses the aggregate and casts the arguments to it.
    func resolveAggregate(
        _ name: String, _ call: FunctionCall, _ arguments: [BoundExpression], _ syntax: SQLExpression
    ) throws(SQLError) -> (AggregateFunction, [Expression]) {
        if call.isStar, name != "count" {
            throw SQLError(
                .undefinedFunction, "function \(name)(*) does not exist", position: syntax.span.start)
        }
        if call.arguments.isEmpty, !call.isStar, name == "count" {
            throw SQLError(
                .wrongObjectType, "count(*) must be used to call a parameterless aggregate function",
                position: syntax.span.start)
        }
        let function: AggregateFunction
        do throws(FunctionResolutionError) {
            function = try FunctionCatalog.resolveAggregate(
                name: name, arguments: arguments.map(\.argumentType))
        } catch {
            throw unresolved(name, arguments, error, isOperator: false, span: syntax.span)
        }
        var converted: [Expression] = []
        for (argument, type) in zip(arguments, function.parameterTypes) {
            converted.append(
                argument.isUnknown
                    ? try Coercion.coerce(argument, to: type)
                    : Coercion.convert(argument.expression, to: type))
        }
        if name == "array_agg" { converted = try arrayItems(converted, span: syntax.span) }
        return (function, converted)
    }
}
