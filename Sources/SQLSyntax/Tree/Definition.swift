/// `CONSTRAINT name CHECK (condition)`.
public struct CheckDefinition: Hashable, Sendable {
    public var name: Identifier?
    public var condition: SQLExpression

    public init(name: Identifier?, condition: SQLExpression) {
        self.name = name
        self.condition = condition
    }
}

/// `CONSTRAINT name UNIQUE (a, b)`.
public struct UniqueDefinition: Hashable, Sendable {
    public var name: Identifier?
    public var columns: [Identifier]

    public init(name: Identifier?, columns: [Identifier]) {
        self.name = name
        self.columns = columns
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
        case addUnique(UniqueDefinition)
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

/// `CREATE UNIQUE INDEX name ON table (a, b)`. The order that a column may name is not kept.
public struct CreateIndex: Hashable, Sendable {
    /// nil for one that PostgreSQL would choose.
    public var name: Identifier?
    public var ifNotExists: Bool
    public var table: [Identifier]
    public var columns: [SQLExpression]
    public var isUnique: Bool

    public init(
        name: Identifier?, table: [Identifier], columns: [SQLExpression], isUnique: Bool,
        ifNotExists: Bool = false
    ) {
        self.name = name
        self.ifNotExists = ifNotExists
        self.table = table
        self.columns = columns
        self.isUnique = isUnique
    }
}

/// `REINDEX INDEX name` and the like.
public struct Reindex: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
        case index = "INDEX"
        case table = "TABLE"
        case schema = "SCHEMA"
        case database = "DATABASE"
        case system = "SYSTEM"
    }

    public var kind: Kind
    public var name: [Identifier]

    public init(kind: Kind, name: [Identifier]) {
        self.kind = kind
        self.name = name
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
