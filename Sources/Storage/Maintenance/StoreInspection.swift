import Columns
import TableCatalog

/// What a store consists of: for people who look at it, and for tools.
public struct StoreInspection: Sendable {
    public var directory: String
    public var version: StoreVersion
    /// Versions that can be read, oldest first.
    public var versions: [StoreVersion]
    public var manifestBytes: Int
    /// Data files that some retained version names.
    public var dataFiles: Int
    public var dataFileBytes: Int
    /// Data files of this version.
    public var currentFiles: Int
    public var currentFileBytes: Int
    public var tables: [TableInspection]
}

public struct TableInspection: Sendable {
    public var id: TableID
    public var definition: TableDefinition
    /// Rows that exist.
    public var rows: Int
    /// Rows that are deleted but still stored.
    public var deletedRows: Int
    /// Rows of each row group, with deleted ones, in order.
    public var rowGroupRows: [Int]
    /// Bytes of segments and footers.
    public var storedBytes: Int
    /// Bytes that the stored rows' values take without encoding.
    public var rawBytes: Int
    public var columns: [ColumnInspection]

    /// 0...1: deleted rows among the stored ones.
    public var deletedShare: Double {
        rows + deletedRows == 0 ? 0 : Double(deletedRows) / Double(rows + deletedRows)
    }
    /// Raw bytes for one stored byte; 0 without rows.
    public var ratio: Double { storedBytes == 0 ? 0 : Double(rawBytes) / Double(storedBytes) }
}

public struct ColumnInspection: Sendable {
    /// Segments, or blocks of segments, of one kind.
    public struct Share: Hashable, Sendable {
        /// An encoding, for example `tableDictionary`, or a codec, for example `zstd`.
        public var name: String
        public var count: Int
        public var storedBytes: Int
    }

    public var name: String
    public var type: DataType
    /// Segments by encoding, the largest share first.
    public var encodings: [Share]
    /// Blocks of segments by codec, the largest share first.
    public var codecs: [Share]
    public var storedBytes: Int
    /// Width times rows, or the bytes of the strings.
    public var rawBytes: Int
    /// As of all stored rows, with deleted ones.
    public var nullCount: Int
    public var distinctEstimate: Double
    /// nil when every row is NULL; of strings the first 16 bytes.
    public var minimum: Value?
    public var maximum: Value?

    /// Raw bytes for one stored byte; 0 without rows.
    public var ratio: Double { storedBytes == 0 ? 0 : Double(rawBytes) / Double(storedBytes) }
}
