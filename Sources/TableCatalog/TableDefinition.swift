import Columns

/// What a table is: its name, columns and keys.
///
/// Invariants (checked by `validate`): at least one column, distinct column names, keys name existing columns
/// once each, options fit the columns.
public struct TableDefinition: Hashable, Sendable {
    public var name: TableName
    public var columns: Schema
    /// Column indices of the primary key, in key order; empty for a table without one.
    public var primaryKey: [Int]
    /// Column indices by which compaction sorts rows; empty for arrival order.
    public var clusteringKey: [Int]
    public var options: TableOptions
    /// SQL of the values that columns take when a statement gives none, by column index; NULL for others.
    public var defaults: [Int: String]
    public var checks: [CheckConstraint]

    public static let columnCountMax = 1600
    public static let checkCountMax = 256

    public init(
        name: TableName, columns: Schema, primaryKey: [Int] = [], clusteringKey: [Int] = [],
        options: TableOptions = TableOptions(), defaults: [Int: String] = [:],
        checks: [CheckConstraint] = []
    ) {
        self.defaults = defaults
        self.checks = checks
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
        for index in defaults.keys where !columns.fields.indices.contains(index) {
            return .defaultColumnMissing(table: name, index: index)
        }
        var constraints: Set<String> = []
        for check in checks where !constraints.insert(check.name).inserted {
            return .duplicateConstraint(table: name, constraint: check.name)
        }
        if checks.count > Self.checkCountMax { return .tooManyConstraints(table: name, count: checks.count) }
        return options.validate(table: name, columns: columns)
    }
}

/// Why a definition is no table.
public enum TableDefinitionError: Error, Hashable, Sendable, CustomStringConvertible {
    case noColumns(table: TableName)
    case tooManyColumns(table: TableName, count: Int)
    case duplicateColumn(table: TableName, column: String)
    case keyColumnMissing(table: TableName, index: Int)
    case keyColumnRepeated(table: TableName)
    case levelOutOfRange(table: TableName, level: Int)
    case levelNotTaken(table: TableName, codec: BlockCodec, level: Int)
    case bloomColumnMissing(table: TableName, index: Int)
    case bloomColumnRepeated(table: TableName, column: String)
    case defaultColumnMissing(table: TableName, index: Int)
    case duplicateConstraint(table: TableName, constraint: String)
    case tooManyConstraints(table: TableName, count: Int)

    public var description: String {
        switch self {
        case .noColumns(let table): "table has no columns: \(table)"
        case .tooManyColumns(let table, let count): "table has too many columns: \(table) (\(count))"
        case .duplicateColumn(let table, let column): "column is given twice: \(table).\(column)"
        case .keyColumnMissing(let table, let index):
            "key names a column that is not there: \(table) (\(index))"
        case .keyColumnRepeated(let table): "key names a column twice: \(table)"
        case .levelOutOfRange(let table, let level):
            "option \"level\" must be from \(TableOptions.zstdLevels.lowerBound) to "
                + "\(TableOptions.zstdLevels.upperBound): \(table) (level = \(level))"
        case .levelNotTaken(let table, let codec, let level):
            "option \"level\" is only for compression = 'zstd': \(table) "
                + "(compression = '\(codec.sqlName)', level = \(level))"
        case .bloomColumnMissing(let table, let index):
            "option \"bloom\" names a column that is not there: \(table) (\(index))"
        case .bloomColumnRepeated(let table, let column):
            "option \"bloom\" names a column twice: \(table).\(column)"
        case .defaultColumnMissing(let table, let index):
            "default is of a column that is not there: \(table) (\(index))"
        case .duplicateConstraint(let table, let constraint):
            "constraint is given twice: \(table).\(constraint)"
        case .tooManyConstraints(let table, let count):
            "table has too many constraints: \(table) (\(count))"
        }
    }
}
