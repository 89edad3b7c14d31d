import Columns

/// A named query.
public struct ViewDefinition: Hashable, Sendable {
    public var name: TableName
    /// Its columns as they were when it was made; the query still gives them.
    public var columns: Schema
    /// The query's text, without `*`: columns added to its tables do not change it.
    public var query: String
    /// Where the query's names without a schema are looked up.
    public var searchPath: [String]

    public static let queryBytesMax = 1 << 20

    public init(name: TableName, columns: Schema, query: String, searchPath: [String]) {
        self.name = name
        self.columns = columns
        self.query = query
        self.searchPath = searchPath
    }
}

/// A condition that no row of a table may fail: one that is NULL holds.
public struct CheckConstraint: Hashable, Sendable {
    public var name: String
    /// SQL over the table's columns.
    public var condition: String

    public init(name: String, condition: String) {
        self.name = name
        self.condition = condition
    }
}
