import Foundation

/// Threads for calls that block, made when they are needed and gone when they were idle for a while.
///
/// Dispatch's queues do not serve here: they run about as many jobs as there are cores, however many of them
/// block.
final class BlockingThreads: @unchecked Sendable {
    /// Guards everything below; signalled for each new job.
    private let condition = NSCondition()
    private let threadsMax: Int
    private var threads = 0
    private var idle = 0
    private var jobs: [@Sendable () -> Void] = []
    private static let idleSeconds: TimeInterval = 10

    init(threadsMax: Int) { self.threadsMax = threadsMax }

    /// Runs `job` on one of the threads, in the order of calls once all are busy.
    func run(_ job: @escaping @Sendable () -> Void) {
        condition.lock()
        defer { condition.unlock() }
        jobs.append(job)
        if idle >= jobs.count {
            condition.signal()
        } else if threads < threadsMax {
            threads += 1
            Thread.detachNewThread { self.work() }
        }
    }

    private func work() {
        while let job = next() { job() }
    }

    /// nil when the thread shall end.
    private func next() -> (@Sendable () -> Void)? {
        condition.lock()
        defer { condition.unlock() }
        let deadline = Date(timeIntervalSinceNow: Self.idleSeconds)
        idle += 1
        defer { idle -= 1 }
        while jobs.isEmpty {
            guard condition.wait(until: deadline) || !jobs.isEmpty else {
                threads -= 1
                return nil
            }
        }
        return jobs.removeFirst()
    }
}
