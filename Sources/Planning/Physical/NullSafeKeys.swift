import Columns
import Execution

/// Equalities for which two NULLs are equal as hash keys, which are equal only to values: whether a side is
/// NULL is one key, and the side with a value for NULL another.
enum NullSafeKeys {
    /// The keys that an expression becomes; nil for a type that has no value to stand for NULL.
    static func keys(of expression: Expression) -> [Expression]? {
        guard let stand = value(of: expression.type) else { return nil }
        let constant = Expression.constant(stand, expression.type)
        return [.isNull(expression), .coalesce([expression, constant], expression.type)]
    }

    private static func value(of type: DataType) -> Value? {
        switch type {
        case .boolean: .boolean(false)
        case .smallint: .smallint(0)
        case .integer: .integer(0)
        case .bigint: .bigint(0)
        case .real: .real(0)
        case .doublePrecision: .doublePrecision(0)
        case .decimal(_, let scale): .decimal(unscaled: 0, scale: scale)
        case .date: .date(0)
        case .timestamp: .timestamp(0)
        case .timestampTZ: .timestampTZ(0)
        case .time: .time(0)
        case .interval: .interval(Interval())
        case .text: .text("")
        case .uuid: .uuid(0)
        default: nil
        }
    }
}
