import Columns
import Execution
import SQLSyntax

extension Binder {
    /// Names of arrays that a function's rows are the elements of, by the name of the function.
    private static let arrayFunctions = [
        "string_to_table": "string_to_array", "regexp_split_to_table": "regexp_split_to_array",
    ]

    /// A function in FROM: its rows, or the one row of a function that gives one value.
    func bindFunction(
        _ call: FunctionCall, _ alias: TableAlias?, withOrdinality: Bool, _ span: SourceSpan,
        _ siblings: Scope, _ tables: CommonTables
    ) throws(SQLError) -> BoundFrom {
        let attachments = Attachments()
        let context = ExpressionContext(
            scope: siblings, commonTables: tables, clause: .from, attachments: attachments)
        let shown = call.name.last ?? Identifier("", span: span)
        let name = alias?.name ?? shown
        let syntax = SQLExpression(.call(call), span: span)
        var columns: [LogicalColumn]
        var plan: LogicalPlan
        if let calls = try bindTableCalls(call, syntax, context) {
            var functions = LogicalTableFunctions(input: attachments.apply(to: .oneRow), calls: calls)
            if withOrdinality { functions.ordinality = newColumn("ordinality", .bigint) }
            columns = functions.made
            plan = .tableFunctions(functions)
        } else {
            let value = try bindTyped(syntax, context)
            var items = [NamedExpression(value, as: newColumn(shown.name, value.type))]
            if withOrdinality {
                items.append(
                    NamedExpression(.constant(.bigint(1), .bigint), as: newColumn("ordinality", .bigint)))
            }
            columns = items.map(\.column)
            plan = .project(attachments.apply(to: .oneRow), items)
        }
        // The one column of a function has the alias for its name.
        let valueCount = columns.count - (withOrdinality ? 1 : 0)
        if valueCount == 1 { columns[0].name = name.name }
        return try named(plan, columns, name, schema: nil, alias?.columns ?? [], parent: siblings.parent)
    }

    /// The calls that a function which gives several rows stands for; nil for any other function.
    private func bindTableCalls(
        _ call: FunctionCall, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> [LogicalTableFunctions.Call]? {
        let name = call.name.last?.name ?? ""
        guard TableFunctionCatalog.isTableFunction(name) || Self.arrayFunctions[name] != nil else {
            return nil
        }
        if name == "unnest", call.arguments.count > 1 {
            var calls: [LogicalTableFunctions.Call] = []
            for argument in call.arguments {
                calls.append(try bindTableCall("unnest", [try bind(argument, context)], syntax.span))
            }
            return calls
        }
        return [try bindTableCall(call, syntax, context)]
    }

    private func bindTableCall(
        _ call: FunctionCall, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> LogicalTableFunctions.Call {
        let name = call.name.last?.name ?? ""
        guard let array = Self.arrayFunctions[name] else {
            var arguments: [BoundExpression] = []
            for argument in call.arguments { arguments.append(try bind(argument, context)) }
            return try bindTableCall(name, arguments, syntax.span)
        }
        var inner = call
        inner.name = [Identifier(array, span: syntax.span)]
        let elements = try bind(SQLExpression(.call(inner), span: syntax.span), context)
        var result = try bindTableCall("unnest", [elements], syntax.span)
        result.column.name = name
        return result
    }

    private func bindTableCall(
        _ name: String, _ arguments: [BoundExpression], _ span: SourceSpan
    ) throws(SQLError) -> LogicalTableFunctions.Call {
        let function: TableFunction
        do throws(FunctionResolutionError) {
            function = try TableFunctionCatalog.resolve(name: name, arguments: arguments.map(\.argumentType))
        } catch {
            let types = arguments.map { shown($0) }.joined(separator: ", ")
            var advice: String?
            if case .noMatch(let signatures) = error {
                advice = "there is " + signatures.joined(separator: ", ")
            }
            if case .ambiguous(let signatures) = error {
                throw SQLError(
                    .ambiguousFunction, "function \(name)(\(types)) is not unique", position: span.start,
                    hint: "it could be " + signatures.joined(separator: ", "))
            }
            throw SQLError(
                .undefinedFunction, "function \(name)(\(types)) does not exist", position: span.start,
                hint: advice)
        }
        var converted: [Expression] = []
        for (argument, type) in zip(arguments, function.parameterTypes) {
            if argument.isUnknown {
                converted.append(try Coercion.coerce(argument, to: type))
            } else {
                converted.append(Coercion.convert(argument.expression, to: type))
            }
        }
        return LogicalTableFunctions.Call(
            function: function, arguments: converted, column: newColumn(name, function.returnType))
    }

    func givesSeveralRows(_ name: String) -> Bool {
        TableFunctionCatalog.isTableFunction(name) || Self.arrayFunctions[name] != nil
    }

    /// A function that gives several rows, in a select list: the row comes once for each of them.
    func bindSetCall(
        _ name: String, _ call: FunctionCall, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        guard let functions = context.tableFunctions else {
            throw SQLError(
                .featureNotSupported,
                "set-returning functions are not allowed in \(context.clause.rawValue)",
                position: syntax.span.start)
        }
        if name == "unnest", call.arguments.count > 1 {
            throw SQLError(
                .undefinedFunction, "unnest of several arrays stands in FROM only",
                position: syntax.span.start)
        }
        context.tableFunctions = nil
        defer { context.tableFunctions = functions }
        let made = try bindTableCall(call, syntax, context)
        functions.calls.append(made)
        return known(made.column.reference, syntax)
    }
}
