import Glibc
import Synchronization
import Testing

/// Hands seeds out to threads.
final class SeedCounter: Sendable {
    private let seeds: Mutex<Range<UInt64>>

    init(_ seeds: Range<UInt64>) { self.seeds = Mutex(seeds) }

    func take() -> UInt64? { seeds.withLock { $0.popFirst() } }
}

@Suite("Crashes and failing disks")
struct CrashTests {
    static let isLong = getenv("AMBAR_LONG_TESTS") != nil

    /// Runs `body` for each seed, on two threads.
    static func inParallel(
        _ seeds: Range<UInt64>, _ body: @escaping @Sendable (UInt64) -> [String]
    ) async -> [String] {
        let next = SeedCounter(seeds)
        return await withTaskGroup(of: [String].self) { group in
            for _ in 0..<2 {
                group.addTask {
                    var problems: [String] = []
                    while problems.count < 10, let seed = next.take() { problems += body(seed) }
                    return problems
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    @Test("a power loss at any change keeps every acknowledged commit and nothing else")
    func powerLoss() async {
        let states = Atomic<Int>(0)
        let problems = await Self.inParallel(0..<(Self.isLong ? 480 : 20)) { seed in
            let (count, problems) = CrashCheck.powerLosses(seed: seed, steps: 24, survivors: 1)
            states.add(count, ordering: .relaxed)
            return problems
        }
        #expect(problems == [])
        #expect(states.load(ordering: .relaxed) >= (Self.isLong ? 50_000 : 2_000))
    }

    @Test("a full disk, an I/O error or a failed sync harms at most the commit under way")
    func faults() async {
        let problems = await Self.inParallel(0..<(Self.isLong ? 6_000 : 240)) { seed in
            CrashCheck.fault(seed: seed, steps: 14)
        }
        #expect(problems == [])
    }
}
