import Columns
import Testing

@testable import Execution

@Suite("Joins against nested loops")
struct JoinTests {
    static let types: [DataType] = [.integer, .text, .bigint]

    static func rows(_ all: [[Value]]) -> [String] { all.map { "\($0)" }.sorted() }

    struct Case: CustomTestStringConvertible {
        var kind: JoinKind
        var hasResidual: Bool
        var testDescription: String { kind.rawValue + (hasResidual ? " with residual" : "") }
    }

    static let cases: [Case] = [
        JoinKind.inner, .left, .right, .full, .semi, .anti, .nullAwareAnti, .rightSemi, .rightAnti,
    ].flatMap {
        kind in
        kind == .nullAwareAnti
            ? [Case(kind: kind, hasResidual: false)]
            : [Case(kind: kind, hasResidual: false), Case(kind: kind, hasResidual: true)]
    }

    /// The plain meaning of each join.
    static func reference(_ test: Case, _ left: [[Value]], _ right: [[Value]], keys: [Int]) -> [[Value]] {
        func matches(_ first: [Value], _ second: [Value]) -> Bool {
            for key in keys where first[key].isNull || first[key] != second[key] { return false }
            guard test.hasResidual else { return true }
            guard let one = first[2].integerValue, let other = second[2].integerValue else { return false }
            return one <= other
        }
        let nulls = types.map { _ in Value.null }
        var result: [[Value]] = []
        switch test.kind {
        case .semi: return left.filter { first in right.contains { matches(first, $0) } }
        case .anti: return left.filter { first in !right.contains { matches(first, $0) } }
        case .rightSemi: return right.filter { second in left.contains { matches($0, second) } }
        case .rightAnti: return right.filter { second in !left.contains { matches($0, second) } }
        case .nullAwareAnti:
            if right.isEmpty { return left }
            if right.contains(where: { row in keys.contains { row[$0].isNull } }) { return [] }
            return left.filter { first in
                !keys.contains { first[$0].isNull } && !right.contains { matches(first, $0) }
            }
        case .inner, .left, .right, .full, .single:
            for first in left {
                let found = right.filter { matches(first, $0) }
                result += found.map { first + $0 }
                if found.isEmpty, test.kind == .left || test.kind == .full { result.append(first + nulls) }
            }
            if test.kind == .right || test.kind == .full {
                for second in right where !left.contains(where: { matches($0, second) }) {
                    result.append(nulls + second)
                }
            }
            return result
        }
    }

    func check(
        _ test: Case, _ left: TestTable, _ right: TestTable, keys: [Int], workers: Int, dictionaries: Bool
    ) throws {
        let run = TestRun(
            tables: MemoryTables([
                1: left.chunks(chunkRows: 100, usesDictionaries: dictionaries),
                2: right.chunks(chunkRows: 60, usesDictionaries: dictionaries),
            ]), workers: workers)
        let expressions = keys.map { Expression.column($0, Self.types[$0]) }
        let residual: Expression? =
            test.hasResidual ? .comparison(.lessOrEqual, .column(2, .bigint), .column(5, .bigint)) : nil
        let node = HashJoinNode(
            kind: test.kind, left: run.tables.scan(1, types: Self.types),
            right: run.tables.scan(2, types: Self.types),
            leftKeys: expressions, rightKeys: expressions, residual: residual)
        let isNarrow = [JoinKind.semi, .anti, .nullAwareAnti, .rightSemi, .rightAnti].contains(test.kind)
        let plan = PhysicalPlan(
            .hashJoin(node), outputTypes: isNarrow ? Self.types : Self.types + Self.types, estimatedRows: 1)
        let expected = Self.reference(test, left.rows, right.rows, keys: keys)
        #expect(try Self.rows(run.rows(plan)) == Self.rows(expected))
    }

    @Test("every kind, with NULL keys and duplicates", arguments: cases, 0..<3 as Range<UInt64>)
    func kinds(test: Case, seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let left = RandomValues.table(Self.types, rowCount: 220, distinct: 40, &random)
        let right = RandomValues.table(
            Self.types, rowCount: 130, distinct: 40, nulls: test.kind != .nullAwareAnti || seed == 0, &random)
        for keys in [[0], [1], [0, 1], [2]] {
            try check(test, left, right, keys: keys, workers: Int(seed) + 1, dictionaries: seed == 1)
        }
    }

    @Test("unique keys, and sides without rows", arguments: cases)
    func unique(test: Case) throws {
        var random = SeededGenerator(seed: 9)
        let left = RandomValues.table(Self.types, rowCount: 420, distinct: 300, &random)
        let rows: [[Value]] = (0..<200).map {
            [.integer(Int32($0 - 100)), .text("t\($0 - 100)"), .bigint(Int64($0))]
        }
        let right = TestTable(types: Self.types, rows: rows)
        let empty = TestTable(types: Self.types, rows: [])
        for keys in [[0], [1], [0, 1]] {
            try check(test, left, right, keys: keys, workers: 2, dictionaries: false)
            try check(test, empty, right, keys: keys, workers: 2, dictionaries: false)
            try check(test, left, empty, keys: keys, workers: 1, dictionaries: true)
        }
    }

    @Test("a cross join gives every pair, and a condition picks among them")
    func cross() throws {
        var random = SeededGenerator(seed: 4)
        let left = RandomValues.table(Self.types, rowCount: 150, &random)
        let right = RandomValues.table(Self.types, rowCount: 90, &random)
        let run = TestRun(tables: MemoryTables([1: left.chunks(), 2: right.chunks(chunkRows: 40)]))
        let condition = Expression.comparison(.less, .column(0, .integer), .column(3, .integer))
        for filter in [nil, condition] {
            let plan = PhysicalPlan(
                .crossJoin(
                    left: run.tables.scan(1, types: Self.types), right: run.tables.scan(2, types: Self.types),
                    condition: filter), outputTypes: Self.types + Self.types, estimatedRows: 1)
            let expected = left.rows.flatMap { first in
                right.rows.filter { second in
                    guard filter != nil else { return true }
                    guard let one = first[0].integerValue, let other = second[0].integerValue else {
                        return false
                    }
                    return one < other
                }.map { first + $0 }
            }
            #expect(try Self.rows(run.rows(plan)) == Self.rows(expected))
        }
    }

    @Test("grouping by a joined text column, whose rows are codes of the build side")
    func groupedJoin() throws {
        let facts = TestTable(
            types: [.integer, .bigint],
            rows: (0..<5_000).map { [.integer(Int32($0 % 37)), .bigint(Int64($0))] })
        let names = TestTable(
            types: [.integer, .text],
            rows: (0..<37).map {
                [.integer(Int32($0)), $0 == 5 ? .null : .text("a category with a long name \($0 % 4)")]
            })
        let run = TestRun(tables: MemoryTables([1: facts.chunks(), 2: names.chunks()]), workers: 2)
        let join = PhysicalPlan(
            .hashJoin(
                HashJoinNode(
                    kind: .inner, left: run.tables.scan(1, types: facts.types),
                    right: run.tables.scan(2, types: names.types),
                    leftKeys: [.column(0, .integer)], rightKeys: [.column(0, .integer)])),
            outputTypes: facts.types + names.types, estimatedRows: 1)
        let plan = try AggregateTests.plan(
            join, groups: [3], [AggregateTests.call("count", nil, join.outputTypes)])
        let counts = Dictionary(uniqueKeysWithValues: try run.rows(plan).map { ($0[0], $0[1]) })
        #expect(counts.count == 5)
        #expect(counts[.null] == .bigint(135))
        let expected = (0..<5_000).count { $0 % 37 % 4 == 2 }
        #expect(counts[.text("a category with a long name 2")] == .bigint(Int64(expected)))
    }
}
