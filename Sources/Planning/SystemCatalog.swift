import Columns

/// A table that the engine makes when it is asked for, such as `information_schema.tables`.
public struct SystemTable: Sendable {
    public var columns: [Field]
    /// As many values a row as there are columns.
    public var rows: [[Value]]

    public init(columns: [Field], rows: [[Value]] = []) {
        self.columns = columns
        self.rows = rows
    }
}

/// What a function that tells about the store or the session gives.
public enum SystemFunction: Sendable {
    case value(Value, DataType)
    /// The argument of that index as TEXT.
    case argument(Int)
    /// The value that stands beside the first arguments, which are BIGINT; `otherwise` beside none.
    case lookup([(keys: [Int64], value: Value)], otherwise: Value, DataType)
}

/// What a planner knows beside the tables of the store.
public struct SystemCatalog: Sendable {
    /// Schemas of system tables that are looked up without being named.
    public var searchPath: [String]
    /// The system table of a schema and a name; nil if there is none. Called once for each use.
    public var table: @Sendable (_ schema: String, _ name: String) -> SystemTable?
    /// A function by its name and arguments, where those that are no constants are nil; nil if it is none of
    /// the system's.
    public var function: @Sendable (_ name: String, _ arguments: [Value?]) -> SystemFunction?

    public init(
        searchPath: [String] = [],
        table: @escaping @Sendable (_ schema: String, _ name: String) -> SystemTable? = { _, _ in nil },
        function: @escaping @Sendable (_ name: String, _ arguments: [Value?]) -> SystemFunction? = {
            _, _ in nil
        }
    ) {
        self.searchPath = searchPath
        self.table = table
        self.function = function
    }
}
