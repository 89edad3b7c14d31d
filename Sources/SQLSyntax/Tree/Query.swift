/// SELECT, VALUES, or several of them under UNION, INTERSECT and EXCEPT, with what stands around them.
public struct Query: Hashable, Sendable {
    public var with: WithClause?
    public var body: QueryBody
    public var orderBy: [SortItem]
    public var limit: SQLExpression?
    public var offset: SQLExpression?
    /// FETCH FIRST … WITH TIES.
    public var limitWithTies: Bool
    public var span: SourceSpan

    public init(
        with: WithClause? = nil, body: QueryBody, orderBy: [SortItem] = [], limit: SQLExpression? = nil,
        offset: SQLExpression? = nil, limitWithTies: Bool = false, span: SourceSpan
    ) {
        self.with = with
        self.body = body
        self.orderBy = orderBy
        self.limit = limit
        self.offset = offset
        self.limitWithTies = limitWithTies
        self.span = span
    }
}

public indirect enum QueryBody: Hashable, Sendable {
    case select(SelectCore)
    /// At least one row; all rows have the same length.
    case values([[SQLExpression]])
    /// `TABLE name`.
    case table([Identifier])
    case setOperation(SetOperation, isAll: Bool, left: QueryBody, right: QueryBody)
    /// At least three bodies under UNION, or all under UNION ALL, combined from left to right. A long chain
    /// is one level.
    case unions([QueryBody], isAll: Bool)
    /// A query in parentheses, which may have its own ORDER BY and LIMIT.
    case nested(Query)
}

public enum SetOperation: String, Hashable, Sendable {
    case union = "UNION"
    case intersect = "INTERSECT"
    case except = "EXCEPT"
}

public struct WithClause: Hashable, Sendable {
    public var isRecursive: Bool
    public var tables: [CommonTable]

    public init(isRecursive: Bool, tables: [CommonTable]) {
        self.isRecursive = isRecursive
        self.tables = tables
    }
}

public struct CommonTable: Hashable, Sendable {
    public var name: Identifier
    public var columns: [Identifier]
    /// nil where neither MATERIALIZED nor NOT MATERIALIZED was written.
    public var isMaterialized: Bool?
    public var query: Query

    public init(name: Identifier, columns: [Identifier], isMaterialized: Bool?, query: Query) {
        self.name = name
        self.columns = columns
        self.isMaterialized = isMaterialized
        self.query = query
    }
}

public struct SelectCore: Hashable, Sendable {
    public enum Distinct: Hashable, Sendable {
        case all
        /// DISTINCT ON: the first row of each group of these.
        case on([SQLExpression])
    }

    public var distinct: Distinct?
    public var items: [SelectItem]
    /// Joined crosswise.
    public var from: [TableReference]
    public var filter: SQLExpression?
    public var groupBy: [GroupingElement]
    /// GROUP BY DISTINCT: equal grouping sets count once.
    public var groupByIsDistinct = false
    public var having: SQLExpression?
    public var windows: [NamedWindow]
    public var qualify: SQLExpression?
    public var span: SourceSpan

    public init(items: [SelectItem], span: SourceSpan) {
        self.items = items
        self.from = []
        self.groupBy = []
        self.windows = []
        self.span = span
    }
}

public struct SelectItem: Hashable, Sendable {
    public var expression: SQLExpression
    public var alias: Identifier?

    public init(_ expression: SQLExpression, alias: Identifier?) {
        self.expression = expression
        self.alias = alias
    }
}

public enum GroupingElement: Hashable, Sendable {
    case expression(SQLExpression)
    /// `()`, or several expressions in parentheses within ROLLUP and the like.
    case group([SQLExpression])
    case rollup([GroupingElement])
    case cube([GroupingElement])
    case sets([GroupingElement])
}

public struct NamedWindow: Hashable, Sendable {
    public var name: Identifier
    public var specification: WindowSpecification

    public init(name: Identifier, specification: WindowSpecification) {
        self.name = name
        self.specification = specification
    }
}
