import Columns
import Synchronization
import Testing

@testable import Execution

@Suite("Limits, cancelling and results as they come")
struct RunLimitTests {
    let table = TestTable(
        types: [.integer, .text],
        rows: (0..<30_000).map { [.integer(Int32($0)), .text("a rather long text \($0)")] })
    let pool = WorkerPool(parallelism: 3)

    func context(
        memoryLimitBytes: Int = 1 << 30, timeLimit: Duration? = nil, workerCount: Int = 3
    ) -> QueryContext {
        QueryContext(
            tables: MemoryTables([1: table.chunks()]), pool: pool, workerCount: workerCount,
            memoryLimitBytes: memoryLimitBytes,
            timeLimit: timeLimit)
    }

    var scan: PhysicalPlan { MemoryTables([:]).scan(1, types: table.types) }

    func sorted() -> PhysicalPlan {
        PhysicalPlan(
            .sort(scan, keys: [SortKey(.column(1, .text))], limit: nil, offset: 0), outputTypes: table.types,
            estimatedRows: 1)
    }

    @Test("more memory than the budget is an error, and the budget is whole again afterwards")
    func memory() throws {
        let distinct = PhysicalPlan(.distinct(scan), outputTypes: table.types, estimatedRows: 1)
        let join = PhysicalPlan(
            .hashJoin(
                HashJoinNode(
                    kind: .inner, left: scan, right: scan, leftKeys: [.column(0, .integer)],
                    rightKeys: [.column(0, .integer)])),
            outputTypes: table.types + table.types, estimatedRows: 1)
        for plan in [sorted(), distinct, join] {
            let small = context(memoryLimitBytes: 200_000)
            let error = #expect(throws: ExecutionError.self) { try QueryExecutor.collect(plan, small) }
            #expect(error?.sqlState == "53200")
            guard case .memoryLimitExceeded(_, let wanted, 200_000) = error else {
                Issue.record("the error names the limit: \(String(describing: error))")
                continue
            }
            #expect(wanted > 0)
            #expect(small.memory.reservedBytes == 0)
            let enough = context()
            #expect(try QueryExecutor.collect(plan, enough).reduce(0) { $0 + $1.rowCount } == 30_000)
            #expect(enough.memory.reservedBytes == 0)
            #expect(enough.memory.peakBytes > 200_000)
        }
    }

    @Test("a cancelled query and one beyond its time stop with an error")
    func cancelling() {
        let cancelled = context()
        cancelled.cancel()
        #expect(throws: ExecutionError.cancelled) { try QueryExecutor.collect(sorted(), cancelled) }
        let late = context(timeLimit: .zero)
        #expect(throws: ExecutionError.timeLimitExceeded(limit: .zero)) {
            try QueryExecutor.collect(sorted(), late)
        }
    }

    @Test("a query runs while its rows are pulled, and stops when its reader does")
    func queue() throws {
        let endless = PhysicalPlan(
            .crossJoin(left: scan, right: scan, condition: nil), outputTypes: table.types + table.types,
            estimatedRows: 1)
        let queue = QueryExecutor.start(endless, context(), capacity: 2)
        for _ in 0..<3 { #expect(try queue.next()?.rowCount ?? 0 > 0) }
        queue.close()
        #expect(try queue.next() == nil)
        let whole = QueryExecutor.start(scan, context(), capacity: 1)
        var rowCount = 0
        while let chunk = try whole.next() { rowCount += chunk.rowCount }
        #expect(rowCount == 30_000)
        let failing = QueryExecutor.start(
            PhysicalPlan(
                .project(scan, [.cast(.column(1, .text), .integer)]), outputTypes: [.integer],
                estimatedRows: 1), context(workerCount: 1))
        #expect(throws: ExecutionError.invalidText(type: .integer, text: "a rather long text 0")) {
            while try failing.next() != nil {}
        }
    }

    @Test("a limit leaves most of the table unread")
    func limit() throws {
        let context = context()
        let plan = PhysicalPlan(.limit(scan, count: 5, offset: 0), outputTypes: table.types, estimatedRows: 5)
        #expect(try QueryExecutor.collect(plan, context).reduce(0) { $0 + $1.rowCount } == 5)
        let profile = context.profile.operators
        #expect(profile.values.first { $0.name == "scan" }?.readMorsels == 1)
    }

    @Test("a pool serves several queries at once")
    func severalQueries() throws {
        let results = Mutex<[Int]>([])
        let callers = WorkerPool(parallelism: 3)
        let next = Atomic<Int>(0)
        callers.run(count: 3) { _ in
            while next.wrappingAdd(1, ordering: .relaxed).oldValue < 12 {
                let rows = try? QueryExecutor.collect(sorted(), context()).reduce(0) { $0 + $1.rowCount }
                results.withLock { $0.append(rows ?? -1) }
            }
        }
        #expect(results.withLock { $0 } == Array(repeating: 30_000, count: 12))
    }
}
