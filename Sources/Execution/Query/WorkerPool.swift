import Glibc
import Synchronization

/// Long-lived threads that help whoever runs a query. The caller always works itself, so a query goes on also
/// when every thread is busy with others.
///
/// Source: Leis, Boncz, Kemper, Neumann, "Morsel-Driven Parallelism", SIGMOD 2014.
public final class WorkerPool: Sendable {
    /// Threads that can work on one job, the caller's among them.
    public let parallelism: Int
    private let queue: JobQueue

    /// - Parameter parallelism: 1 for no threads beside the caller's; nil for one a core.
    public init(parallelism: Int? = nil) {
        let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        self.parallelism = max(1, parallelism ?? cores)
        queue = JobQueue()
        for _ in 1..<self.parallelism { Self.start(queue) }
    }

    deinit { queue.close() }

    /// Calls `body` with the indices below `count`, at most `parallelism` at a time, one of them on this
    /// thread. Returns when all calls that began have ended. An index may never be called when the others
    /// have finished all the work before a thread was free, so `body` takes its work from a shared cursor.
    public func run(count: Int, body: @escaping @Sendable (Int) -> Void) {
        guard count > 1, parallelism > 1 else { return body(0) }
        let job = Job(body: body, helperCount: min(count, parallelism) - 1)
        queue.add(job)
        body(0)
        queue.finish(job)
    }

    private static func start(_ queue: JobQueue) {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(queue)
        let code = pthread_create(
            &thread, nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<JobQueue>.fromOpaque(raw).takeRetainedValue().work()
                return nil
            }, argument.toOpaque())
        if code == 0 {
            pthread_detach(thread)
        } else {
            // Without the thread the callers do the work themselves.
            argument.release()
        }
    }
}

/// One call of `run` with helpers still wanted.
private final class Job: @unchecked Sendable {
    let body: @Sendable (Int) -> Void
    // The queue's lock guards these.
    var waitingCount: Int
    var runningCount = 0
    var nextIndex = 1

    init(body: @escaping @Sendable (Int) -> Void, helperCount: Int) {
        self.body = body
        waitingCount = helperCount
    }
}

/// Jobs that want helpers, oldest first. Everything in it is guarded by `lock`.
private final class JobQueue: @unchecked Sendable {
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let finished = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [Job] = []
    private var isClosed = false

    init() {
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
        pthread_cond_init(finished, nil)
    }

    deinit {
        pthread_cond_destroy(finished)
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        finished.deallocate()
        changed.deallocate()
        lock.deallocate()
    }

    func close() {
        pthread_mutex_lock(lock)
        isClosed = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
    }

    func add(_ job: Job) {
        pthread_mutex_lock(lock)
        jobs.append(job)
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
    }

    /// Withdraws what no thread has begun and waits for what one has.
    func finish(_ job: Job) {
        pthread_mutex_lock(lock)
        job.waitingCount = 0
        jobs.removeAll { $0 === job }
        while job.runningCount > 0 { pthread_cond_wait(finished, lock) }
        pthread_mutex_unlock(lock)
    }

    /// A thread's life.
    func work() {
        pthread_mutex_lock(lock)
        while true {
            guard let job = jobs.first else {
                if isClosed { break }
                pthread_cond_wait(changed, lock)
                continue
            }
            let index = job.nextIndex
            job.nextIndex += 1
            job.waitingCount -= 1
            job.runningCount += 1
            if job.waitingCount == 0 { jobs.removeFirst() }
            pthread_mutex_unlock(lock)
            job.body(index)
            pthread_mutex_lock(lock)
            job.runningCount -= 1
            if job.runningCount == 0 { pthread_cond_broadcast(finished) }
        }
        pthread_mutex_unlock(lock)
    }
}
