/// One statement.
public indirect enum Statement: Hashable, Sendable {
    case query(Query)
    case explain(Explain)
    case createTable(CreateTable)
    case createTableAs(CreateTableAs)
    case dropTable(Drop)
    case createView(CreateView)
    case dropView(Drop)
    case alterTable(AlterTable)
    case createSchema(CreateSchema)
    case dropSchema(Drop)
    case createIndex(CreateIndex)
    case dropIndex(Drop)
    case reindex(Reindex)
    case truncate([[Identifier]])
    case comment(Comment)
    case setOptions(SetOptions)
    case insert(Insert)
    case update(Update)
    case delete(Delete)
    case copy(Copy)
    /// SHOW name; nil for SHOW ALL.
    case show(Identifier?)
    case set(SetSetting)
    /// RESET name; nil for RESET ALL.
    case reset(Identifier?)
    case describe([Identifier])
    case begin(TransactionModes)
    /// `SET TRANSACTION …`, of the transaction under way.
    case setTransaction(TransactionModes)
    case commit
    case rollback
}

/// `SET [LOCAL] name = value, …`.
public struct SetSetting: Hashable, Sendable {
    public var name: Identifier
    /// Empty for DEFAULT; several for a list such as a search path.
    public var values: [SQLExpression]
    /// Only until the transaction ends.
    public var isLocal: Bool

    public init(name: Identifier, values: [SQLExpression], isLocal: Bool = false) {
        self.name = name
        self.values = values
        self.isLocal = isLocal
    }
}

/// `ISOLATION LEVEL …, READ ONLY`; nil for what was not said.
public struct TransactionModes: Hashable, Sendable {
    public enum Isolation: String, Hashable, Sendable {
        case readUncommitted = "READ UNCOMMITTED"
        case readCommitted = "READ COMMITTED"
        case repeatableRead = "REPEATABLE READ"
        case serializable = "SERIALIZABLE"
    }

    public var isolation: Isolation?
    public var isReadOnly: Bool?

    public init(isolation: Isolation? = nil, isReadOnly: Bool? = nil) {
        self.isolation = isolation
        self.isReadOnly = isReadOnly
    }
}

public struct Explain: Hashable, Sendable {
    public enum Format: String, Hashable, Sendable {
        case text = "TEXT"
        case json = "JSON"
    }

    public var isAnalyze: Bool
    public var isVerbose: Bool
    public var format: Format
    public var statement: Statement

    public init(isAnalyze: Bool, isVerbose: Bool, format: Format, statement: Statement) {
        self.isAnalyze = isAnalyze
        self.isVerbose = isVerbose
        self.format = format
        self.statement = statement
    }
}

/// `name = value` in a WITH clause.
public struct StatementOption: Hashable, Sendable {
    public var name: Identifier
    /// Empty for an option without a value; several for a list in parentheses.
    public var values: [SQLExpression]

    public init(name: Identifier, values: [SQLExpression]) {
        self.name = name
        self.values = values
    }
}

public struct ColumnDefinition: Hashable, Sendable {
    public var name: Identifier
    public var type: TypeName
    public var isNotNull: Bool
    public var isPrimaryKey: Bool
    public var defaultValue: SQLExpression?

    public init(
        name: Identifier, type: TypeName, isNotNull: Bool = false, isPrimaryKey: Bool = false,
        defaultValue: SQLExpression? = nil
    ) {
        self.name = name
        self.type = type
        self.isNotNull = isNotNull
        self.isPrimaryKey = isPrimaryKey
        self.defaultValue = defaultValue
    }
}

public struct CreateTable: Hashable, Sendable {
    public var name: [Identifier]
    public var ifNotExists: Bool
    public var columns: [ColumnDefinition]
    /// Of the table constraint PRIMARY KEY (…).
    public var primaryKey: [Identifier]
    /// Of ORDER BY (…), by which compaction sorts.
    public var clusteringKey: [Identifier]
    public var options: [StatementOption]
    public var checks: [CheckDefinition] = []
    public var uniques: [UniqueDefinition] = []
    /// Tables whose columns are taken over by LIKE, and the place among the columns where.
    public var likes: [LikeTable] = []

    public init(
        name: [Identifier], ifNotExists: Bool, columns: [ColumnDefinition], primaryKey: [Identifier],
        clusteringKey: [Identifier], options: [StatementOption]
    ) {
        self.name = name
        self.ifNotExists = ifNotExists
        self.columns = columns
        self.primaryKey = primaryKey
        self.clusteringKey = clusteringKey
        self.options = options
    }
}

public struct CreateTableAs: Hashable, Sendable {
    public var name: [Identifier]
    public var ifNotExists: Bool
    public var columns: [Identifier]
    public var options: [StatementOption]
    public var query: Query
    public var withData: Bool

    public init(
        name: [Identifier], ifNotExists: Bool, columns: [Identifier], options: [StatementOption],
        query: Query,
        withData: Bool
    ) {
        self.name = name
        self.ifNotExists = ifNotExists
        self.columns = columns
        self.options = options
        self.query = query
        self.withData = withData
    }
}

public struct CreateView: Hashable, Sendable {
    public var name: [Identifier]
    public var orReplace: Bool
    public var columns: [Identifier]
    public var query: Query

    public init(name: [Identifier], orReplace: Bool, columns: [Identifier], query: Query) {
        self.name = name
        self.orReplace = orReplace
        self.columns = columns
        self.query = query
    }
}

public struct Drop: Hashable, Sendable {
    public var names: [[Identifier]]
    public var ifExists: Bool
    public var isCascade: Bool

    public init(names: [[Identifier]], ifExists: Bool, isCascade: Bool) {
        self.names = names
        self.ifExists = ifExists
        self.isCascade = isCascade
    }
}

/// `ALTER TABLE table SET (name = value, …)`.
public struct SetOptions: Hashable, Sendable {
    public var table: [Identifier]
    public var options: [StatementOption]

    public init(table: [Identifier], options: [StatementOption]) {
        self.table = table
        self.options = options
    }
}
