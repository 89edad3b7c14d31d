import Columns
import Testing

@testable import Execution

@Suite("Small queries")
struct SmallQueryTests {
    static let money = DataType.decimal(precision: 15, scale: 2)
    static let types: [DataType] = [.integer, .text, money]
    static let rows: [[Value]] = [
        [.integer(1), .text("Moscow"), .decimal(unscaled: 10_050, scale: 2)],
        [.integer(2), .text("Kazan"), .decimal(unscaled: 20_000, scale: 2)],
        [.integer(3), .null, .decimal(unscaled: 1, scale: 2)],
        [.integer(4), .text("Moscow"), .null],
        [.integer(5), .text("Kazan"), .decimal(unscaled: 5_00, scale: 2)],
    ]
    let run = TestRun(tables: MemoryTables([1: TestTable(types: types, rows: rows).chunks(chunkRows: 2)]))

    func call(_ name: String, _ arguments: [Expression], distinct: Bool = false) throws -> AggregateCall {
        let function = try FunctionCatalog.resolveAggregate(
            name: name, arguments: arguments.map { .known($0.type) })
        return AggregateCall(function: function, arguments: arguments, isDistinct: distinct)
    }

    @Test("sum, average and count by city, the largest first")
    func groups() throws {
        let scan = run.tables.scan(1, types: Self.types)
        let sum = try call("sum", [.column(2, Self.money)])
        let average = try call("avg", [.column(2, Self.money)])
        let count = try call("count", [])
        let cities = try call("count", [.column(1, .text)], distinct: true)
        let grouped = PhysicalPlan(
            .aggregate(
                AggregateNode(
                    input: scan, groups: [.column(1, .text)], aggregates: [sum, average, count, cities])),
            outputTypes: [.text, sum.function.returnType, average.function.returnType, .bigint, .bigint],
            estimatedRows: 3)
        let sorted = PhysicalPlan(
            .sort(
                grouped, keys: [SortKey(.column(1, sum.function.returnType), isDescending: true)], limit: nil,
                offset: 0),
            outputTypes: grouped.outputTypes, estimatedRows: 3)
        let rows = try run.rows(sorted).map { $0.map { $0.text ?? "NULL" } }
        #expect(
            rows == [
                ["Kazan", "205.00", "102.5000000000000000", "2", "1"],
                ["Moscow", "100.50", "100.5000000000000000", "2", "1"],
                ["NULL", "0.01", "0.01000000000000000000", "1", "0"],
            ])
    }

    @Test("a join, a filter, a projection and a limit")
    func join() throws {
        let left = run.tables.scan(1, types: Self.types, filter: .isNotNull(.column(1, .text)))
        let right = run.tables.scan(1, types: Self.types, columns: [1, 0])
        let join = PhysicalPlan(
            .hashJoin(
                HashJoinNode(
                    kind: .inner, left: left, right: right, leftKeys: [.column(1, .text)],
                    rightKeys: [.column(0, .text)],
                    residual: .comparison(.less, .column(0, .integer), .column(4, .integer)))),
            outputTypes: Self.types + [.text, .integer], estimatedRows: 1)
        let projected = PhysicalPlan(
            .project(join, [.column(0, .integer), .column(4, .integer)]), outputTypes: [.integer, .integer],
            estimatedRows: 1)
        #expect(try Set(run.rows(projected)) == [[.integer(1), .integer(4)], [.integer(2), .integer(5)]])
        let limited = PhysicalPlan(
            .limit(projected, count: 1, offset: 1), outputTypes: projected.outputTypes, estimatedRows: 1)
        #expect(try run.rows(limited).count == 1)
    }

    @Test("an aggregate of no rows is one row")
    func noRows() throws {
        let scan = run.tables.scan(
            1, types: Self.types,
            filter: .comparison(.less, .column(0, .integer), .constant(.integer(0), .integer)))
        let sum = try call("sum", [.column(0, .integer)])
        let plan = PhysicalPlan(
            .aggregate(AggregateNode(input: scan, groups: [], aggregates: [sum, try call("count", [])])),
            outputTypes: [.bigint, .bigint], estimatedRows: 1)
        #expect(try run.rows(plan) == [[.null, .bigint(0)]])
    }
}
