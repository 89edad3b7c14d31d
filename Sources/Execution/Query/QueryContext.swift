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
    /// Where rows that find no room in memory go; nil when there is no such place.
    public let spill: SpillSpace?
    /// Bytes beyond which every operator that can sets rows aside, whatever the budget: lets tests spill on
    /// small data.
    public let forcedSpillBytes: Int?
    /// By operator number.
    private let operators = Mutex<[Int: OperatorMemory]>([:])
    private let started = ContinuousClock.now
    private let isCancelled = Atomic<Bool>(false)
    private let hasFailed = Atomic<Bool>(false)

    public static let memoryLimitBytesDefault = 1 << 30

    /// - Parameters:
    ///   - workerCount: nil for all of the pool's threads and the calling one.
    ///   - timeLimit: Counted from here on.
    ///   - pool: Memory that all queries share; nil for a query alone.
    ///   - spill: nil when rows cannot be set aside on a disk.
    ///   - forcedSpillBytes: nil for as much as the budget allows.
    public init(
        tables: any TableSource, pool: WorkerPool, workerCount: Int? = nil,
        memoryLimitBytes: Int = QueryContext.memoryLimitBytesDefault, statementTimestamp: Int64 = 0,
        timeLimit: Duration? = nil, pool memoryPool: MemoryPool? = nil, spill: SpillSpace? = nil,
        forcedSpillBytes: Int? = nil
    ) {
        self.tables = tables
        self.pool = pool
        self.workerCount = max(1, min(workerCount ?? pool.parallelism, pool.parallelism))
        memory = MemoryBudget(limitBytes: memoryLimitBytes, pool: memoryPool)
        self.spill = spill
        self.forcedSpillBytes = forcedSpillBytes
        self.statementTimestamp = statementTimestamp
        self.timeLimit = timeLimit
        profile = QueryProfile()
    }

    /// The memory of an operator that may have to hold all of its input; the same when it is built again.
    func makeMemory(for counter: RowCounter) -> OperatorMemory {
        if let memory = operators.withLock({ $0[counter.number] }) { return memory }
        let memory = OperatorMemory(
            self.memory, name: counter.name, space: spill,
            forcedSpillBytes: forcedSpillBytes, workerCount: workerCount, isGuaranteed: true)
        operators.withLock { $0[counter.number] = memory }
        return memory
    }

    /// Writes down what operators held and set aside, at the end of the run.
    func recordMemory() {
        for (number, memory) in operators.withLock({ $0 }) {
            profile.add(number, name: memory.name) { counted in
                counted.peakBytes = memory.peakBytes
                counted.spilledBytes = memory.spilledBytes
            }
        }
    }

    /// Stops the query at its next chunk, from any thread.
    public func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// Lets the query's other workers stop at their next chunk, because one has failed; its error is the
    /// query's.
    func stopWorkers() { hasFailed.store(true, ordering: .relaxed) }

    /// Called once a chunk by everything that loops over chunks.
    ///
    /// - Throws: `.cancelled` or `.timeLimitExceeded`.
    public func checkpoint() throws(ExecutionError) {
        if isCancelled.load(ordering: .relaxed) || hasFailed.load(ordering: .relaxed) { throw .cancelled }
        if let timeLimit, ContinuousClock.now - started > timeLimit {
            throw .timeLimitExceeded(limit: timeLimit)
        }
    }
}
