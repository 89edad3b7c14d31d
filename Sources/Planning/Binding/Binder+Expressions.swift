import Columns
import Execution
import SQLSyntax

extension Binder {
    /// Binds any scalar expression.
    func bind(_ syntax: SQLExpression, _ context: ExpressionContext) throws(SQLError) -> BoundExpression {
        switch syntax.kind {
        case .null:
            return BoundExpression(expression: .constant(.null, .text), isUnknown: true, span: syntax.span)
        case .boolean(let value): return known(.constant(.boolean(value), .boolean), syntax)
        case .integer(let digits), .decimal(let digits): return try bindNumber(digits, syntax)
        case .string(let text):
            return BoundExpression(
                expression: .constant(.text(text), .text), isUnknown: true, span: syntax.span)
        case .typedString(let type, let text): return try bindTyped(type, text, syntax)
        case .parameter(let number): return try bindParameter(number, syntax)
        case .column(let parts): return try bindColumn(parts, syntax, context)
        case .unary, .binary: return try bindOperator(syntax, context)
        case .concatenation(let parts): return try bindConcatenation(parts, syntax, context)
        case .and(let parts): return known(.and(try bindConditions(parts, "AND", context)), syntax)
        case .or(let parts): return known(.or(try bindConditions(parts, "OR", context)), syntax)
        case .not(let operand): return known(.not(try bindCondition(operand, "NOT", context)), syntax)
        case .cast(let operand, let type):
            if let object = try bindObjectCast(operand, type, syntax, context) { return object }
            return try bindCast(operand, type, syntax, context)
        case .caseWhen(let operand, let branches, let otherwise):
            return try bindCase(operand, branches, otherwise, syntax, context)
        case .isTest, .isDistinctFrom, .between, .match, .inList:
            return try bindPredicate(syntax, context)
        case .call(let call): return try bindCall(call, syntax, context)
        case .scalarQuery, .exists, .inQuery, .quantifiedQuery:
            return try bindSubqueryExpression(syntax, context)
        case .quantifiedArray(let left, let sign, let quantifier, let array):
            return try bindQuantifiedArray(left, sign, quantifier, array, syntax, context)
        case .collate(let operand, _): return try bind(operand, context)
        case .row: throw unsupported("a row in this place", at: syntax.span)
        case .star:
            throw SQLError(.syntaxError, "* is not allowed in this place", position: syntax.span.start)
        case .array, .element: return try bindArray(syntax, context)
        case .arrayQuery(let query): return try bindArray(of: query, syntax, context)
        case .field: throw unsupported("a field of a row", at: syntax.span)
        case .defaultValue:
            throw SQLError(
                .syntaxError, "DEFAULT is not allowed in this context", position: syntax.span.start)
        }
    }

    func known(_ expression: Expression, _ syntax: SQLExpression) -> BoundExpression {
        BoundExpression(expression: expression, span: syntax.span)
    }

    /// Binds an expression and gives a type to a literal that has none yet.
    func bindTyped(_ syntax: SQLExpression, _ context: ExpressionContext) throws(SQLError) -> Expression {
        let bound = try bind(syntax, context)
        return bound.isUnknown ? try Coercion.coerce(bound, to: .text) : bound.expression
    }

    /// Binds a BOOLEAN; `construct` is what wants it.
    func bindCondition(
        _ syntax: SQLExpression, _ construct: String, _ context: ExpressionContext
    ) throws(SQLError) -> Expression {
        let bound = try bind(syntax, context)
        if bound.isUnknown { return try Coercion.coerce(bound, to: .boolean) }
        guard bound.type == .boolean else {
            throw SQLError(
                .datatypeMismatch,
                "argument of \(construct) must be type boolean, not type \(bound.type.shownName)",
                position: syntax.span.start)
        }
        return bound.expression
    }

    private func bindConditions(
        _ parts: [SQLExpression], _ construct: String, _ context: ExpressionContext
    ) throws(SQLError) -> [Expression] {
        var bound: [Expression] = []
        for part in parts { bound.append(try bindCondition(part, construct, context)) }
        return bound
    }

    private func bindNumber(_ digits: String, _ syntax: SQLExpression) throws(SQLError) -> BoundExpression {
        guard let (value, type) = ConstantConversion.number(digits) else {
            throw SQLError(
                .numericValueOutOfRange, "number has too many digits: \(digits)", position: syntax.span.start)
        }
        return known(.constant(value, type), syntax)
    }

    private func bindTyped(
        _ type: TypeName, _ text: String, _ syntax: SQLExpression
    ) throws(SQLError) -> BoundExpression {
        let target = try TypeNames.dataType(of: type)
        let literal = BoundExpression(
            expression: .constant(.text(text), .text), isUnknown: true, span: syntax.span)
        return try castLiteral(literal, type, target, syntax)
    }

    /// A literal in a type; NUMERIC without modifiers keeps the literal's own digits.
    private func castLiteral(
        _ literal: BoundExpression, _ type: TypeName, _ target: DataType, _ syntax: SQLExpression
    ) throws(SQLError) -> BoundExpression {
        if type.name == "numeric", type.modifiers.isEmpty,
            case .text(let text)? = literal.expression.constantValue,
            let (value, own) = ConstantConversion.number(text)
        {
            let exact = own.isDecimal ? own : DecimalTyping.decimal(for: own)
            return known(Coercion.convert(.constant(value, own), to: exact), syntax)
        }
        return known(try Coercion.coerce(literal, to: target, .explicit), syntax)
    }

    private func bindParameter(_ number: Int, _ syntax: SQLExpression) throws(SQLError) -> BoundExpression {
        guard parameters.indices.contains(number - 1) else {
            throw SQLError(
                .undefinedParameter, "there is no parameter $\(number)", position: syntax.span.start)
        }
        let value = parameters[number - 1]
        switch value {
        case .null, .text:
            // As a quoted literal would be: its type comes from the context.
            return BoundExpression(expression: .constant(value, .text), isUnknown: true, span: syntax.span)
        default: return known(.constant(value, type(of: value)), syntax)
        }
    }

    private func type(of value: Value) -> DataType {
        switch value {
        case .null, .text: .text
        case .boolean: .boolean
        case .smallint: .smallint
        case .integer: .integer
        case .bigint: .bigint
        case .real: .real
        case .doublePrecision: .doublePrecision
        case .decimal(_, let scale): .decimal(precision: DataType.decimalPrecisionMax, scale: scale)
        case .date: .date
        case .timestamp: .timestamp
        case .interval: .interval
        case .uuid: .uuid
        case .json: .json
        case .timestampTZ: .timestampTZ
        case .time: .time
        case .array(_, let element): .array(of: element)
        }
    }

    private func bindColumn(
        _ parts: [Identifier], _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        let expression = try context.scope.resolve(parts)
        if case .column(let id, _) = expression { noteUse(of: id, parts, at: syntax.span) }
        return known(expression, syntax)
    }

    private func bindCast(
        _ operand: SQLExpression, _ type: TypeName, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        var target = try TypeNames.dataType(of: type)
        // NUMERIC without modifiers takes the digits of the elements.
        if type.name != "numeric" || !type.modifiers.isEmpty || operand.kind == .array([]),
            let array = try bindArrayCast(operand, target, syntax, context)
        {
            return array
        }
        let bound = try bind(operand, context)
        if bound.isUnknown {
            let literal = try castLiteral(bound, type, target, syntax)
            return known(limited(literal.expression, type), syntax)
        }
        if type.name == "numeric", type.modifiers.isEmpty, bound.type.isInteger || bound.type.isDecimal {
            target = DecimalTyping.decimal(for: bound.type)
        }
        if type.name == "numeric", type.modifiers.isEmpty, target.isArray,
            let element = bound.type.elementType, element.isInteger || element.isDecimal
        {
            target = .array(of: DecimalTyping.decimal(for: element))
        }
        let source = BoundExpression(expression: bound.expression, span: syntax.span)
        return known(limited(try Coercion.coerce(source, to: target, .explicit), type), syntax)
    }

    /// The first n characters, for `varchar(n)` and `char(n)`, without the blanks at the end of the latter;
    /// p digits of the second, for `timestamp(p)` and the like.
    private func limited(_ expression: Expression, _ type: TypeName) -> Expression {
        if expression.type.isTemporal, expression.type != .date, let digits = type.modifiers.first {
            let scale = ScalarFunction(
                name: "time_scale", parameterTypes: [expression.type, .integer], returnType: expression.type)
            return .call(scale, [expression, .constant(.integer(Int32(clamping: digits)), .integer)])
        }
        if type.name == "character" {
            let trim = ScalarFunction(name: "rtrim", parameterTypes: [.text], returnType: .text)
            return .call(trim, [firstCharacters(expression, type)])
        }
        return firstCharacters(expression, type)
    }

    private func firstCharacters(_ expression: Expression, _ type: TypeName) -> Expression {
        guard let length = TypeNames.lengthLimit(of: type) else { return expression }
        let left = ScalarFunction(name: "left", parameterTypes: [.text, .integer], returnType: .text)
        return .call(left, [expression, .constant(.integer(Int32(clamping: length)), .integer)])
    }

    private func bindCase(
        _ operand: SQLExpression?, _ branches: [CaseBranch], _ otherwise: SQLExpression?,
        _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        var conditions: [Expression] = []
        var results: [BoundExpression] = []
        for branch in branches {
            if let operand {
                let left = try bind(operand, context)
                let right = try bind(branch.condition, context)
                conditions.append(try compare(.equal, left, right, sign: "=", span: branch.condition.span))
            } else {
                conditions.append(try bindCondition(branch.condition, "CASE/WHEN", context))
            }
            results.append(try bind(branch.result, context))
        }
        if let otherwise { results.append(try bind(otherwise, context)) }
        let (unified, type) = try Coercion.unify(results, construct: "CASE")
        let bound = zip(conditions, unified).map { WhenBranch(condition: $0, result: $1) }
        let rest = otherwise == nil ? nil : unified.last
        return known(.caseWhen(bound, otherwise: rest, type), syntax)
    }
}
