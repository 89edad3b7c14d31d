import Glibc

/// A mutual exclusion whose holder can wait until another changes the state that it guards. On POSIX, which
/// the thread sanitizer understands.
final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func withLock<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Lets others in until one of them calls `signalAll`, or for no reason: the caller, who is inside
    /// `withLock`, looks again at what it waits for.
    func wait() { pthread_cond_wait(condition, mutex) }

    /// Wakes all who wait. Inside `withLock`.
    func signalAll() { pthread_cond_broadcast(condition) }
}
