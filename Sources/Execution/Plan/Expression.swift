import Columns

/// A typed scalar expression over the columns of its operator's input. The planner makes it, with every
/// implicit conversion spelled out as a `cast`; the executor compiles it once a query into nodes chosen by
/// physical type.
public indirect enum Expression: Hashable, Sendable {
    /// Column `index` of the input.
    case column(Int, DataType)
    case constant(Value, DataType)
    /// Both operands have one type.
    case comparison(Comparison, Expression, Expression)
    case and([Expression])
    case or([Expression])
    case not(Expression)
    case isNull(Expression)
    case isNotNull(Expression)
    /// The arguments have exactly the function's parameter types.
    case call(ScalarFunction, [Expression])
    /// A conversion that may fail on a row (SQLSTATE 22P02, 22003, 22007).
    case cast(Expression, DataType)
    /// The first branch whose condition is true; `otherwise` (or NULL) if none. A branch is evaluated only
    /// for the rows that reach it, so that `CASE WHEN b <> 0 THEN a / b END` never divides by zero.
    case caseWhen([WhenBranch], otherwise: Expression?, DataType)
    /// Membership in constants of the operand's type; NULL semantics of SQL's IN.
    case inList(Expression, [Value])
    case coalesce([Expression], DataType)

    /// The type of the values that the expression gives.
    public var type: DataType {
        switch self {
        case .column(_, let type), .constant(_, let type), .cast(_, let type), .coalesce(_, let type): type
        case .caseWhen(_, _, let type): type
        case .call(let function, _): function.returnType
        case .comparison, .and, .or, .not, .isNull, .isNotNull, .inList: .boolean
        }
    }
}

extension Expression {
    /// The parts of a conjunction; the expression itself if it is none.
    public var conjuncts: [Expression] {
        if case .and(let parts) = self { parts.flatMap(\.conjuncts) } else { [self] }
    }

    /// All parts hold; nil for no parts.
    public static func conjunction(_ parts: [Expression]) -> Expression? {
        parts.count > 1 ? .and(parts) : parts.first
    }
}

public struct WhenBranch: Hashable, Sendable {
    public var condition: Expression
    public var result: Expression

    public init(condition: Expression, result: Expression) {
        self.condition = condition
        self.result = result
    }
}

public enum Comparison: String, Hashable, Sendable {
    case equal = "="
    case notEqual = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    /// Never NULL: two NULLs are not distinct.
    case distinct = "IS DISTINCT FROM"
    case notDistinct = "IS NOT DISTINCT FROM"

    /// Whether it asks which of two values comes first.
    public var isOrdering: Bool {
        switch self {
        case .less, .lessOrEqual, .greater, .greaterOrEqual: true
        case .equal, .notEqual, .distinct, .notDistinct: false
        }
    }

    /// The comparison that says the same with its operands exchanged.
    public var flipped: Comparison {
        switch self {
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        case .equal, .notEqual, .distinct, .notDistinct: self
        }
    }
}
