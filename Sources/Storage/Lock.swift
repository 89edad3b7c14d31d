import Glibc

/// A mutual exclusion on a POSIX mutex, which the thread sanitizer understands. The state that it guards says
/// so.
final class Lock: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() { pthread_mutex_init(mutex, nil) }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func withLock<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }
}

/// Lets one transaction in at a time; the others wait and go in the order in which they came. Who leaves and
/// comes again at once queues behind them: a writer in a loop must not keep out the others.
final class WriterGate: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Guarded by `mutex`, as are the next two.
    private var isTaken = false
    /// Who waits, first come first: at most a number a thread.
    private var queue: [UInt64] = []
    private var nextNumber: UInt64 = 0

    init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Enters, or gives up after `limit` and returns false. Blocks the calling thread.
    func enter(waitingAtMost limit: Duration) -> Bool {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        let (seconds, attoseconds) = limit.components
        deadline.tv_sec += Int(clamping: seconds)
        deadline.tv_nsec += Int(attoseconds / 1_000_000_000)
        if deadline.tv_nsec >= 1_000_000_000 {
            deadline.tv_sec += 1
            deadline.tv_nsec -= 1_000_000_000
        }
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        let number = nextNumber
        nextNumber += 1
        queue.append(number)
        while isTaken || queue.first != number {
            if pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT {
                queue.removeAll { $0 == number }
                // Whoever is first now may be free to go.
                pthread_cond_broadcast(condition)
                return false
            }
        }
        queue.removeFirst()
        isTaken = true
        return true
    }

    /// How many wait; for tests.
    var waitingCount: Int {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return queue.count
    }

    func leave() {
        pthread_mutex_lock(mutex)
        isTaken = false
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }
}
