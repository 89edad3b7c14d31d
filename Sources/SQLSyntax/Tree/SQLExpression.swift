/// A scalar expression as it was written.
public struct SQLExpression: Hashable, Sendable {
    public var kind: Kind
    public var span: SourceSpan

    public init(_ kind: Kind, span: SourceSpan) {
        self.kind = kind
        self.span = span
    }

    public indirect enum Kind: Hashable, Sendable {
        case null
        case boolean(Bool)
        /// Digits, as written.
        case integer(String)
        /// Digits with a point or an exponent, as written.
        case decimal(String)
        case string(String)
        /// `DATE '2024-01-31'`: a constant in the text form of a type.
        case typedString(TypeName, String)
        /// `$1`, counted from 1.
        case parameter(Int)
        /// `price`, `line.price` or `shop.line.price`.
        case column([Identifier])
        /// `*` or `line.*`, in a select list only.
        case star([Identifier])
        case unary(String, SQLExpression)
        /// Arithmetic, comparison and every other operator of two operands, by its sign.
        case binary(String, SQLExpression, SQLExpression)
        /// `a || b || c`: at least three operands, joined from left to right. A long chain is one level.
        case concatenation([SQLExpression])
        /// At least two.
        case and([SQLExpression])
        /// At least two.
        case or([SQLExpression])
        case not(SQLExpression)
        case cast(SQLExpression, TypeName)
        case caseWhen(operand: SQLExpression?, branches: [CaseBranch], otherwise: SQLExpression?)
        case isTest(SQLExpression, TruthTest, isNegated: Bool)
        case isDistinctFrom(SQLExpression, SQLExpression, isNegated: Bool)
        case between(
            SQLExpression, low: SQLExpression, high: SQLExpression, isSymmetric: Bool, isNegated: Bool)
        case match(
            PatternKind, SQLExpression, pattern: SQLExpression, escape: SQLExpression?, isNegated: Bool)
        /// At least one element.
        case inList(SQLExpression, [SQLExpression], isNegated: Bool)
        case inQuery(SQLExpression, Query, isNegated: Bool)
        case exists(Query)
        /// `price > ALL (SELECT …)`.
        case quantifiedQuery(SQLExpression, String, Quantifier, Query)
        /// `price = ANY (array)`.
        case quantifiedArray(SQLExpression, String, Quantifier, SQLExpression)
        case scalarQuery(Query)
        case call(FunctionCall)
        case row([SQLExpression])
        case array([SQLExpression])
        case arrayQuery(Query)
        case element(SQLExpression, index: SQLExpression)
        case field(SQLExpression, Identifier)
        case collate(SQLExpression, [Identifier])
        /// The word DEFAULT in INSERT and UPDATE.
        case defaultValue
    }
}

public struct CaseBranch: Hashable, Sendable {
    public var condition: SQLExpression
    public var result: SQLExpression

    public init(condition: SQLExpression, result: SQLExpression) {
        self.condition = condition
        self.result = result
    }
}

/// What `IS` asks for.
public enum TruthTest: String, Hashable, Sendable {
    case null = "NULL"
    case `true` = "TRUE"
    case `false` = "FALSE"
    case unknown = "UNKNOWN"
}

public enum PatternKind: String, Hashable, Sendable {
    case like = "LIKE"
    case ilike = "ILIKE"
    case similar = "SIMILAR TO"
}

public enum Quantifier: String, Hashable, Sendable {
    case any = "ANY"
    case all = "ALL"
}

/// A name as it counts: folded to lower case unless it was quoted.
public struct Identifier: Hashable, Sendable {
    public var name: String
    public var span: SourceSpan

    public init(_ name: String, span: SourceSpan) {
        self.name = name
        self.span = span
    }
}
