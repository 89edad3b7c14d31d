import Foundation
import Synchronization
import Testing

@testable import Storage

@Suite("The writer's gate")
struct WriterGateTests {
    private final class Order: Sendable {
        let names = Mutex<[Int]>([])

        func append(_ name: Int) { names.withLock { $0.append(name) } }
    }

    private static func wait(until condition: () -> Bool) {
        let limit = ContinuousClock.now + .seconds(20)
        while !condition(), ContinuousClock.now < limit { sched_yield() }
    }

    @Test("those who wait go in as they came, before one who has just left")
    func order() throws {
        let gate = WriterGate()
        let order = Order()
        #expect(gate.enter(waitingAtMost: .seconds(1)))
        for name in 1...3 {
            Thread.detachNewThread {
                guard gate.enter(waitingAtMost: .seconds(20)) else { return }
                order.append(name)
                gate.leave()
            }
            Self.wait { gate.waitingCount == name }
        }
        try #require(gate.waitingCount == 3)
        gate.leave()
        #expect(gate.enter(waitingAtMost: .seconds(20)))
        #expect(order.names.withLock { $0 } == [1, 2, 3])
        gate.leave()
    }

    @Test("who gives up leaves the queue to the others")
    func givesUp() throws {
        let gate = WriterGate()
        let order = Order()
        #expect(gate.enter(waitingAtMost: .seconds(1)))
        #expect(!gate.enter(waitingAtMost: .milliseconds(20)))
        #expect(gate.waitingCount == 0)
        Thread.detachNewThread {
            // The first in the queue gives up while the second waits.
            if !gate.enter(waitingAtMost: .milliseconds(50)) { order.append(1) }
        }
        Self.wait { gate.waitingCount == 1 }
        Thread.detachNewThread {
            if gate.enter(waitingAtMost: .seconds(20)) { order.append(2) }
            gate.leave()
        }
        Self.wait { order.names.withLock { $0 } == [1] }
        gate.leave()
        Self.wait { order.names.withLock { $0.count } == 2 }
        #expect(order.names.withLock { $0 } == [1, 2])
        #expect(gate.enter(waitingAtMost: .seconds(20)))
    }
}
