import Columns
import Execution
import SQLSyntax

extension Binder {
    // MARK: Constructors

    /// ARRAY[…], `a[i]` and `a[i][j]`.
    func bindArray(_ syntax: SQLExpression, _ context: ExpressionContext) throws(SQLError) -> BoundExpression
    {
        switch syntax.kind {
        case .array(let elements):
            guard !elements.isEmpty else {
                throw SQLError(
                    .indeterminateDatatype, "cannot determine type of empty array",
                    position: syntax.span.start,
                    hint: "Explicitly cast to the desired type, for example ARRAY[]::integer[].")
            }
            var parts: [BoundExpression] = []
            for element in elements { parts.append(try bind(element, context)) }
            let (unified, _) = try Coercion.unify(parts, construct: "ARRAY")
            let typed = unified.map { BoundExpression(expression: $0, span: syntax.span) }
            return known(try resolve("array", typed, isOperator: false, span: syntax.span), syntax)
        default:
            var operand = syntax
            var subscripts: [SQLExpression] = []
            while case .element(let inner, let index) = operand.kind {
                subscripts.insert(index, at: 0)
                operand = inner
            }
            let array = try bind(operand, context)
            guard !array.isUnknown, array.type.isArray else {
                throw SQLError(
                    .datatypeMismatch,
                    "cannot subscript type \(shown(array)) because it does not support subscripting",
                    position: operand.span.start)
            }
            var arguments = [array]
            for index in subscripts { arguments.append(try bind(index, context)) }
            return known(
                try resolve("array_element", arguments, isOperator: false, span: syntax.span), syntax)
        }
    }

    /// `ARRAY[…]::type[]`: each element is converted; nil for other casts.
    func bindArrayCast(
        _ operand: SQLExpression, _ target: DataType, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression? {
        guard case .array(let elements) = operand.kind, let element = target.elementType else { return nil }
        if elements.isEmpty { return known(.constant(.array("{}", of: element), target), syntax) }
        var parts: [BoundExpression] = []
        for part in elements {
            if case .array = part.kind {
                guard let rows = try bindArrayCast(part, target, part, context) else { return nil }
                parts.append(rows)
                continue
            }
            let bound = try bind(part, context)
            let converted = try Coercion.coerce(bound, to: bound.type.isArray ? target : element, .explicit)
            parts.append(BoundExpression(expression: converted, span: part.span))
        }
        return known(try resolve("array", parts, isOperator: false, span: syntax.span), syntax)
    }

    /// `ARRAY(SELECT …)` is `(SELECT coalesce(array_agg(q.c), '{}') FROM (SELECT …) q (c))`.
    func bindArray(
        of query: Query, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        let span = syntax.span
        let table = Identifier("array_query", span: span)
        let column = Identifier("element", span: span)
        let value = SQLExpression(.column([table, column]), span: span)
        let aggregate = FunctionCall(name: [Identifier("array_agg", span: span)], arguments: [value])
        let empty = SQLExpression(.string("{}"), span: span)
        let orEmpty = FunctionCall(
            name: [Identifier("coalesce", span: span)],
            arguments: [SQLExpression(.call(aggregate), span: span), empty])
        var core = SelectCore(
            items: [SelectItem(SQLExpression(.call(orEmpty), span: span), alias: nil)], span: span)
        core.from = [.query(query, TableAlias(name: table, columns: [column]), isLateral: false)]
        let whole = Query(body: .select(core), span: span)
        return try bind(SQLExpression(.scalarQuery(whole), span: span), context)
    }

    /// The arguments of ARRAY_AGG as it takes them.
    func arrayItems(_ arguments: [Expression], span: SourceSpan) throws(SQLError) -> [Expression] {
        var items: [Expression] = []
        for argument in arguments {
            let bound = BoundExpression(expression: argument, span: span)
            items.append(try resolve("array_item", [bound], isOperator: false, span: span))
        }
        return items
    }

    /// A text that is ordered as the arrays are.
    func orderKey(ofArray array: Expression) -> Expression {
        .call(
            ScalarFunction(name: "array_sort_key", parameterTypes: [array.type], returnType: .text), [array])
    }

    // MARK: ANY and ALL

    func bindQuantifiedArray(
        _ left: SQLExpression, _ sign: String, _ quantifier: Quantifier, _ array: SQLExpression,
        _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        if case .array(let elements) = array.kind, !elements.isEmpty, !elements.contains(where: isArray) {
            return try bindQuantified(left, sign, quantifier, elements, syntax, context)
        }
        let value = try bind(left, context)
        var bound = try bind(array, context)
        if bound.isUnknown {
            let element = value.isUnknown ? DataType.text : value.type
            bound = known(try Coercion.coerce(bound, to: .array(of: element), .explicit), array)
        }
        guard bound.type.isArray else {
            throw SQLError(
                .wrongObjectType, "op ANY/ALL (array) requires array on right side",
                position: array.span.start)
        }
        if let list = try inList(value, sign, quantifier, bound) { return known(list, syntax) }
        let name = "\(quantifier == .any ? "any" : "all") \(sign)"
        return known(try resolve(name, [value, bound], isOperator: true, span: syntax.span), syntax)
    }

    private func isArray(_ syntax: SQLExpression) -> Bool {
        if case .array = syntax.kind { true } else { false }
    }

    /// ANY and ALL of elements that are written out.
    private func bindQuantified(
        _ left: SQLExpression, _ sign: String, _ quantifier: Quantifier, _ elements: [SQLExpression],
        _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        if sign == "=", quantifier == .any {
            return known(try bindInList(left, elements, syntax, context), syntax)
        }
        if sign == "<>", quantifier == .all {
            return known(.not(try bindInList(left, elements, syntax, context)), syntax)
        }
        let value = try bind(left, context)
        var choices: [Expression] = []
        for element in elements {
            let right = try bind(element, context)
            if let comparison = Comparison(rawValue: sign) {
                choices.append(try compare(comparison, value, right, sign: sign, span: syntax.span))
            } else {
                choices.append(try resolve(sign, [value, right], isOperator: true, span: syntax.span))
            }
        }
        if choices.count == 1 { return known(choices[0], syntax) }
        return known(quantifier == .any ? .or(choices) : .and(choices), syntax)
    }

    /// `= ANY` and `<> ALL` of a constant array as IN, which a scan can skip by; nil for others.
    private func inList(
        _ value: BoundExpression, _ sign: String, _ quantifier: Quantifier, _ array: BoundExpression
    ) throws(SQLError) -> Expression? {
        guard (sign == "=" && quantifier == .any) || (sign == "<>" && quantifier == .all),
            case .array(let text, let element)? = array.expression.constantValue,
            let type = TypeCoercion.commonType([value.argumentType, .known(element)]), type == element
        else { return nil }
        var bytes = text
        let elements = bytes.withUTF8 { bytes -> [[UInt8]?]? in
            do throws(TextReadingError) {
                return try ArrayText(reading: bytes).elements
            } catch {
                return nil
            }
        }
        guard let elements, !elements.isEmpty else { return nil }
        var values: [Value] = []
        for element in elements {
            guard let element else {
                values.append(.null)
                continue
            }
            let text = Value.text(String(decoding: element, as: UTF8.self))
            values.append(try Coercion.literal(text, as: type, span: array.span))
        }
        let found = Expression.inList(try Coercion.coerceToCommon(value, type), values)
        return sign == "=" ? found : .not(found)
    }
}
