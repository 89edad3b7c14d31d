/// How a Parquet file is written.
public struct ParquetOptions: Hashable, Sendable {
    public enum Compression: Hashable, Sendable {
        case none
        /// Level 1...22.
        case zstd(level: Int)
    }

    public var compression: Compression
    /// A row group is closed when it has at least as many rows.
    public var rowGroupRows: Int

    public static let rowGroupRowsMax = 1 << 20

    public init(compression: Compression = .zstd(level: 3), rowGroupRows: Int = 122_880) {
        self.compression = compression
        self.rowGroupRows = rowGroupRows
    }
}
