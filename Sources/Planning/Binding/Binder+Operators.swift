import Columns
import Execution
import SQLSyntax

extension Binder {
    func bindOperator(_ syntax: SQLExpression, _ context: ExpressionContext) throws(SQLError)
        -> BoundExpression
    {
        switch syntax.kind {
        case .unary(let sign, let operand):
            if sign == "-" || sign == "+", let number = try bindSigned(sign, operand, syntax) {
                return number
            }
            let bound = try bind(operand, context)
            return known(try resolve(sign, [bound], isOperator: true, span: syntax.span), syntax)
        case .binary(let sign, let left, let right):
            if let rows = try bindRowComparison(sign, left, right, syntax, context) { return rows }
            let first = try bind(left, context)
            let second = try bind(right, context)
            if let comparison = Comparison(rawValue: sign) {
                return known(try compare(comparison, first, second, sign: sign, span: syntax.span), syntax)
            }
            return known(try resolve(sign, [first, second], isOperator: true, span: syntax.span), syntax)
        default: throw unsupported("this expression", at: syntax.span)
        }
    }

    /// A number with its signs is one literal: -2147483648 is an INTEGER, and -(-2147483648) a BIGINT.
    private func bindSigned(
        _ sign: String, _ operand: SQLExpression, _ syntax: SQLExpression
    ) throws(SQLError) -> BoundExpression? {
        var isNegative = sign == "-"
        var number = operand
        while case .unary(let inner, let next) = number.kind, inner == "-" || inner == "+" {
            if inner == "-" { isNegative.toggle() }
            number = next
        }
        guard case .integer(let digits) = number.kind else { return nil }
        guard let (value, type) = ConstantConversion.number(isNegative ? "-" + digits : digits) else {
            throw SQLError(
                .numericValueOutOfRange, "number has too many digits: \(digits)", position: syntax.span.start)
        }
        return known(.constant(value, type), syntax)
    }

    // MARK: Comparisons

    /// Compares in the type that both operands have in common.
    func compare(
        _ comparison: Comparison, _ left: BoundExpression, _ right: BoundExpression, sign: String,
        span: SourceSpan
    ) throws(SQLError) -> Expression {
        if let exact = compareInColumnType(comparison, left, right) { return exact }
        guard var type = TypeCoercion.comparisonType(left.argumentType, right.argumentType),
            TypeCoercion.isOrdered(type) || comparison == .equal
        else {
            throw SQLError(
                .undefinedFunction,
                "operator does not exist: \(shown(left)) \(sign) \(shown(right))", position: span.start,
                hint:
                    "No operator matches the given argument types. You might need to add explicit type casts."
            )
        }
        // Both are microseconds of UTC: a column of TIMESTAMP is compared as it is, so that a scan can skip
        // by it.
        if type == .timestampTZ, !left.isUnknown, !right.isUnknown { type = .timestamp }
        let first = try Coercion.coerceToCommon(left, type)
        let second = try Coercion.coerceToCommon(right, type)
        if type.isArray, comparison.isOrdering {
            return .comparison(comparison, first.sortable, second.sortable)
        }
        return .comparison(comparison, first, second)
    }

    /// A column beside a number that its own type holds exactly is compared in its own type, which lets a
    /// scan skip.
    private func compareInColumnType(
        _ comparison: Comparison, _ left: BoundExpression, _ right: BoundExpression
    ) -> Expression? {
        if case .column(_, let type) = left.expression, !right.isUnknown, type.isNumeric,
            right.type.isNumeric,
            !right.type.isFloatingPoint, let value = right.expression.constantValue,
            let converted = ConstantConversion.convert(value, to: type)
        {
            return .comparison(comparison, left.expression, .constant(converted, type))
        }
        if case .column(_, let type) = right.expression, !left.isUnknown, type.isNumeric, left.type.isNumeric,
            !left.type.isFloatingPoint, let value = left.expression.constantValue,
            let converted = ConstantConversion.convert(value, to: type)
        {
            return .comparison(comparison.flipped, right.expression, .constant(converted, type))
        }
        return nil
    }

    /// `(a, b) = (c, d)` and the like; nil if neither side is a row.
    private func bindRowComparison(
        _ sign: String, _ left: SQLExpression, _ right: SQLExpression, _ syntax: SQLExpression,
        _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression? {
        if case .scalarQuery(let query) = right.kind, case .row(let values) = left.kind {
            return try bindRowQuery(sign, values, query, syntax, context)
        }
        if case .scalarQuery(let query) = left.kind, case .row(let values) = right.kind,
            let comparison = Comparison(rawValue: sign)
        {
            return try bindRowQuery(comparison.flipped.rawValue, values, query, syntax, context)
        }
        guard case .row(let first) = left.kind, case .row(let second) = right.kind else { return nil }
        guard let comparison = Comparison(rawValue: sign) else {
            throw unsupported("operator \(sign) on rows", at: syntax.span)
        }
        return known(try compareRows(comparison, first, second, syntax.span, context), syntax)
    }

    func compareRows(
        _ comparison: Comparison, _ first: [SQLExpression], _ second: [SQLExpression], _ span: SourceSpan,
        _ context: ExpressionContext
    ) throws(SQLError) -> Expression {
        guard first.count == second.count, !first.isEmpty else {
            throw SQLError(.syntaxError, "unequal number of entries in row expressions", position: span.start)
        }
        var pairs: [(BoundExpression, BoundExpression)] = []
        for (left, right) in zip(first, second) {
            pairs.append((try bind(left, context), try bind(right, context)))
        }
        return try compareRows(comparison, pairs, span)
    }

    /// Compares two rows of at least one value, pair by pair.
    func compareRows(
        _ comparison: Comparison, _ pairs: [(BoundExpression, BoundExpression)], _ span: SourceSpan
    ) throws(SQLError) -> Expression {
        if pairs.count == 1 {
            return try compare(
                comparison, pairs[0].0, pairs[0].1, sign: comparison.rawValue, span: span)
        }
        func each(_ comparison: Comparison) throws(SQLError) -> [Expression] {
            var parts: [Expression] = []
            for (left, right) in pairs {
                parts.append(try compare(comparison, left, right, sign: comparison.rawValue, span: span))
            }
            return parts
        }
        switch comparison {
        case .equal, .notDistinct: return .and(try each(comparison))
        case .notEqual, .distinct: return .or(try each(comparison))
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            // Lexicographic: the first pair that differs decides.
            let strict: Comparison = comparison == .less || comparison == .lessOrEqual ? .less : .greater
            let equal = try each(.equal)
            let ordered = try each(strict)
            let last = try each(comparison)
            var result = last[last.count - 1]
            for index in equal.indices.dropLast().reversed() {
                result = .or([ordered[index], .and([equal[index], result])])
            }
            return result
        }
    }

    // MARK: Predicates

    func bindPredicate(_ syntax: SQLExpression, _ context: ExpressionContext) throws(SQLError)
        -> BoundExpression
    {
        switch syntax.kind {
        case .isTest(let operand, let test, let isNegated):
            return known(try bindTest(operand, test, isNegated, context), syntax)
        case .isDistinctFrom(let left, let right, let isNegated):
            let sign: Comparison = isNegated ? .notDistinct : .distinct
            if case .row(let one) = left.kind, case .row(let other) = right.kind {
                return known(try compareRows(sign, one, other, syntax.span, context), syntax)
            }
            let first = try bind(left, context)
            let second = try bind(right, context)
            return known(try compare(sign, first, second, sign: sign.rawValue, span: syntax.span), syntax)
        case .between(let operand, let low, let high, let isSymmetric, let isNegated):
            let value = try bind(operand, context)
            let first = try bind(low, context)
            let last = try bind(high, context)
            var range = try within(value, first, last, syntax.span)
            if isSymmetric { range = .or([range, try within(value, last, first, syntax.span)]) }
            return known(isNegated ? .not(range) : range, syntax)
        case .match(let kind, let operand, let pattern, let escape, let isNegated):
            return try bindMatch(kind, operand, pattern, escape, isNegated, syntax, context)
        case .inList(let operand, let list, let isNegated):
            let found = try bindInList(operand, list, syntax, context)
            return known(isNegated ? .not(found) : found, syntax)
        default: throw unsupported("this expression", at: syntax.span)
        }
    }

    private func bindTest(
        _ operand: SQLExpression, _ test: TruthTest, _ isNegated: Bool, _ context: ExpressionContext
    ) throws(SQLError) -> Expression {
        switch test {
        case .null:
            if case .row(let parts) = operand.kind {
                var tests: [Expression] = []
                for part in parts { tests.append(try bindTest(part, .null, isNegated, context)) }
                return .and(tests)
            }
            let value = try bindTyped(operand, context)
            return isNegated ? .isNotNull(value) : .isNull(value)
        case .unknown:
            let value = try bindCondition(operand, "IS UNKNOWN", context)
            return isNegated ? .isNotNull(value) : .isNull(value)
        case .true, .false:
            let value = try bindCondition(operand, "IS \(test.rawValue)", context)
            let wanted: Expression = test == .true ? .true : .false
            return .comparison(isNegated ? .distinct : .notDistinct, value, wanted)
        }
    }

    private func within(
        _ value: BoundExpression, _ low: BoundExpression, _ high: BoundExpression, _ span: SourceSpan
    ) throws(SQLError) -> Expression {
        .and([
            try compare(.greaterOrEqual, value, low, sign: ">=", span: span),
            try compare(.lessOrEqual, value, high, sign: "<=", span: span),
        ])
    }

    private func bindMatch(
        _ kind: PatternKind, _ operand: SQLExpression, _ pattern: SQLExpression, _ escape: SQLExpression?,
        _ isNegated: Bool, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression {
        var arguments = [try bind(operand, context), try bind(pattern, context)]
        if let escape { arguments.append(try bind(escape, context)) }
        let name: String
        switch kind {
        case .like: name = "~~"
        case .ilike: name = "~~*"
        case .similar: name = "similar_to"
        }
        let found = try resolve(name, arguments, isOperator: kind != .similar, span: syntax.span)
        return known(isNegated ? .not(found) : found, syntax)
    }

    func bindInList(
        _ operand: SQLExpression, _ list: [SQLExpression], _ syntax: SQLExpression,
        _ context: ExpressionContext
    ) throws(SQLError) -> Expression {
        if case .row(let row) = operand.kind {
            var choices: [Expression] = []
            for element in list {
                guard case .row(let other) = element.kind else {
                    throw unsupported("a row beside what is no row", at: element.span)
                }
                choices.append(try compareRows(.equal, row, other, element.span, context))
            }
            return choices.count == 1 ? choices[0] : .or(choices)
        }
        let value = try bind(operand, context)
        var elements: [BoundExpression] = []
        for element in list { elements.append(try bind(element, context)) }
        if let constants = constants(elements, exactlyIn: value) {
            return .inList(value.expression, constants)
        }
        if let type = TypeCoercion.commonType([value.argumentType] + elements.map(\.argumentType)) {
            let left = try Coercion.coerceToCommon(value, type)
            var values: [Value] = []
            for element in elements {
                guard let constant = try Coercion.coerceToCommon(element, type).constantValue else { break }
                values.append(constant)
            }
            if values.count == elements.count { return .inList(left, values) }
        }
        var choices: [Expression] = []
        for element in elements {
            choices.append(try compare(.equal, value, element, sign: "=", span: element.span))
        }
        return choices.count == 1 ? choices[0] : .or(choices)
    }

    /// The elements as values of a numeric column's own type; nil if one of them is not exact in it.
    private func constants(_ elements: [BoundExpression], exactlyIn value: BoundExpression) -> [Value]? {
        guard case .column(_, let type) = value.expression, type.isNumeric else { return nil }
        var values: [Value] = []
        for element in elements {
            guard !element.isUnknown, !element.type.isFloatingPoint, element.type.isNumeric,
                let constant = element.expression.constantValue,
                let converted = ConstantConversion.convert(constant, to: type)
            else { return nil }
            values.append(converted)
        }
        return values
    }
}
