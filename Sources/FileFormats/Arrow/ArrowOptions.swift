/// How Arrow IPC is written.
public struct ArrowOptions: Hashable, Sendable {
    public enum Compression: Hashable, Sendable {
        case none
        /// Level 1...22.
        case zstd(level: Int)
    }

    public var compression: Compression
    /// Without magic number and footer, for pipes.
    public var isStream: Bool
    /// A record batch is closed when it has at least as many rows.
    public var batchRows: Int

    public static let batchRowsMax = 1 << 20

    public init(compression: Compression = .none, isStream: Bool = false, batchRows: Int = 65_536) {
        self.compression = compression
        self.isStream = isStream
        self.batchRows = batchRows
    }
}
