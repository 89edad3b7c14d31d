import Columns
import Execution
import SQLSyntax

extension Binder {
    func bindCall(
        _ call: FunctionCall, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        let name = call.name.last?.name ?? ""
        if let over = call.over { return try bindWindowCall(name, call, over, syntax, context) }
        if !call.withinGroup.isEmpty { return try bindOrderedSet(name, call, syntax, context) }
        if Self.isWindowFunction(name) {
            throw SQLError(
                .wrongObjectType, "window function \(name) requires an OVER clause",
                position: syntax.span.start)
        }
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

    func unresolved(
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
}
