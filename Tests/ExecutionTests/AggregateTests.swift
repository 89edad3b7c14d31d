import Columns
import Testing

@testable import Execution

@Suite("Grouping and aggregates against a row-at-a-time reference")
struct AggregateTests {
    static let types: [DataType] = [
        .boolean, .smallint, .integer, .bigint, .real, .doublePrecision, .decimal(precision: 12, scale: 2),
        .decimal(precision: 30, scale: 3), .date, .timestamp, .interval, .text, .uuid,
    ]

    static func call(
        _ name: String, _ column: Int?, _ types: [DataType], distinct: Bool = false, filter: Expression? = nil
    ) throws -> AggregateCall {
        let arguments = column.map { [Expression.column($0, types[$0])] } ?? []
        let function = try FunctionCatalog.resolveAggregate(
            name: name, arguments: arguments.map { .known($0.type) })
        let cast = zip(arguments, function.parameterTypes).map { $0.type == $1 ? $0 : .cast($0, $1) }
        return AggregateCall(function: function, arguments: cast, isDistinct: distinct, filter: filter)
    }

    static func plan(_ input: PhysicalPlan, groups: [Int], _ calls: [AggregateCall]) -> PhysicalPlan {
        let keys = groups.map { Expression.column($0, input.outputTypes[$0]) }
        return PhysicalPlan(
            .aggregate(AggregateNode(input: input, groups: keys, aggregates: calls)),
            outputTypes: keys.map(\.type) + calls.map(\.function.returnType), estimatedRows: 1)
    }

    /// What makes two values one group.
    static func key(_ value: Value) -> String {
        switch value {
        case .interval(let interval): "interval \(interval.comparisonKey)"
        case .doublePrecision(let number): number == 0 ? "0" : "\(number)"
        default: value.text ?? "NULL"
        }
    }

    @Test(
        "count, min and max of every type by every type", arguments: [1, 2_049],
        0..<3 as Range<UInt64>)
    func everyType(rowCount: Int, seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let table = RandomValues.table(
            Self.types, rowCount: rowCount, distinct: seed == 2 ? 3_000 : 20, &random)
        let run = TestRun(
            tables: MemoryTables([1: table.chunks(usesDictionaries: seed != 0)]), workers: seed == 0 ? 1 : 3)
        for group in Self.types.indices {
            let measured = (group + 5) % Self.types.count
            let calls = try [
                Self.call("count", nil, Self.types), Self.call("count", measured, Self.types),
                Self.call("min", measured, Self.types), Self.call("max", measured, Self.types),
                Self.call("count", measured, Self.types, distinct: true),
            ]
            let plan = Self.plan(run.tables.scan(1, types: Self.types), groups: [group], calls)
            let rows = try run.rows(plan)
            let expected = Dictionary(grouping: table.rows) { Self.key($0[group]) }
            #expect(rows.count == expected.count)
            for row in rows {
                let members = try #require(expected[Self.key(row[0])])
                let values = members.map { $0[measured] }.filter { !$0.isNull }
                #expect(row[1] == .bigint(Int64(members.count)))
                #expect(row[2] == .bigint(Int64(values.count)))
                #expect(Self.key(row[3]) == Self.key(ReferenceOrder.sorted(values).first ?? .null))
                #expect(Self.key(row[4]) == Self.key(ReferenceOrder.sorted(values).last ?? .null))
                #expect(row[5] == .bigint(Int64(Set(values.map(Self.key)).count)))
            }
        }
    }

    @Test("sums and averages are exact, by several keys, with a filter", arguments: 0..<4 as Range<UInt64>)
    func sums(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let types: [DataType] = [.text, .integer, .bigint, .decimal(precision: 12, scale: 2), .smallint]
        let table = RandomValues.table(types, rowCount: 4_200, distinct: seed < 2 ? 5 : 900, &random)
        let run = TestRun(
            tables: MemoryTables([1: table.chunks(usesDictionaries: seed % 2 == 1)]), workers: Int(seed) + 1)
        let positive = Expression.comparison(
            .greater, .column(4, .smallint), .constant(.smallint(0), .smallint))
        let calls = try [
            Self.call("sum", 2, types), Self.call("sum", 3, types), Self.call("avg", 1, types),
            Self.call("sum", 1, types, distinct: true), Self.call("sum", 1, types, filter: positive),
        ]
        let rows = try run.rows(Self.plan(run.tables.scan(1, types: types), groups: [0, 1], calls))
        let expected = Dictionary(grouping: table.rows) { [$0[0], $0[1]] }
        #expect(rows.count == expected.count)
        for row in rows {
            let members = try #require(expected[Array(row[0..<2])])
            func sum(_ column: Int, _ rows: [[Value]]) -> Int128? {
                let numbers = rows.compactMap { Self.number($0[column]) }
                return numbers.isEmpty ? nil : numbers.reduce(0, +)
            }
            #expect(Self.number(row[2]) == sum(2, members))
            #expect(Self.number(row[3]) == sum(3, members))
            let count = Int128(members.count { !$0[1].isNull })
            let average = sum(1, members).flatMap { total -> Int128? in
                // PostgreSQL's digits: 16 that are significant, in groups of four.
                let digits = QuotientDigits.scale(total, 0, count, 0, scaleMin: 0, scaleMax: 20)
                return WideDecimal.divide(total, by: count, exponent: digits).flatMap {
                    WideDecimal.widened($0, by: 20 - digits)
                }
            }
            #expect(Self.number(row[4]) == average)
            #expect(Self.number(row[5]) == sum(1, members).flatMap { _ in Self.number(row[1]) })
            let filtered = members.filter { (Self.number($0[4]) ?? 0) > 0 }
            #expect(Self.number(row[6]) == sum(1, filtered))
        }
    }

    static func number(_ value: Value) -> Int128? {
        if case .decimal(let unscaled, _) = value { return unscaled }
        return value.integerValue.map { Int128($0) }
    }

    @Test("a sum of BIGINTs beyond 64 bits stays exact, with and without groups")
    func wideSums() throws {
        let rows = (0..<5_000).map { [Value.bigint(Int64.max - Int64($0)), .integer(Int32($0 % 3))] }
        let table = TestTable(types: [.bigint, .integer], rows: rows)
        let run = TestRun(tables: MemoryTables([1: table.chunks()]), workers: 2)
        let scan = run.tables.scan(1, types: table.types)
        let total = try run.rows(Self.plan(scan, groups: [], [Self.call("sum", 0, table.types)]))
        let exact = rows.reduce(Int128(0)) { $0 + (Self.number($1[0]) ?? 0) }
        #expect(total == [[.decimal(unscaled: exact, scale: 0)]])
        let grouped = try run.rows(Self.plan(scan, groups: [1], [Self.call("sum", 0, table.types)]))
        #expect(grouped.reduce(Int128(0)) { $0 + (Self.number($1[1]) ?? 0) } == exact)
    }

    @Test("a sum that fits no type is an error, not a wrong number")
    func overflow() throws {
        let type = DataType.decimal(precision: 38, scale: 0)
        let most = Value.decimal(unscaled: DecimalMath.powerOfTen(38) - 1, scale: 0)
        let table = TestTable(types: [type], rows: [[most], [most]])
        let run = TestRun(tables: MemoryTables([1: table.chunks()]))
        let plan = try Self.plan(run.tables.scan(1, types: [type]), groups: [], [Self.call("sum", 0, [type])])
        #expect(throws: ExecutionError.numericOverflow(type: type)) { try run.rows(plan) }
    }

    @Test("floating point aggregates")
    func moments() throws {
        let numbers = [2.0, 4, 4, 4, 5, 5, 7, 9]
        let table = TestTable(
            types: [.doublePrecision], rows: numbers.map { [.doublePrecision($0)] } + [[.null]])
        let run = TestRun(tables: MemoryTables([1: table.chunks(chunkRows: 3)]), workers: 2)
        let names = ["sum", "avg", "stddev_pop", "var_samp"]
        let calls = try names.map { try Self.call($0, 0, table.types) }
        let row = try run.rows(Self.plan(run.tables.scan(1, types: table.types), groups: [], calls))[0]
        let expected = [40, 5, 2, 32.0 / 7]
        for (value, wanted) in zip(row, expected) {
            guard case .doublePrecision(let number) = value else {
                Issue.record("no number")
                continue
            }
            #expect(abs(number - wanted) < 1e-12)
        }
    }

    @Test("texts are joined in the order of the rows, booleans and bits are combined")
    func others() throws {
        let rows: [[Value]] = (0..<10).map {
            [.text("r\($0)"), .text(","), .boolean($0 < 9), .integer(Int32(1 << $0))]
        }
        let table = TestTable(types: [.text, .text, .boolean, .integer], rows: rows)
        let run = TestRun(tables: MemoryTables([1: table.chunks(chunkRows: 2)]), workers: 4)
        let join = AggregateCall(
            function: try FunctionCatalog.resolveAggregate(
                name: "string_agg", arguments: [.known(.text), .known(.text)]),
            arguments: [.column(0, .text), .column(1, .text)])
        let calls = try [
            join, Self.call("bool_and", 2, table.types), Self.call("bool_or", 2, table.types),
            Self.call("bit_or", 3, table.types),
        ]
        let result = try run.rows(Self.plan(run.tables.scan(1, types: table.types), groups: [], calls))
        #expect(
            result == [
                [.text("r0,r1,r2,r3,r4,r5,r6,r7,r8,r9"), .boolean(false), .boolean(true), .integer(1023)]
            ])
    }
}

/// PostgreSQL's order of values of one type, NULLs left out.
enum ReferenceOrder {
    static func sorted(_ values: [Value]) -> [Value] { values.sorted { isBefore($0, $1) } }

    static func isBefore(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.boolean(let first), .boolean(let second)): !first && second
        case (.real(let first), .real(let second)): first < second || (second.isNaN && !first.isNaN)
        case (.doublePrecision(let first), .doublePrecision(let second)):
            first < second || (second.isNaN && !first.isNaN)
        case (.decimal(let first, _), .decimal(let second, _)): first < second
        case (.interval(let first), .interval(let second)): first.comparisonKey < second.comparisonKey
        case (.text(let first), .text(let second)): first.utf8.lexicographicallyPrecedes(second.utf8)
        case (.uuid(let first), .uuid(let second)): first < second
        default: (left.integerValue ?? 0) < (right.integerValue ?? 0)
        }
    }
}
