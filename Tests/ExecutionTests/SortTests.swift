import Columns
import Testing

@testable import Execution

@Suite("Sorting, limits and the other row operators")
struct SortTests {
    static let types = AggregateTests.types

    static func isBefore(_ left: [Value], _ right: [Value], _ keys: [SortKey]) -> Bool {
        for key in keys {
            guard case .column(let column, _) = key.expression else { continue }
            let (first, second) = (left[column], right[column])
            if first.isNull || second.isNull {
                if first.isNull == second.isNull { continue }
                return first.isNull == key.nullsFirst
            }
            if ReferenceOrder.isBefore(first, second) { return !key.isDescending }
            if ReferenceOrder.isBefore(second, first) { return key.isDescending }
        }
        return false
    }

    @Test("every type, both directions, NULLs at either end", arguments: 0..<3 as Range<UInt64>)
    func everyType(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let table = RandomValues.table(
            Self.types, rowCount: [300, 1_024, 2_049][Int(seed)], distinct: 200, &random)
        let run = TestRun(tables: MemoryTables([1: table.chunks(usesDictionaries: true)]))
        for column in Self.types.indices {
            let keys = [
                SortKey(
                    .column(column, Self.types[column]), isDescending: column % 2 == 0,
                    nullsFirst: seed == 1),
                SortKey(
                    .column((column + 3) % Self.types.count, Self.types[(column + 3) % Self.types.count])),
            ]
            let scan = run.tables.scan(1, types: Self.types)
            let expected = table.rows.enumerated().sorted { left, right in
                if Self.isBefore(left.element, right.element, keys) { return true }
                if Self.isBefore(right.element, left.element, keys) { return false }
                return left.offset < right.offset
            }.map { "\($0.element)" }
            let all = PhysicalPlan(
                .sort(scan, keys: keys, limit: nil, offset: 0), outputTypes: Self.types, estimatedRows: 1)
            #expect(try run.rows(all).map { "\($0)" } == expected)
            let top = PhysicalPlan(
                .sort(scan, keys: keys, limit: 10, offset: 5), outputTypes: Self.types, estimatedRows: 1)
            #expect(try run.rows(top).map { "\($0)" } == Array(expected[5..<15]))
        }
    }

    @Test("a top of many rows is the front of the whole order, however many workers", arguments: [1, 3])
    func top(workers: Int) throws {
        let rows = (0..<40_000).map { [Value.bigint(Int64($0) * 7_919 % 40_009)] }
        let table = TestTable(types: [.bigint], rows: rows)
        let run = TestRun(tables: MemoryTables([1: table.chunks()]), workers: workers)
        let scan = run.tables.scan(1, types: table.types)
        let sorted = rows.map { $0[0].integerValue ?? 0 }.sorted()
        for limit in [0, 1, 100, 5_000] {
            let keys = [SortKey(.column(0, .bigint))]
            let plan = PhysicalPlan(
                .sort(scan, keys: keys, limit: limit, offset: 3), outputTypes: [.bigint], estimatedRows: 1)
            #expect(try run.rows(plan).map { $0[0].integerValue ?? 0 } == Array(sorted[3..<(3 + limit)]))
        }
    }

    @Test("limits and offsets stop in the middle of chunks")
    func limits() throws {
        let table = TestTable(types: [.integer], rows: (0..<5_000).map { [.integer(Int32($0))] })
        let run = TestRun(tables: MemoryTables([1: table.chunks()]), workers: 3)
        let scan = run.tables.scan(1, types: table.types)
        for (count, offset) in [(0, 0), (1, 0), (10, 2_045), (nil, 4_990), (7_000, 0), (5, 6_000)]
            as [(Int?, Int)]
        {
            let plan = PhysicalPlan(
                .limit(scan, count: count, offset: offset), outputTypes: [.integer], estimatedRows: 1)
            let expected = (0..<5_000).dropFirst(offset).prefix(count ?? .max).map {
                [Value.integer(Int32($0))]
            }
            #expect(try run.rows(plan) == Array(expected))
        }
    }

    @Test("results come in the table's order from several workers")
    func order() throws {
        let table = TestTable(types: [.integer], rows: (0..<60_000).map { [.integer(Int32($0))] })
        let run = TestRun(tables: MemoryTables([1: table.chunks()]), workers: 4)
        let filter = Expression.comparison(
            .notEqual, .column(0, .integer), .constant(.integer(777), .integer))
        let rows = try run.rows(run.tables.scan(1, types: table.types, filter: filter))
        #expect(rows.map { $0[0].integerValue ?? -1 } == (0..<60_000).filter { $0 != 777 }.map { Int64($0) })
    }

    @Test("union all, distinct, values, a CTE read twice and a scalar subquery")
    func others() throws {
        let one = PhysicalPlan(
            .values([1, 2, 2, 3].map { [.constant(.integer($0), .integer)] }), outputTypes: [.integer],
            estimatedRows: 4)
        let scan = PhysicalPlan(.cteScan(id: 7), outputTypes: [.integer], estimatedRows: 4)
        let union = PhysicalPlan(.unionAll([scan, scan]), outputTypes: [.integer], estimatedRows: 8)
        let cte = PhysicalPlan(
            .materialize(id: 7, plan: one, body: union), outputTypes: [.integer], estimatedRows: 8)
        let run = TestRun(workers: 2)
        #expect(try run.rows(cte).count == 8)
        let distinct = PhysicalPlan(.distinct(cte), outputTypes: [.integer], estimatedRows: 3)
        #expect(try run.rows(distinct) == [[.integer(1)], [.integer(2)], [.integer(3)]])
        func scalar(_ limit: Int) -> PhysicalPlan {
            let inner = PhysicalPlan(
                .limit(one, count: limit, offset: 0), outputTypes: [.integer], estimatedRows: 1)
            return PhysicalPlan(
                .appendScalar(one, scalar: inner), outputTypes: [.integer, .integer], estimatedRows: 4)
        }
        #expect(try run.rows(scalar(1)).map { $0[1] } == Array(repeating: .integer(1), count: 4))
        #expect(try run.rows(scalar(0)).map { $0[1] } == Array(repeating: .null, count: 4))
        #expect(throws: ExecutionError.cardinalityViolation) { try run.rows(scalar(2)) }
        let row = PhysicalPlan(.values([[]]), outputTypes: [], estimatedRows: 1)
        let projected = PhysicalPlan(
            .project(row, [.constant(.text("x"), .text)]), outputTypes: [.text], estimatedRows: 1)
        #expect(try run.rows(projected) == [[.text("x")]])
    }
}
