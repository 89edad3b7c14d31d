import Columns
import Execution
import SQLSyntax

/// Implicit and explicit conversions of bound expressions.
enum Coercion {
    /// The expression in a type, if SQL converts to it in that context.
    ///
    /// - Throws: `invalidTextRepresentation` and the like for a literal that does not fit,
    ///   `datatypeMismatch` or `cannotCoerce` where there is no conversion.
    static func coerce(
        _ bound: BoundExpression, to type: DataType, _ context: TypeCoercion.Context = .implicit
    ) throws(SQLError) -> Expression {
        if bound.isUnknown, let value = bound.expression.constantValue {
            return .constant(try literal(value, as: type, span: bound.span), type)
        }
        if bound.type == type { return bound.expression }
        guard TypeCoercion.canCast(from: bound.type, to: type, context: context) else {
            let code: SQLState = context == .explicit ? .cannotCoerce : .datatypeMismatch
            throw SQLError(
                code, "cannot cast type \(bound.type.shownName) to \(type.shownName)",
                position: bound.span.start)
        }
        return convert(bound.expression, to: type)
    }

    /// The expression in a type to which it is known to convert; constants at once where that is exact.
    static func convert(_ expression: Expression, to type: DataType) -> Expression {
        if expression.type == type { return expression }
        if case .constant(let value, _) = expression,
            let converted = ConstantConversion.convert(value, to: type)
        {
            return .constant(converted, type)
        }
        return .cast(expression, type)
    }

    /// A literal's value in a type.
    static func literal(_ value: Value, as type: DataType, span: SourceSpan) throws(SQLError) -> Value {
        guard case .text(let text) = value else { return value }
        if type == .json, !JSONValidity.isValid(text) {
            throw SQLError(
                .invalidTextRepresentation, "invalid input syntax for type json: \"\(text)\"",
                position: span.start)
        }
        do throws(TextReadingError) {
            return try TextReader.value(text, as: type)
        } catch {
            throw unreadable(text, type, error, span: span)
        }
    }

    private static func unreadable(
        _ text: String, _ type: DataType, _ error: TextReadingError, span: SourceSpan
    ) -> SQLError {
        let isTime = type.isTemporal
        let name = type.shownName
        switch (error, isTime) {
        case (.malformed, true):
            return SQLError(
                .invalidDatetimeFormat, "invalid input syntax for type \(name): \"\(text)\"",
                position: span.start)
        case (.malformed, false):
            return SQLError(
                .invalidTextRepresentation, "invalid input syntax for type \(name): \"\(text)\"",
                position: span.start)
        case (.outOfRange, true):
            return SQLError(
                .datetimeFieldOverflow, "date/time field value out of range: \"\(text)\"",
                position: span.start)
        case (.outOfRange, false):
            return SQLError(
                .numericValueOutOfRange, "value \"\(text)\" is out of range for type \(name)",
                position: span.start)
        }
    }

    /// All expressions in the one type that they have in common.
    ///
    /// - Throws: `datatypeMismatch`, naming `construct`, where there is none.
    static func unify(
        _ all: [BoundExpression], construct: String
    ) throws(SQLError) -> (expressions: [Expression], type: DataType) {
        let type = try commonType(all, construct: construct)
        var unified: [Expression] = []
        for bound in all { unified.append(try coerceToCommon(bound, type)) }
        return (unified, type)
    }

    static func coerceToCommon(_ bound: BoundExpression, _ type: DataType) throws(SQLError) -> Expression {
        bound.isUnknown ? try coerce(bound, to: type) : convert(bound.expression, to: type)
    }

    static func commonType(_ all: [BoundExpression], construct: String) throws(SQLError) -> DataType {
        if let type = TypeCoercion.commonType(all.map(\.argumentType)) { return type }
        var first: BoundExpression?
        for bound in all where !bound.isUnknown {
            guard let known = first else {
                first = bound
                continue
            }
            if TypeCoercion.commonType([known.argumentType, bound.argumentType]) == nil {
                let names = "\(known.type.shownName) and \(bound.type.shownName)"
                throw SQLError(
                    .datatypeMismatch, "\(construct) types \(names) cannot be matched",
                    position: bound.span.start)
            }
        }
        throw SQLError(
            .datatypeMismatch, "\(construct) types cannot be matched", position: all.first?.span.start)
    }
}

extension DataType {
    /// PostgreSQL's name of the type, as its messages show it.
    var shownName: String {
        switch self {
        case .decimal: "numeric"
        case .timestamp: "timestamp without time zone"
        case .time: "time without time zone"
        case .array(let element): element.shownName + "[]"
        default: sqlName.lowercased()
        }
    }
}
