/// `CONSTRAINT name CHECK (condition)`.
public struct CheckDefinition: Hashable, Sendable {
    public var name: Identifier?
    public var condition: SQLExpression

    public init(name: Identifier?, condition: SQLExpression) {
        self.name = name
        self.condition = condition
    }
}

/// `LIKE table INCLUDING DEFAULTS` among the columns of a new table.
public struct LikeTable: Hashable, Sendable {
    public var table: [Identifier]
    /// How many columns stand before it.
    public var position: Int
    public var includesDefaults: Bool
    public var includesConstraints: Bool

    public init(table: [Identifier], position: Int) {
        self.table = table
        self.position = position
        includesDefaults = false
        includesConstraints = false
    }
}

/// `ALTER TABLE table action, …`.
public struct AlterTable: Hashable, Sendable {
    public indirect enum Action: Hashable, Sendable {
        case addColumn(ColumnDefinition, ifNotExists: Bool)
        case dropColumn(Identifier, ifExists: Bool, isCascade: Bool)
        case renameColumn(Identifier, to: Identifier)
        case renameTable(Identifier)
        /// nil for DROP DEFAULT.
        case setDefault(Identifier, SQLExpression?)
        case setNotNull(Identifier, Bool)
        case addCheck(CheckDefinition)
        case dropConstraint(Identifier, ifExists: Bool)
    }

    public var table: [Identifier]
    public var ifExists: Bool
    public var actions: [Action]

    public init(table: [Identifier], ifExists: Bool, actions: [Action]) {
        self.table = table
        self.ifExists = ifExists
        self.actions = actions
    }
}

public struct CreateSchema: Hashable, Sendable {
    public var name: Identifier
    public var ifNotExists: Bool

    public init(name: Identifier, ifNotExists: Bool) {
        self.name = name
        self.ifNotExists = ifNotExists
    }
}

/// Taken and not acted on: zone maps, Bloom filters and the clustering key do what an index would.
public struct CreateIndex: Hashable, Sendable {
    public var name: Identifier?
    public var table: [Identifier]
    public var columns: [SQLExpression]
    public var isUnique: Bool

    public init(name: Identifier?, table: [Identifier], columns: [SQLExpression], isUnique: Bool) {
        self.name = name
        self.table = table
        self.columns = columns
        self.isUnique = isUnique
    }
}

/// `COMMENT ON TABLE name IS 'text'`; nil text for NULL.
public struct Comment: Hashable, Sendable {
    public var table: [Identifier]
    /// Of COMMENT ON COLUMN.
    public var column: Identifier?
    public var text: String?

    public init(table: [Identifier], column: Identifier?, text: String?) {
        self.table = table
        self.column = column
        self.text = text
    }
}
