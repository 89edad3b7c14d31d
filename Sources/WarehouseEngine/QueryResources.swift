import Execution
import Glibc

/// What all queries of a warehouse share: memory, and room on a disk for rows that find none in memory.
public struct QueryResources: Sendable {
    /// Memory of all queries together. A query that comes while there is too little waits for those before
    /// it.
    public var memoryBytes: Int
    /// Memory with which a query begins, and without which it waits; nil for 64 MiB, or a
    /// sixteenth of all if that is less.
    public var firstMemoryBytes: Int?
    /// How long a query waits for memory.
    public var memoryWaitLimit = Duration.seconds(60)
    /// The directory for rows set aside; nil for `spill` in the store's, or the system's temporary directory
    /// where the store is only read.
    public var spillDirectory: String?
    /// Bytes that all queries together may set aside.
    public var spillLimitBytes = Int.max
    /// Bytes beyond which every operator sets rows aside, whatever its budget; for tests.
    public var forcedSpillBytes: Int?

    /// - Parameter memoryBytes: nil for half of the machine's memory.
    public init(memoryBytes: Int? = nil) { self.memoryBytes = memoryBytes ?? Self.machineBytes / 2 }

    /// The machine's memory; 4 GiB where the system does not tell.
    public static let machineBytes: Int = {
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        let pageBytes = sysconf(Int32(_SC_PAGESIZE))
        return pages > 0 && pageBytes > 0 ? pages * pageBytes : 4 << 30
    }()

    /// The system's directory for temporary files.
    static var temporaryDirectory: String {
        guard let path = getenv("TMPDIR"), path.pointee != 0 else { return "/tmp" }
        return String(cString: path)
    }
}
