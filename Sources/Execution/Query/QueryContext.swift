import Columns
import Synchronization

/// What one run of a query knows and may use.
public final class QueryContext: Sendable {
    /// Where `scan` nodes find their tables.
    public let tables: any TableSource
    public let pool: WorkerPool
    /// Threads that may work on this query, at least 1.
    public let workerCount: Int
    public let memory: MemoryBudget
    /// Microseconds since 1970 in the account's zone: what `now()` gives for the whole statement.
    public let statementTimestamp: Int64
    public let timeLimit: Duration?
    public let profile: QueryProfile
    private let started = ContinuousClock.now
    private let isCancelled = Atomic<Bool>(false)

    public static let memoryLimitBytesDefault = 1 << 30

    /// - Parameters:
    ///   - workerCount: nil for all of the pool's threads and the calling one.
    ///   - timeLimit: Counted from here on.
    public init(
        tables: any TableSource, pool: WorkerPool, workerCount: Int? = nil,
        memoryLimitBytes: Int = QueryContext.memoryLimitBytesDefault, statementTimestamp: Int64 = 0,
        timeLimit: Duration? = nil
    ) {
        self.tables = tables
        self.pool = pool
        self.workerCount = max(1, min(workerCount ?? pool.parallelism, pool.parallelism))
        memory = MemoryBudget(limitBytes: memoryLimitBytes)
        self.statementTimestamp = statementTimestamp
        self.timeLimit = timeLimit
        profile = QueryProfile()
    }

    /// Stops the query at its next chunk, from any thread.
    public func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// Called once a chunk by everything that loops over chunks.
    ///
    /// - Throws: `.cancelled` or `.timeLimitExceeded`.
    public func checkpoint() throws(ExecutionError) {
        if isCancelled.load(ordering: .relaxed) { throw .cancelled }
        if let timeLimit, ContinuousClock.now - started > timeLimit {
            throw .timeLimitExceeded(limit: timeLimit)
        }
    }
}
