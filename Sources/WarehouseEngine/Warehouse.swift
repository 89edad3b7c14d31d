import Columns
import DurableIO
import Execution
import Glibc
import Planning
import SQLSyntax
import Storage
import TableCatalog

/// The engine behind one door: a store, and SQL over it. Any number of threads may run statements at once.
public final class Warehouse: Sendable {
    public let store: ColumnStore
    /// Where COPY finds its files.
    let fileSystem: any FileSystem
    let pool: WorkerPool
    /// Memory of all queries.
    let memory: MemoryPool
    /// Where queries set rows aside.
    let spill: SpillSpace
    let forcedSpillBytes: Int?

    /// Threads of all queries together.
    public var workerCount: Int { pool.parallelism }

    /// - Parameters:
    ///   - workerCount: Threads of all queries together; nil for the machine's cores.
    ///   - fileSystem: Where COPY finds its files.
    ///   - resources: What queries may take.
    public init(
        store: ColumnStore, workerCount: Int? = nil, fileSystem: any FileSystem = POSIXFileSystem(),
        resources: QueryResources = QueryResources()
    ) {
        self.store = store
        self.fileSystem = fileSystem
        pool = WorkerPool(parallelism: workerCount)
        memory = MemoryPool(
            limitBytes: resources.memoryBytes, firstBytes: resources.firstMemoryBytes,
            waitLimit: resources.memoryWaitLimit)
        let ownDirectory = store.mode == .readWrite ? store.directory + "/spill" : nil
        spill = SpillSpace(
            directory: resources.spillDirectory ?? ownDirectory ?? QueryResources.temporaryDirectory,
            limitBytes: resources.spillLimitBytes)
        forcedSpillBytes = resources.forcedSpillBytes
    }

    /// Opens the store in `directory`, making it if it is not there and `mode` allows.
    ///
    /// - Parameters:
    ///   - cacheBytes: Memory for segments that have been read.
    ///   - resources: What queries may take.
    /// - Throws: `StorageError`, which names the directory and what to do.
    public static func open(
        directory: String, mode: ColumnStore.Mode, workerCount: Int? = nil,
        cacheBytes: Int = BlockCache.bytesMaxDefault,
        fileSystem: any FileSystem = POSIXFileSystem(), resources: QueryResources = QueryResources()
    ) throws(StorageError) -> Warehouse {
        let warehouse = Warehouse(
            store: try ColumnStore.open(
                directory: directory, fileSystem: fileSystem, mode: mode,
                cache: BlockCache(bytesMax: cacheBytes)),
            workerCount: workerCount, fileSystem: fileSystem, resources: resources)
        // Under the writer's lock nobody else uses the directory.
        if mode == .readWrite, resources.spillDirectory == nil {
            do throws(DurableIOError) {
                try warehouse.spill.removeLeftovers()
            } catch {
                throw .files(error)
            }
        }
        return warehouse
    }

    /// Bytes that queries have set aside on the disk since the warehouse was opened.
    public var spilledBytes: Int { spill.writtenBytes }

    /// Runs one statement in a session of its own: settings and transactions need a `Session`.
    ///
    /// - Parameters:
    ///   - parameters: Values of `$1`, `$2`, ….
    /// - Throws: `QueryError` with SQLSTATE and position; nothing was changed.
    public func run(
        _ sql: String, parameters: [Value] = [], options: QueryOptions = QueryOptions()
    ) throws(QueryError) -> ResultStream {
        let session = Session(self, options: options, isForOneStatement: true)
        return try session.run(sql, parameters: parameters)
    }

    /// Every table with its rows, sorted by schema and name.
    public func tables() -> [(definition: TableDefinition, rowCount: Int)] {
        let snapshot = store.snapshot()
        return snapshot.catalog.tables.map { id, definition in (definition, snapshot.rowCount(of: id) ?? 0) }
    }

    /// Microseconds that the shop's wall clock, in Moscow, is before UTC.
    static let moscowOffset: Int64 = 3 * 3_600_000_000

    /// Microseconds since 1970 of a wall clock: what `now()` gives.
    static func statementTimestamp(zoneOffset: Int64) -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000 + zoneOffset
    }
}
