import Glibc
import Synchronization

/// Runs closures on threads of their own and waits for them.
enum Threads {
    private final class Job: @unchecked Sendable {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    private final class Results<Result>: @unchecked Sendable {
        /// Each thread writes its own place.
        let values: UnsafeMutablePointer<Result?>
        init(count: Int) {
            values = .allocate(capacity: count)
            values.initialize(repeating: nil, count: count)
        }
        deinit { values.deallocate() }
    }

    /// What `body` returned on each of `count` threads.
    static func run<Result>(_ count: Int, each body: @escaping (_ thread: Int) -> Result) -> [Result] {
        let results = Results<Result>(count: count)
        var threads: [pthread_t] = []
        for index in 0..<count {
            let job = Unmanaged.passRetained(Job { results.values[index] = body(index) })
            var thread = pthread_t()
            let status = pthread_create(
                &thread, nil,
                { argument in
                    guard let argument else { return nil }
                    Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body()
                    return nil
                }, job.toOpaque())
            precondition(status == 0, "a thread can be made")
            threads.append(thread)
        }
        for thread in threads { pthread_join(thread, nil) }
        return (0..<count).compactMap { results.values[$0] }
    }

    static func run<Result>(_ count: Int, _ body: @escaping () -> Result) -> [Result] {
        run(count, each: { _ in body() })
    }
}

/// Hands out numbers in turn and lets their holders go on in the same order.
final class Turns: @unchecked Sendable {
    private let taken = Atomic<Int>(0)
    private let current = Atomic<Int>(0)

    func next(below end: Int) -> Int? {
        let turn = taken.wrappingAdd(1, ordering: .relaxed).oldValue
        return turn < end ? turn : nil
    }

    func wait(for turn: Int) { while current.load(ordering: .acquiring) != turn { sched_yield() } }

    func pass(_ turn: Int) { current.store(turn + 1, ordering: .releasing) }
}
