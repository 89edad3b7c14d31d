import Glibc

/// Wakes one thread that waits for something to do. A signal that comes before the wait is not lost; several
/// are one.
final class WakeSignal: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Guarded by `mutex`, as is the next.
    private var isRaised = false
    private var isStopped = false

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

    func raise() {
        locked {
            isRaised = true
            pthread_cond_broadcast(condition)
        }
    }

    /// Ends all waits, now and later.
    func stop() {
        locked {
            isStopped = true
            pthread_cond_broadcast(condition)
        }
    }

    var hasStopped: Bool { locked { isStopped } }

    /// Waits for a signal, and takes it; false when stopped.
    func wait() -> Bool {
        locked {
            while !isRaised && !isStopped { pthread_cond_wait(condition, mutex) }
            isRaised = false
            return !isStopped
        }
    }

    /// Waits for time to pass, whatever signals come; false when stopped.
    func sleep(_ duration: Duration) -> Bool {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        let (seconds, attoseconds) = duration.components
        deadline.tv_sec += Int(clamping: seconds)
        deadline.tv_nsec += Int(attoseconds / 1_000_000_000)
        if deadline.tv_nsec >= 1_000_000_000 {
            deadline.tv_sec += 1
            deadline.tv_nsec -= 1_000_000_000
        }
        return locked {
            while !isStopped {
                if pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT { break }
            }
            return !isStopped
        }
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
