import Execution

/// Limits of one statement.
public struct QueryOptions: Sendable {
    /// How long it may run; nil for any time.
    public var timeLimit: Duration?
    /// Memory of its hash tables, sorts and collected rows; beyond it they set rows aside on the disk.
    public var memoryLimitBytes: Int
    /// Threads; nil for all.
    public var workerCount: Int?
    /// Whether it may change tables.
    public var isReadOnly: Bool
    /// Whether COPY may write to the process's standard output, also where nothing may be changed.
    public var allowsStandardOutput = false
    /// Called after each piece by a COPY from a file, from any of its threads; false ends it, with nothing
    /// loaded.
    public var copyProgress: (@Sendable (CopyProgress) -> Bool)?

    /// A quarter of the machine's memory, at least 256 MiB.
    public static let memoryLimitBytesDefault = max(256 << 20, QueryResources.machineBytes / 4)

    public init(
        timeLimit: Duration? = nil, memoryLimitBytes: Int = QueryOptions.memoryLimitBytesDefault,
        workerCount: Int? = nil, isReadOnly: Bool = false
    ) {
        self.timeLimit = timeLimit
        self.memoryLimitBytes = memoryLimitBytes
        self.workerCount = workerCount
        self.isReadOnly = isReadOnly
    }
}
