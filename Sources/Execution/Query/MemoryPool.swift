import Glibc
import Synchronization

/// Memory that all queries of a warehouse share. A query enters when its first part is free, in the order in
/// which queries came, and asks for more as it grows; while others wait it gets none and sets rows aside.
///
/// Invariant: everything but constants is guarded by the lock.
public final class MemoryPool: @unchecked Sendable {
    public let limitBytes: Int
    /// Bytes with which a query begins, at most.
    public let firstBytes: Int
    /// How long a query waits to enter.
    public let waitLimit: Duration
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var taken = 0
    private var waiting: [Int] = []
    private var nextTicket = 0
    /// A waiting query looks for its cancellation and time limit this often.
    private static let wakeNanoseconds = 20_000_000

    /// What a query begins with unless told otherwise, where that is no more than a sixteenth of all.
    private static let firstBytesDefault = 64 << 20

    /// - Parameter firstBytes: nil for 64 MiB, or a sixteenth of all if that is less.
    public init(limitBytes: Int, firstBytes: Int? = nil, waitLimit: Duration = .seconds(60)) {
        precondition(limitBytes > 0, "a pool holds something")
        self.limitBytes = limitBytes
        self.firstBytes = min(limitBytes, max(1, firstBytes ?? min(Self.firstBytesDefault, limitBytes / 16)))
        self.waitLimit = waitLimit
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    /// Bytes that queries hold now.
    public var takenBytes: Int {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return taken
    }

    /// Queries that wait to enter.
    public var waitingCount: Int {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return waiting.count
    }

    /// Waits for the query's first part; the query's own time limit goes on.
    ///
    /// - Returns: The bytes that are now the query's.
    /// - Throws: `.cancelled`, `.timeLimitExceeded`, `.noMemoryForQuery`.
    func admit(wantedBytes: Int, _ context: QueryContext) throws(ExecutionError) -> Int {
        let bytes = min(firstBytes, wantedBytes)
        let started = ContinuousClock.now
        pthread_mutex_lock(lock)
        let ticket = nextTicket
        nextTicket += 1
        waiting.append(ticket)
        var failure: ExecutionError?
        while waiting.first != ticket || taken + bytes > limitBytes {
            do throws(ExecutionError) {
                try context.checkpoint()
                let waited = ContinuousClock.now - started
                if waited > waitLimit { throw .noMemoryForQuery(waited: waited, limitBytes: limitBytes) }
            } catch {
                failure = error
                break
            }
            waitForChange()
        }
        waiting.removeAll { $0 == ticket }
        if failure == nil { taken += bytes }
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
        if let failure { throw failure }
        return bytes
    }

    private func waitForChange() {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let nanoseconds = time.tv_nsec + Self.wakeNanoseconds
        time.tv_sec += nanoseconds / 1_000_000_000
        time.tv_nsec = nanoseconds % 1_000_000_000
        _ = pthread_cond_timedwait(changed, lock, &time)
    }

    /// More for a query that has entered; false when there is none, or others wait.
    func take(_ bytes: Int) -> Bool {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        guard waiting.isEmpty, taken + bytes <= limitBytes else { return false }
        taken += bytes
        return true
    }

    func giveBack(_ bytes: Int) {
        if bytes == 0 { return }
        pthread_mutex_lock(lock)
        taken -= bytes
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
    }
}
