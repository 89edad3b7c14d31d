import Columns
import Testing

@testable import Execution

@Suite("Grouping with a tenth of the memory")
struct SpillAggregateTests {
    static let types: [DataType] = [
        .integer, .text, .bigint, .doublePrecision, .decimal(precision: 30, scale: 3), .boolean,
    ]

    static func calls() throws -> [AggregateCall] {
        let filter = Expression.comparison(.less, .column(2, .bigint), .constant(.bigint(3), .bigint))
        return try [
            AggregateTests.call("count", nil, types), AggregateTests.call("count", 1, types),
            AggregateTests.call("sum", 2, types), AggregateTests.call("avg", 4, types),
            AggregateTests.call("sum", 4, types, filter: filter), AggregateTests.call("min", 1, types),
            AggregateTests.call("max", 4, types), AggregateTests.call("bool_and", 5, types),
            AggregateTests.call("count", 1, types, distinct: true),
            AggregateTests.call("sum", 2, types, distinct: true),
        ]
    }

    /// Groups in memory and with the budget; both must be the same.
    static func check(
        _ table: TestTable, groups: [Int], _ calls: [AggregateCall], budget: Int = 1 << 30,
        forced: Int? = nil, workers: Int
    ) throws {
        let directory = SpillDirectory()
        var run = TestRun(
            tables: MemoryTables([1: table.chunks(chunkRows: 512, usesDictionaries: true)]), workers: workers)
        let plan = AggregateTests.plan(run.tables.scan(1, types: table.types), groups: groups, calls)
        let expected = try run.rows(plan).map { "\($0)" }.sorted()
        let space = directory.space()
        run.spill = space
        run.memoryLimitBytes = budget
        run.forcedSpillBytes = forced
        let context = run.context()
        let rows = try QueryExecutor.collect(plan, context).flatMap { chunk in
            (0..<chunk.rowCount).map { "\(chunk.row($0))" }
        }
        #expect(rows.sorted() == expected)
        #expect(space.writtenBytes > 0)
        #expect(space.usedBytes == 0)
        #expect(directory.names.isEmpty)
        #expect(context.memory.reservedBytes == 0)
        #expect(context.memory.peakBytes <= max(budget, OperatorMemory.floorBytes * workers))
        let profile = context.profile.operators.values.first { $0.name == "aggregate" }
        #expect(profile?.spilledBytes ?? 0 > 0)
    }

    @Test("keys of every type, with the first rows in memory or none", arguments: [1, 60_000], [1, 3])
    func everyType(forced: Int, workers: Int) throws {
        for column in AggregateTests.types.indices {
            var random = SeededGenerator(seed: UInt64(column + forced))
            let types = [AggregateTests.types[column], .text, .bigint]
            let table = RandomValues.table(types, rowCount: 1_200, distinct: 500, &random)
            let calls = try [
                AggregateTests.call("count", nil, types), AggregateTests.call("max", 1, types),
                AggregateTests.call("sum", 2, types), AggregateTests.call("count", 1, types, distinct: true),
            ]
            try Self.check(table, groups: [0], calls, forced: forced, workers: workers)
        }
    }

    @Test(
        "every kind of state, by several keys, some of them NULL", arguments: [1, 40_000, 200_000], [1, 3])
    func states(forced: Int, workers: Int) throws {
        var random = SeededGenerator(seed: UInt64(forced))
        let table = RandomValues.table(Self.types, rowCount: 2_500, distinct: 45, &random)
        try Self.check(table, groups: [0, 1], Self.calls(), forced: forced, workers: workers)
        try Self.check(table, groups: [1], Self.calls(), forced: forced, workers: workers)
    }

    @Test("many more groups than memory, one key for most rows", arguments: [1, 2])
    func manyGroups(workers: Int) throws {
        let table = TestTable(
            types: [.bigint, .text],
            rows: (0..<30_000).map { row in
                [.bigint(row % 3 == 0 ? 7 : Int64(row * 7919)), .text("text of row \(row % 3_000)")]
            })
        let calls = try [
            AggregateTests.call("count", nil, table.types), AggregateTests.call("max", 1, table.types),
        ]
        try Self.check(table, groups: [0], calls, budget: 300_000, workers: workers)
        try Self.check(table, groups: [0, 1], calls, budget: 400_000, workers: workers)
    }

    @Test("texts are joined in the order of the rows")
    func order() throws {
        let table = TestTable(
            types: [.integer, .text],
            rows: (0..<9_000).map { [.integer(Int32($0 % 2_500)), .text("\($0)")] })
        let function = try FunctionCatalog.resolveAggregate(
            name: "string_agg", arguments: [.known(.text), .known(.text)])
        let call = AggregateCall(
            function: function, arguments: [.column(1, .text), .constant(.text(","), .text)])
        for forced in [1, 100_000, 300_000] {
            try Self.check(table, groups: [0], [call], forced: forced, workers: 1)
        }
    }

    @Test("one group whose values alone are too many is an error that names the operator")
    func beyondHelp() throws {
        let table = TestTable(
            types: [.text], rows: (0..<60_000).map { [.text("a text that is kept as it is \($0)")] })
        let directory = SpillDirectory()
        let run = TestRun(
            tables: MemoryTables([1: table.chunks()]), memoryLimitBytes: 1 << 20, spill: directory.space())
        let plan = AggregateTests.plan(
            run.tables.scan(1, types: table.types), groups: [],
            [try AggregateTests.call("count", 0, table.types, distinct: true)])
        let error = #expect(throws: ExecutionError.self) { try QueryExecutor.collect(plan, run.context()) }
        #expect(error?.sqlState == "53200")
        #expect(error?.description.contains("aggregate") ?? false)
    }
}

@Suite("Every aggregate of the catalog with its rows set aside")
struct SpillEveryAggregateTests {
    static let types: [DataType] = [.integer, .integer, .doublePrecision, .text, .boolean]

    /// The value without the last digits of floating-point numbers, which depend on the order of additions.
    static func rounded(_ value: Value) -> String {
        if case .doublePrecision(let number) = value {
            return "\((number * 1e6).rounded() / 1e6 + 0)"
        }
        return "\(value)"
    }

    @Test("gives what it gives in memory", arguments: AggregateSignatures.all.keys.sorted())
    func inMemory(name: String) throws {
        let table = TestTable(
            types: Self.types,
            rows: (0..<1_500).map { row in
                let value = Int32(row * 7919 % 101)
                return [
                    .integer(Int32(row % 300)), row % 9 == 0 ? .null : .integer(value),
                    .doublePrecision(Double(value) / 4), .text("text \(value)"), .boolean(value % 2 == 0),
                ]
            })
        let lists: [[Int]] = [
            [], [1], [2], [3], [4], [2, 2], [1, 2], [2, 1], [3, 3], [3, 1], [1, 1], [1, 3],
        ]
        var resolved = 0
        // The binder gives ARRAY_AGG its values as texts.
        for list in lists where name != "array_agg" || list == [3] {
            guard
                let function = try? FunctionCatalog.resolveAggregate(
                    name: name, arguments: list.map { .known(Self.types[$0]) })
            else { continue }
            resolved += 1
            let arguments = zip(list, function.parameterTypes).map { column, type in
                let plain = Expression.column(column, Self.types[column])
                return plain.type == type ? plain : .cast(plain, type)
            }
            let calls = [false, true].map {
                AggregateCall(function: function, arguments: arguments, isDistinct: $0 && !list.isEmpty)
            }
            let run = TestRun(tables: MemoryTables([1: table.chunks(chunkRows: 100)]))
            let plan = AggregateTests.plan(run.tables.scan(1, types: Self.types), groups: [0], calls)
            let expected = try run.rows(plan).map { $0.map(Self.rounded) }
            for forced in [1, 30_000] {
                let directory = SpillDirectory()
                var spilling = run
                spilling.spill = directory.space()
                spilling.forcedSpillBytes = forced
                let rows = try spilling.rows(plan).map { $0.map(Self.rounded) }
                #expect(Set(rows) == Set(expected), "\(name)\(list) with \(forced) bytes")
                #expect(forced > 1 || spilling.spill?.writtenBytes ?? 0 > 0)
            }
        }
        #expect(resolved > 0, "\(name) takes none of the lists")
    }
}
