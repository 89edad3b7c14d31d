import Columns

/// How blocks of a table are compressed on disk.
public enum BlockCodec: UInt8, Hashable, Sendable, CaseIterable {
    case none = 0
    case zstd = 1
    case lz4 = 2

    /// As in `WITH (compression = '…')`.
    public var sqlName: String {
        switch self {
        case .none: "none"
        case .zstd: "zstd"
        case .lz4: "lz4"
        }
    }

    /// nil when no codec has that name; letters' case does not matter.
    public init?(sqlName: String) {
        guard let found = Self.allCases.first(where: { $0.sqlName == sqlName.lowercased() }) else {
            return nil
        }
        self = found
    }
}

/// What `CREATE TABLE … WITH (…)` and `ALTER TABLE … SET (…)` can set. Row groups written before a change
/// keep their form until compaction rewrites them.
public struct TableOptions: Hashable, Sendable {
    public var codec: BlockCodec
    /// The zstd level, 1...19; nil for the default. Other codecs take none.
    public var level: Int?
    /// Indices of the columns that get Bloom filters; nil leaves the choice to the store.
    public var bloomColumns: [Int]?

    public static let zstdLevels = 1...19
    public static let zstdLevelDefault = 1

    public init(codec: BlockCodec = .zstd, level: Int? = nil, bloomColumns: [Int]? = nil) {
        self.codec = codec
        self.level = level
        self.bloomColumns = bloomColumns
    }

    /// The level that blocks are compressed with; 0 unless the codec is zstd.
    public var effectiveLevel: Int { codec == .zstd ? level ?? Self.zstdLevelDefault : 0 }

    /// The first option that does not fit a table of those columns, or nil.
    public func validate(table: TableName, columns: Schema) -> TableDefinitionError? {
        if let level {
            if codec != .zstd { return .levelNotTaken(table: table, codec: codec, level: level) }
            if !Self.zstdLevels.contains(level) { return .levelOutOfRange(table: table, level: level) }
        }
        guard let bloomColumns else { return nil }
        for index in bloomColumns where !columns.fields.indices.contains(index) {
            return .bloomColumnMissing(table: table, index: index)
        }
        var seen: Set<Int> = []
        for index in bloomColumns where !seen.insert(index).inserted {
            return .bloomColumnRepeated(table: table, column: columns[index].name)
        }
        return nil
    }
}
