import Columns

/// How blocks of a table are compressed on disk.
public enum BlockCodec: UInt8, Hashable, Sendable {
    case none = 0
    case zstd = 1
    case lz4 = 2
}

/// What `CREATE TABLE … WITH (…)` can set.
public struct TableOptions: Hashable, Sendable {
    public var codec: BlockCodec
    /// The zstd level, 1...19.
    public var level: Int

    public init(codec: BlockCodec = .zstd, level: Int = 1) {
        self.codec = codec
        self.level = level
    }
}

/// What a table is: its name, columns and keys.
///
/// Invariants (checked by `validate`): at least one column, distinct column names, keys name existing columns
/// once each.
public struct TableDefinition: Hashable, Sendable {
    public var name: TableName
    public var columns: Schema
    /// Column indices of the primary key, in key order; empty for a table without one.
    public var primaryKey: [Int]
    /// Column indices by which compaction sorts rows; empty for arrival order.
    public var clusteringKey: [Int]
    public var options: TableOptions

    public static let columnCountMax = 1600

    public init(
        name: TableName, columns: Schema, primaryKey: [Int] = [], clusteringKey: [Int] = [],
        options: TableOptions = TableOptions()
    ) {
        self.name = name
        self.columns = columns
        self.primaryKey = primaryKey
        self.clusteringKey = clusteringKey
        self.options = options
    }

    /// The first broken invariant, or nil.
    public func validate() -> TableDefinitionError? {
        if columns.count == 0 { return .noColumns(table: name) }
        if columns.count > Self.columnCountMax { return .tooManyColumns(table: name, count: columns.count) }
        var seen: Set<String> = []
        for field in columns.fields where !seen.insert(field.name).inserted {
            return .duplicateColumn(table: name, column: field.name)
        }
        for key in [primaryKey, clusteringKey] {
            for index in key where !columns.fields.indices.contains(index) {
                return .keyColumnMissing(table: name, index: index)
            }
            if Set(key).count != key.count { return .keyColumnRepeated(table: name) }
        }
        return nil
    }
}

/// Why a definition is no table.
public enum TableDefinitionError: Error, Hashable, Sendable, CustomStringConvertible {
    case noColumns(table: TableName)
    case tooManyColumns(table: TableName, count: Int)
    case duplicateColumn(table: TableName, column: String)
    case keyColumnMissing(table: TableName, index: Int)
    case keyColumnRepeated(table: TableName)

    public var description: String {
        switch self {
        case .noColumns(let table): "table has no columns: \(table)"
        case .tooManyColumns(let table, let count): "table has too many columns: \(table) (\(count))"
        case .duplicateColumn(let table, let column): "column is given twice: \(table).\(column)"
        case .keyColumnMissing(let table, let index):
            "key names a column that is not there: \(table) (\(index))"
        case .keyColumnRepeated(let table): "key names a column twice: \(table)"
        }
    }
}
