import Columns
import Testing

@testable import Execution

/// Percentiles, modes and ordered aggregates keep rows until the end; those of many groups do not fit memory.
@Suite("Aggregates that keep rows, with their rows set aside")
struct SpillCollectedTests {
    static let types: [DataType] = [.integer, .text, .bigint, .doublePrecision]

    private static func call(
        _ name: String, _ column: Int, orderBy: Int? = nil, descending: Bool = false, constants: [Value] = [],
        rest: [Expression] = [], distinct: Bool = false
    ) throws -> AggregateCall {
        let arguments = [Expression.column(column, types[column])] + rest
        let function = try FunctionCatalog.resolveAggregate(
            name: name, arguments: arguments.map { .known($0.type) })
        let cast = zip(arguments, function.parameterTypes).map { $0.type == $1 ? $0 : .cast($0, $1) }
        let keys = orderBy.map { index in
            [SortKey(.column(index, types[index]), isDescending: descending)]
        }
        return AggregateCall(
            function: function, arguments: cast, isDistinct: distinct, orderBy: keys ?? [],
            constants: constants)
    }

    private static func calls() throws -> [AggregateCall] {
        let comma = Expression.constant(.text(","), .text)
        return try [
            call("percentile_cont", 2, constants: [.doublePrecision(0.3)]),
            call("percentile_cont", 2, constants: [.doublePrecision(0.9)]),
            call("percentile_disc", 3, constants: [.doublePrecision(0.5)]),
            call("mode", 1, orderBy: 1),
            call("string_agg", 1, orderBy: 2, descending: true, rest: [comma]),
            call("sum", 2), call("count", 2, distinct: true),
        ]
    }

    /// Every value of the third column is there once, so that its order has no ties.
    private static func table(_ rowCount: Int, groupCount: Int) -> TestTable {
        TestTable(
            types: types,
            rows: (0..<rowCount).map { row in
                let number = row &* 7_919 % rowCount
                return [
                    row % 501 == 7 ? .null : .integer(Int32(number % groupCount) &* 77_777),
                    .text("text \(number % 5)"), .bigint(Int64(number)),
                    row % 13 == 0 ? .null : .doublePrecision(Double(number) / 4),
                ]
            })
    }

    @Test("many groups, with the first rows in memory or none", arguments: [1, 100_000], [1, 3])
    func manyGroups(forced: Int, workers: Int) throws {
        let table = Self.table(8_009, groupCount: 900)
        for groups in [[0], [0, 1]] {
            try SpillAggregateTests.check(
                table, groups: groups, try Self.calls(), forced: forced, workers: workers)
        }
    }

    @Test("more rows than memory", arguments: [1, 2])
    func littleMemory(workers: Int) throws {
        let table = Self.table(30_011, groupCount: 3_000)
        for call in try Self.calls() where call.function.name != "sum" {
            try SpillAggregateTests.check(table, groups: [0], [call], budget: 600_000, workers: workers)
        }
    }

    @Test("groups whose arguments were all NULL have places too")
    func nulls() throws {
        let table = TestTable(
            types: Self.types,
            rows: (0..<6_000).map { row in
                let isEmpty = row % 700 > 300
                return [
                    .integer(Int32(row % 700)), isEmpty ? .null : .text("t\(row)"),
                    isEmpty ? .null : .bigint(Int64(row)), .null,
                ]
            })
        for forced in [1, 60_000] {
            try SpillAggregateTests.check(
                table, groups: [0], try Self.calls(), forced: forced, workers: 2)
        }
    }
}
