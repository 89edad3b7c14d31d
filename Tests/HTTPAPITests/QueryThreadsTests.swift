import APIContract
import Dispatch
import Synchronization
import Testing

@testable import HTTPAPI

@Suite("Threads of queries")
struct QueryThreadsTests {
    /// Work that holds its place until it is let go.
    private final class Gate: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        func hold() { semaphore.wait() }
        func open() { semaphore.signal() }
    }

    /// How many were inside at once.
    private final class Meter: Sendable {
        private let counts = Mutex((now: 0, most: 0))
        var most: Int { counts.withLock { $0.most } }

        func enter() {
            counts.withLock { counts in
                counts.now += 1
                counts.most = max(counts.most, counts.now)
            }
        }

        func leave() { counts.withLock { $0.now -= 1 } }
    }

    @Test("no more run at once than allowed, and all get their turn")
    func bound() async throws {
        let threads = QueryThreads(limits: .init(runningMax: 3, waitingMax: 100, patience: .seconds(60)))
        let meter = Meter()
        let total = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<40 {
                group.addTask {
                    try await threads.run {
                        meter.enter()
                        defer { meter.leave() }
                        return number
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(total == 780)
        #expect((1...3).contains(meter.most))
        #expect(threads.runningCount == 0 && threads.waitingCount == 0)
    }

    @Test("who waits too long, or finds the line full, is told to come again")
    func busy() async throws {
        let threads = QueryThreads(limits: .init(runningMax: 1, waitingMax: 1, patience: .milliseconds(50)))
        let gate = Gate()
        try await threads.start { gate.hold() }
        let waiting = Task { try await threads.run { 1 } }
        #expect(try await eventually { threads.waitingCount == 1 || waiting.isCancelled })
        await #expect(throws: Problem.self) { try await threads.run { 2 } }
        let problem = await #expect(throws: Problem.self) { try await waiting.value }
        #expect(problem?.status == 503 && problem?.code == "too_busy")
        gate.open()
        #expect(try await eventually { threads.runningCount == 0 })
        #expect(try await threads.run { 3 } == 3)
    }

    @Test("who is cancelled leaves the line")
    func cancelled() async throws {
        let threads = QueryThreads(limits: .init(runningMax: 1, waitingMax: 9, patience: .seconds(60)))
        let gate = Gate()
        try await threads.start { gate.hold() }
        let waiting = Task { try await threads.run { 1 } }
        #expect(try await eventually { threads.waitingCount == 1 })
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(threads.waitingCount == 0)
        gate.open()
        #expect(try await eventually { threads.runningCount == 0 })
    }

    @Test("what the work throws arrives, and its place is free")
    func failure() async throws {
        struct Failed: Error {}
        let threads = QueryThreads()
        await #expect(throws: Failed.self) { try await threads.run { throw Failed() } }
        #expect(threads.runningCount == 0)
    }
}
