import TableCatalog

/// One change of the store's state. A commit is a list of them; a checkpoint is the list that makes the state
/// out of nothing.
enum ManifestOperation: Sendable {
    /// String columns get the dictionaries `firstDictionary` + column index.
    case createTable(TableID, TableDefinition, firstDictionary: UInt64)
    case dropTable(TableID)
    case truncateTable(TableID, firstDictionary: UInt64)
    /// Behind the last row group, or in the place before another that the same commit removes.
    case addRowGroup(TableID, RowGroupEntry, before: RowGroupID?)
    case removeRowGroup(TableID, RowGroupID)
    /// A few rows more.
    case deleteRows(TableID, RowGroupID, [UInt16])
    /// Instead of all that were deleted before.
    case setDeletions(TableID, RowGroupID, DeletionBlockEntry)
    /// Appends entries to a column's dictionary, whose count so far must be `firstCode`.
    case extendDictionary(TableID, column: Int, DictionaryExtension)
    case setReplicationPosition(String, UInt64)
    /// Of a table, or of the store when nil; a nil value removes it.
    case setProperty(TableID?, String, String?)
    /// The last version that changed the table; only checkpoints need to say it.
    case setTableVersion(TableID, UInt64)
    /// Row groups written from now on carry the number, so that compaction finds those of other options.
    case setOptions(TableID, TableOptions, number: UInt32)
    /// No row group is sorted by the new key yet.
    case setClusteringKey(TableID, [Int])
    /// A view of the store; nil to drop it.
    case setView(TableName, ViewDefinition?)
    /// Whether a schema was made by name.
    case setSchema(String, exists: Bool)
    /// A table's columns, defaults and constraints anew.
    case reshapeTable(TableID, TableReshape)
    /// The columns of a row group that is older than the table's columns; only checkpoints and merged records
    /// need to say it.
    case setStoredColumns(TableID, RowGroupID, count: Int, [StoredColumn])
}

/// A row group as the manifest names it.
struct RowGroupEntry: Hashable, Sendable {
    var id: RowGroupID
    var file: DataFileID
    var footerOffset: Int
    var footerBytes: Int
    var rowCount: Int
    var form = RowGroupForm()
}

/// How a row group was written, for compaction.
struct RowGroupForm: Hashable, Sendable {
    /// The number of the table's options then.
    var optionsNumber: UInt32 = 0
    /// Row groups with one number, not 0, were sorted by the table's clustering key together: each is in
    /// order, and so are they among themselves. 0 when nothing is known.
    var sortedRun: UInt32 = 0
}

/// A deletion block as the manifest names it.
struct DeletionBlockEntry: Hashable, Sendable {
    var file: DataFileID
    var byteOffset: Int
    var byteCount: Int
    var deletedCount: Int
}

struct DictionaryExtension: Hashable, Sendable {
    var firstCode: Int
    var entries: [[UInt8]]
    var rowsOffered: Int
    var isClosed: Bool
}

/// One record of the manifest.
struct ManifestRecord: Sendable {
    enum Kind: UInt8 {
        /// What one commit changed.
        case commit = 0
        /// Starts from an empty state; the first record of a manifest, and only that.
        case checkpoint = 1
        /// What several commits changed together; the versions between can no longer be read.
        case merged = 2
    }

    var kind: Kind
    var version: UInt64
    /// The version that the operations apply to; 0 of a checkpoint.
    var previous: UInt64
    /// When the version was committed: microseconds since 1970-01-01 UTC.
    var time: Int64
    var nextTable: UInt32
    var nextRowGroup: UInt32
    var nextFile: UInt32
    var nextDictionary: UInt64
    var operations: [ManifestOperation]
}

extension ManifestOperation {
    /// The data file that the operation names.
    var file: DataFileID? {
        switch self {
        case .addRowGroup(_, let entry, _): entry.file
        case .setDeletions(_, _, let entry): entry.file
        default: nil
        }
    }
}
