import APIContract
import Dispatch
import Foundation
import Synchronization

/// Threads for engine work, which blocks and must stay off Swift's cooperative pool. A bounded number runs at
/// once; what comes then waits in line, for a bounded time and not in any number.
///
/// Each piece of work gets a thread of its own: Dispatch's queues run about as many jobs as there are cores,
/// however many of them block.
final class QueryThreads: Sendable {
    struct Limits: Sendable {
        /// Pieces of work that run at once.
        var runningMax = 64
        /// Requests that wait for their turn.
        var waitingMax = 256
        /// How long each of them waits.
        var patience: Duration = .seconds(10)
    }

    private struct Waiting {
        var ticket: UInt64
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var running = 0
        var ticketLast: UInt64 = 0
        /// In the order of arrival.
        var line: [Waiting] = []
    }

    private enum Verdict { case runs, waits, refused(any Error) }

    private let limits: Limits
    private let state = Mutex(State())

    init(limits: Limits = Limits()) { self.limits = limits }

    /// Pieces of work that run now; for tests.
    var runningCount: Int { state.withLock { $0.running } }
    /// Requests in line now; for tests.
    var waitingCount: Int { state.withLock { $0.line.count } }

    /// Does the work on a thread and waits for its end.
    ///
    /// - Throws: What the work throws; a 503 problem when no turn came.
    func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await takePlace()
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                let result = Swift.Result { try work() }
                self.freePlace()
                continuation.resume(with: result)
            }
        }
    }

    /// Starts work whose end nobody waits for; returns once it has its thread.
    ///
    /// - Throws: A 503 problem when no turn came.
    func start(_ work: @escaping @Sendable () -> Void) async throws {
        try await takePlace()
        Thread.detachNewThread {
            work()
            self.freePlace()
        }
    }

    private func takePlace() async throws {
        let ticket = state.withLock { state in
            state.ticketLast += 1
            return state.ticketLast
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                switch enter(Waiting(ticket: ticket, continuation: continuation)) {
                case .runs: continuation.resume()
                case .refused(let error): continuation.resume(throwing: error)
                case .waits:
                    DispatchQueue.global().asyncAfter(deadline: .now() + limits.patience.dispatchInterval) {
                        self.leaveLine(ticket, Self.busy)
                    }
                }
            }
        } onCancel: {
            leaveLine(ticket, CancellationError())
        }
    }

    private func enter(_ waiting: Waiting) -> Verdict {
        state.withLock { state in
            // The handler of a cancellation may have run before there was anything to take out of the line.
            if Task.isCancelled { return .refused(CancellationError()) }
            if state.running < limits.runningMax {
                state.running += 1
                return .runs
            }
            guard state.line.count < limits.waitingMax else { return .refused(Self.busy) }
            state.line.append(waiting)
            return .waits
        }
    }

    private func leaveLine(_ ticket: UInt64, _ error: any Error) {
        let leaving = state.withLock { state in
            state.line.firstIndex { $0.ticket == ticket }.map { state.line.remove(at: $0) }
        }
        leaving?.continuation.resume(throwing: error)
    }

    /// The place goes to the first in line.
    private func freePlace() {
        let next = state.withLock { state -> Waiting? in
            guard state.line.isEmpty else { return state.line.removeFirst() }
            state.running -= 1
            return nil
        }
        next?.continuation.resume()
    }

    private static var busy: Problem {
        Problem(
            status: 503, title: "Service Unavailable", code: "too_busy",
            detail: "too many queries run at the same time; try again")
    }
}
