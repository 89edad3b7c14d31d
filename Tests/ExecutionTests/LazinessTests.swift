import Columns
import Testing

@testable import Execution

@Suite("Logic, NULLs and laziness")
struct LazinessTests {
    let column = Expression.column(0, .integer)
    let other = Expression.column(1, .integer)

    func values(_ expression: Expression, _ rows: [[Value]], types: [DataType] = [.integer, .integer]) throws
        -> [Value]
    {
        let chunk = TestTable(types: types, rows: rows).chunks()[0]
        let node = try ExpressionCompiler(context: EvaluationContext()).compile(expression)
        let vector = try node.evaluate(chunk)
        return rows.indices.map { vector.value(at: $0) }
    }

    func division() throws -> Expression { try Make.call("/", [column, other]) }

    /// Rows whose second column is rarely, often or mostly zero.
    static func rows(zeroEvery: Int) -> [[Value]] {
        (0..<500).map { [.integer(Int32($0)), $0 % 7 == 3 ? .null : .integer($0 % zeroEvery == 0 ? 0 : 2)] }
    }

    @Test("a branch that is not reached cannot fail", arguments: [2, 3, 50])
    func caseWhen(zeroEvery: Int) throws {
        let rows = Self.rows(zeroEvery: zeroEvery)
        let isSafe = Expression.comparison(.notEqual, other, Make.integer(0))
        let lazy = Expression.caseWhen(
            [WhenBranch(condition: isSafe, result: try division())], otherwise: Make.integer(-1), .integer)
        let results = try values(lazy, rows)
        for (row, result) in zip(rows, results) {
            let divisor = row[1].integerValue ?? 0
            #expect(
                result
                    == (divisor == 0 ? .integer(-1) : .integer(Int32((row[0].integerValue ?? 0) / divisor))))
        }
        let eager = Expression.caseWhen(
            [WhenBranch(condition: isSafe, result: Make.integer(0))], otherwise: try division(), .integer)
        #expect(throws: ExecutionError.divisionByZero) { try values(eager, rows) }
    }

    @Test("AND, OR and COALESCE compute a part only for rows that need it", arguments: [2, 3, 50])
    func parts(zeroEvery: Int) throws {
        let rows = Self.rows(zeroEvery: zeroEvery)
        let isZero = Expression.comparison(.equal, other, Make.integer(0))
        let large = Expression.comparison(.greater, try division(), Make.integer(100))
        let both = try values(.and([.not(isZero), large]), rows)
        let either = try values(.or([isZero, large]), rows)
        for (index, row) in rows.enumerated() {
            guard let divisor = row[1].integerValue else {
                #expect(both[index] == .null && either[index] == .null)
                continue
            }
            let isLarge = divisor != 0 && (row[0].integerValue ?? 0) / divisor > 100
            #expect(both[index] == .boolean(isLarge))
            #expect(either[index] == .boolean(divisor == 0 || isLarge))
        }
        let first = try values(.coalesce([other, try division(), Make.integer(7)], .integer), rows)
        #expect(zip(rows, first).allSatisfy { $0[1].isNull ? $1 == .integer(7) : $1 == $0[1] })
        #expect(throws: ExecutionError.divisionByZero) { try values(.and([large, .not(isZero)]), rows) }
    }

    @Test("a NULL operand makes no error and no value")
    func nulls() throws {
        let rows: [[Value]] = [[.integer(1), .null], [.null, .integer(0)], [.integer(6), .integer(3)]]
        #expect(try values(division(), rows) == [.null, .null, .integer(2)])
        let overflow = try Make.call("+", [column, Make.integer(.max)])
        #expect(try values(overflow, [[.null, .null], [.integer(0), .null]]) == [.null, .integer(.max)])
        #expect(throws: ExecutionError.numericOverflow(type: .integer)) { try values(overflow, rows) }
    }

    @Test("three-valued logic over every combination")
    func logic() throws {
        let all: [Value] = [.boolean(true), .boolean(false), .null]
        let rows = all.flatMap { first in all.map { [first, $0] } }
        let (left, right) = (Expression.column(0, .boolean), Expression.column(1, .boolean))
        let types: [DataType] = [.boolean, .boolean]
        let and = try values(.and([left, right]), rows, types: types)
        let or = try values(.or([left, right]), rows, types: types)
        let not = try values(.not(left), rows, types: types)
        for (index, row) in rows.enumerated() {
            let hasFalse = row.contains(.boolean(false))
            let hasTrue = row.contains(.boolean(true))
            let hasNull = row.contains(.null)
            #expect(and[index] == (hasFalse ? .boolean(false) : hasNull ? .null : .boolean(true)))
            #expect(or[index] == (hasTrue ? .boolean(true) : hasNull ? .null : .boolean(false)))
            #expect(not[index] == (row[0].isNull ? .null : .boolean(row[0] == .boolean(false))))
        }
        #expect(try values(.isNull(left), rows, types: types) == rows.map { .boolean($0[0].isNull) })
        #expect(try values(.isNotNull(left), rows, types: types) == rows.map { .boolean(!$0[0].isNull) })
    }

    @Test("comparisons of every type in every form", arguments: AggregateTests.types)
    func comparisons(type: DataType) throws {
        var random = SeededGenerator(seed: 11)
        let table = RandomValues.table([type, type], rowCount: 300, &random)
        let constant = table.rows.map { $0[0] }.first { !$0.isNull } ?? .null
        let all: [Comparison] = [
            .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .distinct, .notDistinct,
        ]
        for comparison in all {
            let operands: [(Expression, Expression, ([Value]) -> (Value, Value))] = [
                (.column(0, type), .column(1, type), { ($0[0], $0[1]) }),
                (.column(0, type), .constant(constant, type), { ($0[0], constant) }),
                (.constant(constant, type), .column(1, type), { (constant, $0[1]) }),
                (.column(0, type), .constant(.null, type), { ($0[0], .null) }),
            ]
            for (left, right, pick) in operands {
                let node = try ExpressionCompiler(context: EvaluationContext()).compile(
                    .comparison(comparison, left, right))
                for chunk in table.chunks() + table.chunks(usesDictionaries: true) {
                    let vector = try node.evaluate(chunk)
                    for (row, values) in table.rows.enumerated() {
                        let (first, second) = pick(values)
                        #expect(vector.value(at: row) == Self.compare(comparison, first, second))
                    }
                }
            }
        }
    }

    static func compare(_ comparison: Comparison, _ left: Value, _ right: Value) -> Value {
        if comparison == .distinct || comparison == .notDistinct {
            let isSame = left.isNull || right.isNull ? left.isNull && right.isNull : same(left, right)
            return .boolean(isSame == (comparison == .notDistinct))
        }
        if left.isNull || right.isNull { return .null }
        let before = ReferenceOrder.isBefore(left, right)
        let equal = same(left, right)
        switch comparison {
        case .equal: return .boolean(equal)
        case .notEqual: return .boolean(!equal)
        case .less: return .boolean(before)
        case .lessOrEqual: return .boolean(before || equal)
        case .greater: return .boolean(!before && !equal)
        default: return .boolean(!before)
        }
    }

    static func same(_ left: Value, _ right: Value) -> Bool {
        !ReferenceOrder.isBefore(left, right) && !ReferenceOrder.isBefore(right, left)
    }

    @Test(
        "IN with short and long lists, with and without NULLs",
        arguments: [DataType.integer, .text, .doublePrecision, .date])
    func membership(type: DataType) throws {
        var random = SeededGenerator(seed: 3)
        let table = RandomValues.table([type], rowCount: 200, distinct: 60, &random)
        for count in [1, 5, 30] {
            for hasNull in [false, true] {
                var list = (0..<count).map { _ in
                    RandomValues.value(type, distinct: 60, nulls: false, &random)
                }
                if hasNull { list.append(.null) }
                let node = try ExpressionCompiler(context: EvaluationContext()).compile(
                    .inList(.column(0, type), list))
                for chunk in table.chunks() + table.chunks(usesDictionaries: true) {
                    let vector = try node.evaluate(chunk)
                    for (row, values) in table.rows.enumerated() {
                        let found = list.contains {
                            !$0.isNull && !values[0].isNull && Self.same($0, values[0])
                        }
                        let expected: Value =
                            values[0].isNull
                            ? .null : found ? .boolean(true) : hasNull ? .null : .boolean(false)
                        #expect(vector.value(at: row) == expected)
                    }
                }
            }
        }
    }

    @Test(
        "casts between types",
        arguments: [
            ("12", DataType.text, DataType.integer, "12"),
            ("1.5", .text, .decimal(precision: 5, scale: 2), "1.50"),
            ("2.5", .doublePrecision, .integer, "2"), ("3.5", .doublePrecision, .bigint, "4"),
            ("2.5", .decimal(precision: 5, scale: 1), .integer, "3"),
            ("-0.125", .doublePrecision, .decimal(precision: 8, scale: 2), "-0.13"),
            ("0.1", .doublePrecision, .decimal(precision: 38, scale: 20), "0.10000000000000000000"),
            ("1e20", .doublePrecision, .decimal(precision: 38, scale: 2), "100000000000000000000.00"),
            ("123.456", .decimal(precision: 8, scale: 3), .decimal(precision: 5, scale: 1), "123.5"),
            ("123.45", .decimal(precision: 8, scale: 2), .doublePrecision, "123.45"),
            ("7", .integer, .decimal(precision: 30, scale: 5), "7.00000"),
            ("2024-02-29", .date, .timestamp, "2024-02-29 00:00:00"),
            ("1969-12-31 23:59:59", .timestamp, .date, "1969-12-31"),
            ("t", .boolean, .text, "true"), ("1", .integer, .boolean, "t"), ("t", .boolean, .integer, "1"),
            ("2024-02-29", .text, .date, "2024-02-29"), ("1 day", .interval, .text, "1 day"),
            ("{\"a\":1}", .text, .json, "{\"a\":1}"),
            ("1.10", .decimal(precision: 8, scale: 2), .text, "1.10"), ("5", .smallint, .bigint, "5"),
            ("0.1", .real, .doublePrecision, "0.10000000149011612"),
        ])
    func casts(text: String, source: DataType, target: DataType, expected: String) throws {
        let value = try TextReader.value(text, as: source)
        let cast = Expression.cast(.column(0, source), target)
        #expect(try values(cast, [[value], [.null]], types: [source]).map(\.text) == [expected, nil])
    }

    @Test("casts that lose the value are errors")
    func failingCasts() throws {
        func cast(_ text: String, _ source: DataType, _ target: DataType) throws -> [Value] {
            try values(
                .cast(.column(0, source), target), [[.null], [TextReader.value(text, as: source)]],
                types: [source])
        }
        #expect(throws: ExecutionError.numericOverflow(type: .smallint)) {
            try cast("40000", .integer, .smallint)
        }
        #expect(throws: ExecutionError.numericOverflow(type: .bigint)) {
            try cast("1e19", .doublePrecision, .bigint)
        }
        #expect(throws: ExecutionError.invalidText(type: .integer, text: "x1")) {
            try cast("x1", .text, .integer)
        }
        #expect(throws: ExecutionError.textOutOfRange(type: .date, text: "2023-02-30")) {
            try cast("2023-02-30", .text, .date)
        }
        let narrow = DataType.decimal(precision: 3, scale: 2)
        #expect(throws: ExecutionError.numericOverflow(type: narrow)) { try cast("10", .integer, narrow) }
        #expect(throws: ExecutionError.numericOverflow(type: narrow)) {
            try cast("NaN", .doublePrecision, narrow)
        }
        #expect(throws: ExecutionError.invalidText(type: .json, text: "{a}")) {
            try cast("{a}", .text, .json)
        }
    }
}
