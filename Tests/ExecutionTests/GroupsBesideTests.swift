import Columns
import Testing

@testable import Execution

/// Workers that have met mostly different keys keep their tables; the groups that both have are one.
@Suite("Tables of groups beside each other")
struct GroupsBesideTests {
    private static let types: [DataType] = [.text, .bigint, .bigint]

    private static func key(_ number: Int) -> [Value] {
        if number % 997 == 5 { return [.null, .null] }
        return [
            .text("document \(number &* 7919) with a long name"),
            .bigint(Int64(number) &* 0x9E37_79B9_7F4A_7C1),
        ]
    }

    private static func calls() throws -> [AggregateCall] {
        try [
            AggregateTests.call("count", nil, types), AggregateTests.call("sum", 2, types),
            AggregateTests.call("max", 2, types), AggregateTests.call("count", 2, types, distinct: true),
            AggregateTests.call("max", 0, types),
        ]
    }

    private static func node(_ groups: [Int]) throws -> AggregateNode {
        AggregateNode(
            input: PhysicalPlan(.values([]), outputTypes: types, estimatedRows: 0),
            groups: groups.map { .column($0, types[$0]) }, aggregates: try calls())
    }

    /// A worker that has taken the rows of keys `numbers`, two rows a key.
    private static func worker(
        _ numbers: Range<Int>, _ groups: [Int], _ node: AggregateNode, _ context: QueryContext
    ) throws -> AggregateSink.Worker {
        let memory = OperatorMemory(context.memory, name: "aggregate")
        let worker = try AggregateSink.Worker(node, groups.map { types[$0] }, memory, context)
        let rows = numbers.flatMap { number in (0..<2).map { key(number) + [.bigint(Int64(number + $0))] } }
        for chunk in TestTable(types: types, rows: rows).chunks() { try worker.consume(chunk) }
        return worker
    }

    private static func rows(_ source: any ChunkSource) throws -> [String] {
        let reader = try source.makeReader()
        var rows: [String] = []
        for morsel in 0..<source.morselCount where try reader.open(morsel: morsel) {
            while let chunk = try reader.next() {
                let compact = chunk.compacted()
                rows += (0..<compact.rowCount).map { "\(compact.row($0))" }
            }
        }
        return rows.sorted()
    }

    @Test(
        "the groups that two have are put together, all others stay",
        arguments: [[0], [1], [0, 1]], [0, 1, 70, 900])
    func besides(groups: [Int], shared: Int) throws {
        let context = TestRun().context()
        let node = try Self.node(groups)
        let ranges = [0..<2_000, (2_000 - shared)..<4_000, (4_000 - shared)..<6_000]
        let workers = try ranges.map { try Self.worker($0, groups, node, context) }
        let expected = try Self.worker(0..<1, groups, node, context)
        // What one worker makes of all rows.
        for range in [1..<2_000] + ranges[1...] {
            try expected.absorb(try Self.worker(range, groups, node, context))
        }
        try expected.prepareResults()
        let wanted = try Self.rows(GroupSource([expected]))
        let isSecondBeside = try workers[1].joinBeside([workers[0]], groupsMin: 256)
        let isThirdBeside =
            try isSecondBeside && workers[2].joinBeside([workers[0], workers[1]], groupsMin: 256)
        // Keys of several columns with a string are merged.
        #expect(isSecondBeside == (groups.count == 1))
        #expect(isThirdBeside == isSecondBeside)
        guard isThirdBeside else { return }
        for worker in workers { try worker.prepareResults() }
        #expect(try Self.rows(GroupSource(workers)) == wanted)
    }

    @Test("workers apart are put together without what they have handed on")
    func apart() throws {
        let context = TestRun().context()
        let node = try Self.node([0])
        let first = try Self.worker(0..<2_000, [0], node, context)
        let second = try Self.worker(1_900..<4_000, [0], node, context)
        let isBeside = try second.joinBeside([first], groupsMin: 256)
        #expect(isBeside)
        let parts = try SpilledGroups([first, second], level: 0) { (level) throws(ExecutionError) in
            try AggregateSink.Worker(
                node, [.text], OperatorMemory(context.memory, name: "aggregate"), context, level: level)
        }
        let rows = try Self.rows(parts)
        try first.prepareResults()
        try second.prepareResults()
        #expect(try Self.rows(GroupSource([first, second])) == rows)
    }

    @Test("workers with mostly the same keys, or few of them, are merged")
    func merged() throws {
        let context = TestRun().context()
        let node = try Self.node([0])
        let first = try Self.worker(0..<2_000, [0], node, context)
        let alike = try Self.worker(2_000..<2_000, [0], node, context)
        let isAlikeBeside = try alike.joinBeside([first], groupsMin: 256)
        #expect(!isAlikeBeside)
        #expect(alike.kept == nil)
        let small = try Self.worker(2_000..<2_100, [0], node, context)
        let isSmallBeside = try small.joinBeside([first], groupsMin: 256)
        #expect(!isSmallBeside)
    }

    @Test("rows of neighbouring keys by two workers")
    func clustered() throws {
        let rows = (0..<90_000).map { Self.key($0 / 2) + [.bigint(Int64($0 % 13))] }
        let run = TestRun(
            tables: MemoryTables([1: TestTable(types: Self.types, rows: rows).chunks()]), workers: 2)
        let scan = run.tables.scan(1, types: Self.types)
        let answers = try run.rows(AggregateTests.plan(scan, groups: [1], try Self.calls()))
        #expect(answers.count == Set(rows.map { $0[1] }).count)
        let counts = answers.reduce(Int128(0)) { $0 + (AggregateTests.number($1[1]) ?? 0) }
        #expect(counts == 90_000)
        let sums = answers.reduce(Int128(0)) { $0 + (AggregateTests.number($1[2]) ?? 0) }
        #expect(sums == rows.reduce(Int128(0)) { $0 + (AggregateTests.number($1[2]) ?? 0) })
    }
}
