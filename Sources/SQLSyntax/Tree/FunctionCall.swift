/// A call of a function or an aggregate. Special forms are calls too: `EXTRACT(year FROM x)` is
/// `extract('year', x)`, `x AT TIME ZONE z` is `timezone(z, x)`, `POSITION(a IN b)` is `strpos(b, a)`,
/// `TRIM(BOTH a FROM b)` is `btrim(b, a)`, `SUBSTRING(a FROM b FOR c)` is `substring(a, b, c)`,
/// `CURRENT_DATE` is `current_date()`, `COALESCE` and the like are calls of their names.
public struct FunctionCall: Hashable, Sendable {
    /// The name, with its schema before it if one was given.
    public var name: [Identifier]
    public var arguments: [SQLExpression]
    /// `count(*)`: no arguments, every row.
    public var isStar: Bool
    public var isDistinct: Bool
    /// `array_agg(x ORDER BY y)`.
    public var orderBy: [SortItem]
    /// `percentile_cont(0.5) WITHIN GROUP (ORDER BY x)`.
    public var withinGroup: [SortItem]
    public var filter: SQLExpression?
    public var over: WindowReference?

    public init(
        name: [Identifier], arguments: [SQLExpression], isStar: Bool = false, isDistinct: Bool = false,
        orderBy: [SortItem] = [], withinGroup: [SortItem] = [], filter: SQLExpression? = nil,
        over: WindowReference? = nil
    ) {
        self.name = name
        self.arguments = arguments
        self.isStar = isStar
        self.isDistinct = isDistinct
        self.orderBy = orderBy
        self.withinGroup = withinGroup
        self.filter = filter
        self.over = over
    }
}

public enum WindowReference: Hashable, Sendable {
    case named(Identifier)
    case specification(WindowSpecification)
}

public struct WindowSpecification: Hashable, Sendable {
    /// The window that this one adds to.
    public var base: Identifier?
    public var partitionBy: [SQLExpression]
    public var orderBy: [SortItem]
    public var frame: WindowFrame?

    public init(base: Identifier?, partitionBy: [SQLExpression], orderBy: [SortItem], frame: WindowFrame?) {
        self.base = base
        self.partitionBy = partitionBy
        self.orderBy = orderBy
        self.frame = frame
    }
}

public struct WindowFrame: Hashable, Sendable {
    public enum Unit: String, Hashable, Sendable {
        case rows = "ROWS"
        case range = "RANGE"
        case groups = "GROUPS"
    }

    public enum Bound: Hashable, Sendable {
        case unboundedPreceding
        case preceding(SQLExpression)
        case currentRow
        case following(SQLExpression)
        case unboundedFollowing
    }

    public enum Exclusion: String, Hashable, Sendable {
        case currentRow = "CURRENT ROW"
        case group = "GROUP"
        case ties = "TIES"
        case noOthers = "NO OTHERS"
    }

    public var unit: Unit
    public var start: Bound
    /// CURRENT ROW when it was not written.
    public var end: Bound
    public var exclusion: Exclusion?

    public init(unit: Unit, start: Bound, end: Bound, exclusion: Exclusion?) {
        self.unit = unit
        self.start = start
        self.end = end
        self.exclusion = exclusion
    }
}

public struct SortItem: Hashable, Sendable {
    public var expression: SQLExpression
    public var isDescending: Bool
    /// nil where neither NULLS FIRST nor NULLS LAST was written.
    public var nullsFirst: Bool?

    public init(_ expression: SQLExpression, isDescending: Bool = false, nullsFirst: Bool? = nil) {
        self.expression = expression
        self.isDescending = isDescending
        self.nullsFirst = nullsFirst
    }
}
