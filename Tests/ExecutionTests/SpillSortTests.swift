import Columns
import Testing

@testable import Execution

@Suite("Sorting with a tenth of the memory")
struct SpillSortTests {
    /// A sort's rows in memory and with the budget; both must be the same.
    static func check(
        _ table: TestTable, _ keys: [SortKey], limit: Int? = nil, offset: Int = 0, budget: Int,
        workers: Int = 1
    ) throws {
        let directory = SpillDirectory()
        var run = TestRun(
            tables: MemoryTables([1: table.chunks(chunkRows: 256, usesDictionaries: true)]), workers: workers)
        let plan = PhysicalPlan(
            .sort(run.tables.scan(1, types: table.types), keys: keys, limit: limit, offset: offset),
            outputTypes: table.types, estimatedRows: 1)
        let expected = try run.rows(plan)
        let space = directory.space()
        run.spill = space
        run.memoryLimitBytes = budget
        let context = run.context()
        let rows = try QueryExecutor.collect(plan, context).flatMap { chunk in
            (0..<chunk.rowCount).map { chunk.row($0) }
        }
        #expect(rows.map { "\($0)" } == expected.map { "\($0)" })
        #expect(space.writtenBytes > 0)
        #expect(space.usedBytes == 0)
        #expect(directory.names.isEmpty)
        #expect(context.memory.reservedBytes == 0)
        #expect(context.memory.peakBytes <= max(budget, OperatorMemory.floorBytes * workers))
        let sort = context.profile.operators.values.first { $0.name == "sort" || $0.name == "top" }
        #expect(sort?.spilledBytes ?? 0 > 0)
        #expect(sort?.peakBytes ?? 0 > 0)
    }

    static func key(_ column: Int, _ type: DataType, _ isDescending: Bool = false) -> SortKey {
        SortKey(.column(column, type), isDescending: isDescending)
    }

    @Test(
        "rows of every type come in the same order", arguments: AggregateTests.types.indices, [false, true])
    func everyType(column: Int, isDescending: Bool) throws {
        var random = SeededGenerator(seed: UInt64(column))
        let types = [AggregateTests.types[column], .integer]
        let table = RandomValues.table(types, rowCount: 2_000, distinct: 500, &random)
        try Self.check(
            table, [Self.key(0, types[0], isDescending), Self.key(1, .integer)], budget: 60_000)
    }

    @Test("several workers, wide strings, one key for most rows, many runs")
    func shapes() throws {
        let types: [DataType] = [.text, .bigint]
        let wide = TestTable(
            types: types,
            rows: (0..<4_000).map { row in
                let key = row % 10 == 0 ? "\(row * 7919 % 4_000)" : "most"
                return [.text(key + String(repeating: "-", count: row % 200)), .bigint(Int64(row))]
            })
        try Self.check(
            wide, [Self.key(0, .text), Self.key(1, .bigint)], budget: 120_000, workers: 3)
        try Self.check(wide, [Self.key(0, .text, true)], budget: 90_000)
        try Self.check(
            wide, [Self.key(0, .text), Self.key(1, .bigint, true)], limit: 1_500, offset: 1_000,
            budget: 90_000)
    }

    @Test("an error, and a reader that leaves, end with no bytes on the disk")
    func ends() throws {
        let table = TestTable(
            types: [.integer], rows: (0..<60_000).map { [.integer(Int32($0 * 7 % 60_000))] })
        let directory = SpillDirectory()
        let space = directory.space()
        let run = TestRun(
            tables: MemoryTables([1: table.chunks()]), memoryLimitBytes: 400_000, spill: space)
        let sorted = PhysicalPlan(
            .sort(
                run.tables.scan(1, types: table.types), keys: [Self.key(0, .integer)], limit: nil, offset: 0),
            outputTypes: table.types, estimatedRows: 1)
        let failing = PhysicalPlan(
            .project(
                sorted,
                [.call(try Self.division(), [.constant(.integer(1), .integer), .column(0, .integer)])]),
            outputTypes: [.integer], estimatedRows: 1)
        #expect(throws: ExecutionError.divisionByZero) { try QueryExecutor.collect(failing, run.context()) }
        #expect(space.writtenBytes > 0)
        #expect(space.usedBytes == 0)
        let full = TestRun(
            tables: run.tables, memoryLimitBytes: 400_000, spill: directory.space(limitBytes: 50_000))
        let error = #expect(throws: ExecutionError.self) {
            try QueryExecutor.collect(sorted, full.context())
        }
        #expect(error?.sqlState == "53400")
        #expect(directory.names.isEmpty)
    }

    static func division() throws -> ScalarFunction {
        try FunctionCatalog.resolveScalar(name: "/", arguments: [.known(.integer), .known(.integer)])
    }
}
