/// What stands in FROM.
public indirect enum TableReference: Hashable, Sendable {
    case table(NamedTable)
    case query(Query, TableAlias?, isLateral: Bool)
    case function(FunctionCall, TableAlias?, isLateral: Bool, withOrdinality: Bool, SourceSpan)
    case join(Join)
}

/// `schema.name AS OF VERSION 12 AS alias TABLESAMPLE …`.
public struct NamedTable: Hashable, Sendable {
    public var name: [Identifier]
    /// nil for the newest version.
    public var asOf: AsOf?
    public var alias: TableAlias?
    public var sample: TableSample?

    public init(
        name: [Identifier], asOf: AsOf? = nil, alias: TableAlias? = nil, sample: TableSample? = nil
    ) {
        self.name = name
        self.asOf = asOf
        self.alias = alias
        self.sample = sample
    }
}

/// Which earlier version of a table is read: `AS OF VERSION number` or `AS OF timestamp`.
public enum AsOf: Hashable, Sendable {
    case version(SQLExpression)
    case time(SQLExpression)

    public var expression: SQLExpression {
        switch self {
        case .version(let expression), .time(let expression): expression
        }
    }
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
