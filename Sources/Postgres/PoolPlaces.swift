import Foundation

/// Who may use the pool's connections now, who waits, and which connections are idle.
final class PoolPlaces: @unchecked Sendable {
    private struct Waiter {
        var ticket: UInt64
        var continuation: CheckedContinuation<Void, any Error>
    }

    /// Guards everything below; signalled when a place becomes free for a blocking caller.
    private let condition = NSCondition()
    private let size: Int
    private var occupied = 0
    private var waiters: [Waiter] = []
    private var blockedCount = 0
    private var nextTicket: UInt64 = 0
    private var idle: [(connection: PostgresConnection, since: Date)] = []
    private var isClosed = false

    init(size: Int) { self.size = size }

    /// Takes a place, waiting for one without a thread.
    ///
    /// - Throws: `.poolExhausted` after `wait`; `CancellationError` when the task is cancelled first.
    func enter(wait limit: Duration) async throws {
        let ticket = condition.withLock { () -> UInt64 in
            nextTicket += 1
            return nextTicket
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                wait(Waiter(ticket: ticket, continuation: continuation), limit: limit)
            }
        } onCancel: {
            give(up: ticket, CancellationError())
        }
    }

    /// Takes a place, blocking the calling thread.
    func enterBlocking(wait limit: Duration) throws(PostgresError) {
        let deadline = Date(timeIntervalSinceNow: limit / .seconds(1))
        condition.lock()
        defer {
            // A free place that no thread wants belongs to the tasks.
            if blockedCount == 0 { admitWaiters() }
            condition.unlock()
        }
        while occupied >= size {
            blockedCount += 1
            let isInTime = condition.wait(until: deadline)
            blockedCount -= 1
            if !isInTime, occupied >= size { throw .poolExhausted(size: size) }
        }
        occupied += 1
    }

    /// Frees a place, for the one who waits longest. Threads go before tasks: they are few, and each holds up
    /// more.
    func leave() {
        condition.withLock {
            occupied -= 1
            if blockedCount > 0 { condition.signal() } else { admitWaiters() }
        }
    }

    /// Call it with the lock held: resuming does not run the task here.
    private func admitWaiters() {
        while occupied < size, !waiters.isEmpty {
            occupied += 1
            waiters.removeFirst().continuation.resume()
        }
    }

    func takeIdle() -> (connection: PostgresConnection, since: Date)? {
        condition.withLock { idle.popLast() }
    }

    func giveIdle(_ connection: PostgresConnection) {
        condition.withLock {
            if !isClosed { idle.append((connection, Date())) }
        }
    }

    func close() {
        condition.withLock {
            isClosed = true
            idle.removeAll()
        }
    }

    private func wait(_ waiter: Waiter, limit: Duration) {
        condition.lock()
        if Task.isCancelled {
            condition.unlock()
            waiter.continuation.resume(throwing: CancellationError())
        } else if occupied < size {
            occupied += 1
            condition.unlock()
            waiter.continuation.resume()
        } else {
            waiters.append(waiter)
            condition.unlock()
            Task { [weak self, size] in
                try await Task.sleep(for: limit)
                self?.give(up: waiter.ticket, PostgresError.poolExhausted(size: size))
            }
        }
    }

    private func give(up ticket: UInt64, _ reason: any Error) {
        condition.lock()
        let index = waiters.firstIndex { $0.ticket == ticket }
        let waiter = index.map { waiters.remove(at: $0) }
        condition.unlock()
        waiter?.continuation.resume(throwing: reason)
    }
}
