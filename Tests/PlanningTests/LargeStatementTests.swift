import Columns
import Glibc
import SQLSyntax
import Testing

@testable import Planning

/// Statements that are long rather than deep: their planning is bounded, and they run.
@Suite("Large statements")
struct LargeStatementTests {
    /// Seconds that the thread takes to plan; a debug build takes about ten times as long as a release build.
    private func planningSeconds(_ sql: String) throws -> Double {
        let statement = try SQLParser.statement(in: sql)
        let start = Self.threadSeconds()
        let planned = try Shop.planner().plan(statement: statement)
        #expect(planned.columns.types == planned.plan.outputTypes)
        return Self.threadSeconds() - start
    }

    private static func threadSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func repeated(_ count: Int, _ sign: String, _ part: (Int) -> String) -> String {
        (0..<count).map(part).joined(separator: sign)
    }

    static let joins: [String: String] = {
        let tables = repeated(70, ", ") { "city t\($0)" }
        func pairs(_ sign: String, _ condition: (Int) -> String) -> String {
            (1..<70).map(condition).joined(separator: sign)
        }
        func joined(_ kind: String, _ condition: (Int) -> String) -> String {
            "SELECT count(*) FROM city t0 " + pairs(" ") { "\(kind) city t\($0) \(condition($0))" }
        }
        return [
            "chain": joined("JOIN") { "ON t\($0 - 1).id = t\($0).id" },
            "star": joined("JOIN") { "ON t0.id = t\($0).id" },
            "left": joined("LEFT JOIN") { "ON t0.id = t\($0).id" },
            "full": joined("FULL JOIN") { "ON t0.id = t\($0).id" },
            "using": joined("JOIN") { _ in "USING (id)" },
            "natural": joined("NATURAL JOIN") { _ in "" },
            "commas": "SELECT count(*) FROM \(tables) WHERE "
                + pairs(" AND ") { "t\($0 - 1).id = t\($0).id" },
            "clique": "SELECT count(*) FROM \(tables) WHERE "
                + pairs(" AND ") { right in
                    (0..<right).map { "t\($0).id = t\(right).id" }.joined(separator: " AND ")
                },
            "product": "SELECT 1 FROM \(tables)",
            "filtered product": "SELECT 1 FROM \(tables) WHERE " + pairs(" AND ") { "t\($0).id = 1" },
            "inequalities": "SELECT 1 FROM \(tables) WHERE " + pairs(" AND ") { "t\($0 - 1).id < t\($0).id" },
        ]
    }()

    @Test("seventy tables are planned in bounded time", arguments: joins.keys.sorted())
    func seventyTables(shape: String) throws {
        let seconds = try planningSeconds(Self.joins[shape] ?? "")
        #expect(seconds < 10, "\(shape) took \(seconds) s")
    }

    /// Statements with how many rows they give.
    static let long: [String: (sql: String, rows: Int)] = [
        "500 columns": (
            "SELECT " + repeated(500, ", ") { "c\($0)" } + " FROM (SELECT "
                + repeated(500, ", ") { "id + \($0) AS c\($0)" } + " FROM city) x WHERE "
                + repeated(500, " AND ") { "c\($0) > -1" } + " LIMIT 1", 1
        ),
        "list of 2000": (
            "SELECT 1 FROM city WHERE id NOT IN (" + repeated(2000, ", ") { "\($0 + 1_000_000)" }
                + ") LIMIT 1",
            1
        ),
        "list of 2000 expressions": (
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM city WHERE id NOT IN ("
                + repeated(2000, ", ") { "id + \($0 + 1)" } + "))", 1
        ),
        "1000 branches": (
            "SELECT CASE " + repeated(1000, " ") { "WHEN id = -\($0 + 1) THEN \($0)" }
                + " ELSE -1 END FROM city LIMIT 1", 1
        ),
        "1000 UNION ALL": (repeated(1000, " UNION ALL ") { "SELECT \($0) AS a" }, 1000),
        "1000 UNION": (repeated(1000, " UNION ") { "SELECT \($0 % 10) AS a" }, 10),
        "UNION of tables": (
            "SELECT count(*) FROM (" + repeated(300, " UNION ALL ") { "SELECT id + \($0) AS a FROM city" }
                + ") x", 1
        ),
        "UNION that widens": (
            "SELECT 1::smallint AS a UNION ALL SELECT 2 UNION ALL SELECT 3::bigint UNION ALL "
                + repeated(100, " UNION ALL ") { "SELECT \($0).5" } + " UNION ALL SELECT 1e3::float", 104
        ),
        "300 common tables": (
            "WITH c0 AS (SELECT 1 AS a), "
                + (1..<300).map { "c\($0) AS (SELECT a + 1 AS a FROM c\($0 - 1))" }.joined(separator: ", ")
                + " SELECT a FROM c299", 1
        ),
        "common tables read twice": (
            "WITH c0 AS (SELECT 1 AS a), "
                + (1..<40).map {
                    "c\($0) AS (SELECT x.a FROM c\($0 - 1) x JOIN c\($0 - 1) y ON x.a = y.a)"
                }.joined(separator: ", ") + " SELECT a FROM c39", 1
        ),
        "10,000 AND": (
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM city WHERE "
                + repeated(10_000, " AND ") { "id <> -\($0 + 1)" } + ")", 1
        ),
        "10,000 OR": (
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM city WHERE "
                + repeated(10_000, " OR ") { "id > \($0) " } + ")", 1
        ),
        "10,000 texts": (
            "SELECT length(" + repeated(10_000, " || ") { _ in "name" } + ") FROM city LIMIT 1", 1
        ),
        "10,000 constants": ("SELECT " + repeated(10_000, " || ") { "'\($0)'" }, 1),
        "100 subqueries": (
            "SELECT " + repeated(100, ", ") { "(SELECT max(c.id) + \($0) FROM city c WHERE c.id = s.id)" }
                + " FROM city s LIMIT 1", 1
        ),
        "200 windows": (
            "SELECT " + repeated(200, ", ") { "sum(id) OVER (ORDER BY id + \($0))" } + " FROM city LIMIT 1", 1
        ),
    ]

    @Test("long statements are planned in bounded time and run", arguments: long.keys.sorted())
    func longStatements(name: String) throws {
        guard let (sql, rows) = Self.long[name] else { return }
        let seconds = try planningSeconds(sql)
        #expect(seconds < 10, "\(name) took \(seconds) s to plan")
        #expect(try Shop.run(sql).count == rows)
    }

    @Test("joined texts give what || gives one by one")
    func joinedTexts() throws {
        let expected = (0..<50).map { "\($0)" }.joined()
        #expect(try Shop.run("SELECT " + Self.repeated(50, " || ") { "'\($0)'" }) == [expected])
        #expect(try Shop.run("SELECT 'a' || 1 || true || NULL || 'b'") == ["∅"])
        #expect(try Shop.run("SELECT 'a' || 1 || true || 'b'") == ["a1trueb"])
        #expect(try Shop.run("SELECT ARRAY[1] || 2 || ARRAY[3, 4] || 5") == ["{1,2,3,4,5}"])
        #expect(try Shop.run("SELECT 'a' || 'b' || 'c' || ARRAY['d'] || 'e'::text") == ["{abc,d,e}"])
        #expect(throws: SQLError.self) { try Shop.run("SELECT 1 || 2 || 'a'") }
    }

    @Test("a product of seventy tables gives the rows of its LIMIT")
    func limitedProduct() throws {
        let tables = Self.repeated(70, ", ") { "city t\($0)" }
        #expect(try Shop.run("SELECT 1 FROM \(tables) LIMIT 3") == ["1", "1", "1"])
        let left = (1..<40).map { "LEFT JOIN city t\($0) ON true" }.joined(separator: " ")
        #expect(try Shop.run("SELECT 1 FROM city t0 \(left) WHERE t0.id IS NOT NULL LIMIT 2").count == 2)
        #expect(try Shop.run("SELECT count(*) FROM (SELECT 1 FROM \(tables) LIMIT 5000) x") == ["5000"])
    }

    @Test("a chain that nests too deep is an error")
    func nestedChain() {
        let error = #expect(throws: SQLError.self) {
            try Shop.run("SELECT ARRAY[0]" + (0..<1000).map { " || \($0)" }.joined())
        }
        #expect(error?.code == .statementTooComplex)
    }
}
