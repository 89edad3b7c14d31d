public struct Insert: Hashable, Sendable {
    public var table: [Identifier]
    public var alias: Identifier?
    /// Empty for all columns in the table's order.
    public var columns: [Identifier]
    /// nil for DEFAULT VALUES.
    public var query: Query?
    public var onConflict: OnConflict?
    public var returning: [SelectItem]

    public init(
        table: [Identifier], alias: Identifier?, columns: [Identifier], query: Query?, returning: [SelectItem]
    ) {
        self.table = table
        self.alias = alias
        self.columns = columns
        self.query = query
        self.returning = returning
    }
}

/// `ON CONFLICT (columns) DO UPDATE SET … WHERE …`.
public struct OnConflict: Hashable, Sendable {
    /// Empty for any key.
    public var columns: [Identifier]
    /// Of `ON CONSTRAINT`.
    public var constraint: Identifier?
    /// nil for DO NOTHING.
    public var assignments: [Assignment]?
    public var filter: SQLExpression?
    public var span: SourceSpan

    public init(columns: [Identifier], constraint: Identifier?, span: SourceSpan) {
        self.columns = columns
        self.constraint = constraint
        self.span = span
    }
}

public struct Assignment: Hashable, Sendable {
    public var column: Identifier
    public var value: SQLExpression

    public init(column: Identifier, value: SQLExpression) {
        self.column = column
        self.value = value
    }
}

public struct Update: Hashable, Sendable {
    public var table: [Identifier]
    public var alias: Identifier?
    public var assignments: [Assignment]
    public var from: [TableReference]
    public var filter: SQLExpression?
    public var returning: [SelectItem]

    public init(
        table: [Identifier], alias: Identifier?, assignments: [Assignment], from: [TableReference],
        filter: SQLExpression?, returning: [SelectItem]
    ) {
        self.table = table
        self.alias = alias
        self.assignments = assignments
        self.from = from
        self.filter = filter
        self.returning = returning
    }
}

public struct Delete: Hashable, Sendable {
    public var table: [Identifier]
    public var alias: Identifier?
    public var using: [TableReference]
    public var filter: SQLExpression?
    public var returning: [SelectItem]

    public init(
        table: [Identifier], alias: Identifier?, using: [TableReference], filter: SQLExpression?,
        returning: [SelectItem]
    ) {
        self.table = table
        self.alias = alias
        self.using = using
        self.filter = filter
        self.returning = returning
    }
}

public struct Copy: Hashable, Sendable {
    public enum Source: Hashable, Sendable {
        case table([Identifier], columns: [Identifier])
        case query(Query)
    }

    public enum Direction: String, Hashable, Sendable {
        case from = "FROM"
        case to = "TO"
    }

    public enum Endpoint: Hashable, Sendable {
        case file(String)
        case standardInput
        case standardOutput
    }

    public var source: Source
    public var direction: Direction
    public var endpoint: Endpoint
    public var options: [StatementOption]

    public init(source: Source, direction: Direction, endpoint: Endpoint, options: [StatementOption]) {
        self.source = source
        self.direction = direction
        self.endpoint = endpoint
        self.options = options
    }
}
