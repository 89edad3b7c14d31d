/// What stands in FROM.
public indirect enum TableReference: Hashable, Sendable {
    case table([Identifier], TableAlias?, TableSample?)
    case query(Query, TableAlias?, isLateral: Bool)
    case function(FunctionCall, TableAlias?, isLateral: Bool, withOrdinality: Bool, SourceSpan)
    case join(Join)
}

public struct TableAlias: Hashable, Sendable {
    public var name: Identifier
    public var columns: [Identifier]

    public init(name: Identifier, columns: [Identifier] = []) {
        self.name = name
        self.columns = columns
    }
}

/// `TABLESAMPLE method (arguments) REPEATABLE (seed)`.
public struct TableSample: Hashable, Sendable {
    public var method: Identifier
    public var arguments: [SQLExpression]
    public var seed: SQLExpression?

    public init(method: Identifier, arguments: [SQLExpression], seed: SQLExpression?) {
        self.method = method
        self.arguments = arguments
        self.seed = seed
    }
}

public struct Join: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
        case inner = "INNER"
        case left = "LEFT"
        case right = "RIGHT"
        case full = "FULL"
        case cross = "CROSS"
    }

    public enum Condition: Hashable, Sendable {
        case on(SQLExpression)
        case using([Identifier])
        case natural
        /// Of CROSS JOIN only.
        case none
    }

    public var kind: Kind
    /// The nearest row by an inequality, as in `ASOF JOIN`.
    public var isAsOf: Bool
    public var left: TableReference
    public var right: TableReference
    public var condition: Condition
    public var alias: TableAlias?
    /// The words that say what kind of join it is.
    public var span: SourceSpan

    public init(
        kind: Kind, isAsOf: Bool = false, left: TableReference, right: TableReference, condition: Condition,
        alias: TableAlias? = nil, span: SourceSpan
    ) {
        self.kind = kind
        self.isAsOf = isAsOf
        self.left = left
        self.right = right
        self.condition = condition
        self.alias = alias
        self.span = span
    }
}
