import Columns
import Testing

@testable import Execution

@Suite("Joins with a tenth of the memory")
struct SpillJoinTests {
    static let types: [DataType] = [.integer, .text, .bigint]
    static let allKinds: [JoinKind] = [
        .inner, .left, .right, .full, .semi, .anti, .nullAwareAnti, .rightSemi, .rightAnti,
    ]

    struct Sides {
        var left: TestTable
        var right: TestTable
    }

    static func plan(
        _ kind: JoinKind, _ run: TestRun, _ types: [DataType], keys: [Int], hasResidual: Bool
    ) -> PhysicalPlan {
        let expressions = keys.map { Expression.column($0, types[$0]) }
        let residual: Expression? =
            hasResidual ? .comparison(.lessOrEqual, .column(2, .bigint), .column(5, .bigint)) : nil
        let node = HashJoinNode(
            kind: kind, left: run.tables.scan(1, types: types), right: run.tables.scan(2, types: types),
            leftKeys: expressions, rightKeys: expressions, residual: residual)
        let isNarrow = [JoinKind.semi, .anti, .nullAwareAnti, .rightSemi, .rightAnti].contains(kind)
        return PhysicalPlan(
            .hashJoin(node), outputTypes: isNarrow ? types : types + types, estimatedRows: 1)
    }

    /// The joined rows in memory and with the budget; both must be the same.
    static func check(
        _ plan: (TestRun) -> PhysicalPlan, _ sides: Sides, budget: Int = 1 << 30, forced: Int? = nil,
        workers: Int, spills: Bool = true
    ) throws {
        let directory = SpillDirectory()
        var run = TestRun(
            tables: MemoryTables([
                1: sides.left.chunks(chunkRows: 300, usesDictionaries: true),
                2: sides.right.chunks(chunkRows: 200, usesDictionaries: true),
            ]), workers: workers)
        let plan = plan(run)
        let expected = JoinTests.rows(try run.rows(plan))
        let space = directory.space()
        run.spill = space
        run.memoryLimitBytes = budget
        run.forcedSpillBytes = forced
        let context = run.context()
        let rows = try QueryExecutor.collect(plan, context).flatMap { chunk in
            (0..<chunk.rowCount).map { chunk.row($0) }
        }
        #expect(JoinTests.rows(rows) == expected)
        #expect(!spills || space.writtenBytes > 0)
        #expect(space.usedBytes == 0)
        #expect(directory.names.isEmpty)
        #expect(context.memory.reservedBytes == 0)
        #expect(context.memory.peakBytes <= max(budget, OperatorMemory.floorBytes * workers))
        let joined = context.profile.operators.values.filter { $0.name.hasSuffix("join") }
        #expect(!spills || joined.contains { $0.spilledBytes > 0 })
    }

    @Test("every kind, with NULL keys and duplicates", arguments: allKinds, [false, true])
    func kinds(kind: JoinKind, hasResidual: Bool) throws {
        if kind == .nullAwareAnti, hasResidual { return }
        for (seed, forced) in [(UInt64(1), 1), (2, 12_000), (3, 1), (4, 1)] {
            var random = SeededGenerator(seed: seed)
            let hasNulls = seed != 3
            let sides = Sides(
                left: RandomValues.table(
                    Self.types, rowCount: 160, distinct: 40, nulls: true, &random),
                right: RandomValues.table(
                    Self.types, rowCount: seed == 4 ? 1 : 120, distinct: 40, nulls: hasNulls, &random))
            for keys in [[Int(seed % 2)], [0, 1]] {
                try Self.check(
                    { Self.plan(kind, $0, Self.types, keys: keys, hasResidual: hasResidual) }, sides,
                    forced: forced, workers: Int(seed % 3) + 1, spills: false)
            }
        }
    }

    /// Rows of which most have one key.
    static func skewed(_ count: Int, oneKeyEvery: Int, width: Int = 40) -> TestTable {
        TestTable(
            types: types,
            rows: (0..<count).map { row in
                let key: Value = row % 50 == 0 ? .null : .integer(Int32(row % oneKeyEvery == 0 ? row : -1))
                return [key, .text("row \(row)" + String(repeating: ".", count: width)), .bigint(Int64(row))]
            })
    }

    @Test("most build rows have one key", arguments: allKinds)
    func skew(kind: JoinKind) throws {
        let few = TestTable(types: Self.types, rows: Array(Self.skewed(600, oneKeyEvery: 2).rows.suffix(6)))
        let sides = Sides(left: few, right: Self.skewed(3_000, oneKeyEvery: 7, width: 330))
        for hasResidual in [false, true] where !(hasResidual && kind == .nullAwareAnti) {
            try Self.check(
                { Self.plan(kind, $0, Self.types, keys: [0], hasResidual: hasResidual) }, sides,
                budget: 600_000, workers: 2)
        }
    }

    @Test("many more build rows than memory, dealt out again and again", arguments: [JoinKind.inner, .full])
    func large(kind: JoinKind) throws {
        func table(_ count: Int, _ step: Int) -> TestTable {
            TestTable(
                types: Self.types,
                rows: (0..<count).map { row in
                    [.integer(Int32(row * step)), .text("text of row number \(row)"), .bigint(Int64(row))]
                })
        }
        try Self.check(
            { Self.plan(kind, $0, Self.types, keys: [0], hasResidual: false) },
            Sides(left: table(2_000, 3), right: table(6_000, 2)), budget: 180_000, workers: 2)
    }

    @Test("a cross join reads a large build side in pieces")
    func cross() throws {
        let left = TestTable(types: Self.types, rows: Array(Self.skewed(3, oneKeyEvery: 2).rows))
        let sides = Sides(left: left, right: Self.skewed(4_000, oneKeyEvery: 3))
        let condition = Expression.comparison(.less, .column(5, .bigint), .column(2, .bigint))
        for condition in [nil, condition] {
            try Self.check(
                { run in
                    PhysicalPlan(
                        .crossJoin(
                            left: run.tables.scan(1, types: Self.types),
                            right: run.tables.scan(2, types: Self.types), condition: condition),
                        outputTypes: Self.types + Self.types, estimatedRows: 1)
                }, sides, budget: 250_000, workers: 2)
        }
    }

    @Test("joins above joins, and a limit that needs few of their rows")
    func chain() throws {
        var random = SeededGenerator(seed: 5)
        let sides = Sides(
            left: RandomValues.table(Self.types, rowCount: 400, distinct: 50, &random),
            right: RandomValues.table(Self.types, rowCount: 300, distinct: 50, &random))
        func joined(_ run: TestRun) -> PhysicalPlan {
            let first = Self.plan(.full, run, Self.types, keys: [0], hasResidual: false)
            let node = HashJoinNode(
                kind: .left, left: first, right: run.tables.scan(2, types: Self.types),
                leftKeys: [.column(1, .text)], rightKeys: [.column(1, .text)])
            return PhysicalPlan(
                .hashJoin(node), outputTypes: first.outputTypes + Self.types, estimatedRows: 1)
        }
        try Self.check(joined, sides, forced: 1, workers: 3)
        let directory = SpillDirectory()
        let space = directory.space()
        let run = TestRun(
            tables: MemoryTables([1: sides.left.chunks(), 2: sides.right.chunks()]), workers: 2, spill: space,
            forcedSpillBytes: 1)
        let all = joined(run)
        let plan = PhysicalPlan(
            .limit(all, count: 5, offset: 2), outputTypes: all.outputTypes, estimatedRows: 5)
        #expect(try run.rows(plan).count == 5)
        #expect(space.usedBytes == 0)
    }
}
