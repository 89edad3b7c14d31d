/// Names a table for as long as its store lives; never given twice, also not after a drop.
public struct TableID: Hashable, Sendable, Comparable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static func < (left: TableID, right: TableID) -> Bool { left.rawValue < right.rawValue }
}

/// A table's name within its schema, as stored: the SQL parser has folded what was not quoted.
public struct TableName: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var schema: String
    public var name: String

    /// The schema of names that are given without one.
    public static let defaultSchema = "public"

    public init(schema: String = TableName.defaultSchema, name: String) {
        self.schema = schema
        self.name = name
    }

    public var description: String { "\(schema).\(name)" }

    public static func < (left: TableName, right: TableName) -> Bool {
        (left.schema, left.name) < (right.schema, right.name)
    }
}
