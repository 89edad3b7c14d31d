import Columns
import Synchronization
import Testing

@testable import Execution

@Suite("Memory that queries share")
struct MemoryPoolTests {
    static let table = TestTable(
        types: [.integer, .text],
        rows: (0..<6_000).map { [.integer(Int32($0 * 7919 % 6_000)), .text("a rather long text \($0)")] })

    let tables = MemoryTables([1: Self.table.chunks()])
    let workers = WorkerPool(parallelism: 2)

    func context(
        _ pool: MemoryPool, _ space: SpillSpace? = nil, timeLimit: Duration? = nil
    ) -> QueryContext {
        QueryContext(
            tables: tables, pool: workers, memoryLimitBytes: 4 << 20, timeLimit: timeLimit, pool: pool,
            spill: space)
    }

    var sorted: PhysicalPlan {
        PhysicalPlan(
            .sort(
                tables.scan(1, types: Self.table.types), keys: [SortKey(.column(0, .integer))], limit: nil,
                offset: 0), outputTypes: Self.table.types, estimatedRows: 1)
    }

    func isSorted(_ chunks: [DataChunk]) -> Bool {
        let numbers = chunks.flatMap { chunk in (0..<chunk.rowCount).map { chunk.row($0)[0] } }
        return numbers == (0..<6_000).map { .integer(Int32($0)) }
    }

    @Test("eight queries on memory for two all finish, by spilling, and none is beyond the limit")
    func eightQueries() {
        let directory = SpillDirectory()
        let space = directory.space()
        let pool = MemoryPool(limitBytes: 512 << 10, firstBytes: 256 << 10)
        let callers = WorkerPool(parallelism: 8)
        let rightAnswers = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        let next = Atomic<Int>(0)
        callers.run(count: 8) { _ in
            while next.wrappingAdd(1, ordering: .relaxed).oldValue < 8 {
                let chunks = try? QueryExecutor.collect(sorted, context(pool, space))
                most.max(pool.takenBytes, ordering: .relaxed)
                if let chunks, isSorted(chunks) { rightAnswers.wrappingAdd(1, ordering: .relaxed) }
            }
        }
        #expect(rightAnswers.load(ordering: .relaxed) == 8)
        #expect(most.load(ordering: .relaxed) <= 512 << 10)
        #expect(space.writtenBytes > 0)
        #expect(space.usedBytes == 0)
        #expect(pool.takenBytes == 0)
        #expect(pool.waitingCount == 0)
    }

    @Test("a query grows into what is free, and gives all of it back")
    func growth() throws {
        let pool = MemoryPool(limitBytes: 64 << 20, firstBytes: 64 << 10)
        let directory = SpillDirectory()
        let space = directory.space()
        let own = context(pool, space)
        #expect(isSorted(try QueryExecutor.collect(sorted, own)))
        #expect(own.memory.peakBytes > 64 << 10)
        #expect(space.writtenBytes == 0)
        #expect(pool.takenBytes == 0)
    }

    @Test("waiting ends with an error: cancelled, out of time, or too long")
    func waiting() {
        let pool = MemoryPool(limitBytes: 1 << 20, firstBytes: 1 << 20, waitLimit: .milliseconds(30))
        #expect(pool.take(1 << 19))
        func failure(_ context: QueryContext) -> ExecutionError? {
            #expect(throws: ExecutionError.self) { try QueryExecutor.collect(sorted, context) }
        }
        #expect(failure(context(pool))?.sqlState == "53000")
        let cancelled = context(pool)
        cancelled.cancel()
        #expect(failure(cancelled) == .cancelled)
        let late = context(pool, timeLimit: .milliseconds(1))
        #expect(failure(late) == .timeLimitExceeded(limit: .milliseconds(1)))
        #expect(pool.waitingCount == 0)
        pool.giveBack(1 << 19)
        #expect(isSorted((try? QueryExecutor.collect(sorted, context(pool))) ?? []))
        #expect(pool.takenBytes == 0)
    }

    @Test("queries enter in the order in which they came")
    func order() {
        let pool = MemoryPool(limitBytes: 1 << 20, firstBytes: 1 << 20)
        #expect(pool.take(1 << 20))
        let entered = Mutex<[Int]>([])
        let callers = WorkerPool(parallelism: 5)
        let next = Atomic<Int>(0)
        callers.run(count: 5) { _ in
            let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
            if number == 4 {
                while pool.waitingCount < 4 {}
                pool.giveBack(1 << 20)
                return
            }
            while pool.waitingCount < number {}
            guard let bytes = try? pool.admit(wantedBytes: 1 << 20, context(pool)) else { return }
            entered.withLock { $0.append(number) }
            pool.giveBack(bytes)
        }
        #expect(entered.withLock { $0 } == [0, 1, 2, 3])
    }

    @Test("operators that come first leave the others their part")
    func parts() {
        let budget = MemoryBudget(limitBytes: 1_000)
        let first = OperatorMemory(budget, name: "first", isGuaranteed: true)
        let second = OperatorMemory(budget, name: "second", isGuaranteed: true)
        #expect(first.reserveIfPossible(750))
        #expect(!first.reserveIfPossible(1))
        #expect(second.reserveIfPossible(250))
        #expect(!second.reserveIfPossible(1))
        #expect(budget.reservedBytes == 1_000)
        first.release(700)
        #expect(second.reserveIfPossible(500))
        second.release(750)
        first.release(50)
        #expect(budget.reservedBytes == 0)
        #expect(budget.sharedFree == 500)
        #expect(first.peakBytes == 750)
    }
}
