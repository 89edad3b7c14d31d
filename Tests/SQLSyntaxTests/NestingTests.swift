import Glibc
import SQLSyntax
import Testing

/// Seconds of processor time that the thread has used.
private func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

@Suite("Deep and long statements")
struct NestingTests {
    /// What a level opens with, what stands inside of all, and what a level closes with.
    static let shapes: [(open: String, inside: String, close: String)] = [
        ("(", "1", ")"), ("NOT ", "true", ""), ("- ", "1", ""), ("~ ", "1", ""), ("+ ", "1", ""),
        ("CASE WHEN true THEN ", "1", " END"), ("CASE ", "1", " WHEN 1 THEN 2 END"),
        ("CASE WHEN true THEN 1 ELSE ", "1", " END"), ("CAST(", "1", " AS integer)"), ("", "1", "::integer"),
        ("", "a", "[1]"), ("a[", "1", "]"), ("a[1:", "1", "]"), ("ARRAY[", "1", "]"), ("[", "1", "]"),
        ("abs(", "1", ")"), ("coalesce(1, ", "1", ")"), ("ROW(", "1", ")"), ("(1, ", "1", ")"),
        ("1 + ", "1", ""), ("", "1", " - 1"), ("(1 || ", "1", ")"), ("1 = (", "1", ")"),
        ("1 IN (2, ", "1", ")"), ("1 BETWEEN 0 AND (", "1", ")"), ("'a' LIKE (", "1", ")"),
        ("(true OR ", "true", ")"), ("(true AND ", "true", ")"), ("(SELECT ", "1", ")"),
        ("EXISTS (SELECT ", "1", ")"), ("1 IN (SELECT ", "1", ")"), ("1 = ANY (SELECT ", "1", ")"),
        ("1 = ANY (", "a", ")"), ("ARRAY(SELECT ", "1", ")"), ("extract(year FROM ", "a", ")"),
        ("substring(", "a", " FROM 1)"), ("trim(", "a", ")"), ("", "a", " COLLATE \"C\""),
        ("", "a", " AT TIME ZONE 'UTC'"), ("", "a", " IS NULL"), ("sum(a) FILTER (WHERE ", "true", ")"),
        ("sum(a) OVER (ORDER BY ", "a", ")"), ("", "(a)", ".b"), ("INTERVAL '1' + ", "a", ""),
    ]

    static let queries: [(open: String, inside: String, close: String)] = [
        ("(", "SELECT 1", ")"), ("SELECT * FROM (", "SELECT 1", ") AS t"),
        ("(", "SELECT 1", ") UNION SELECT 1"), ("SELECT 1 UNION (", "SELECT 1", ")"),
        ("", "SELECT 1", " EXCEPT SELECT 1"), ("", "SELECT 1", " INTERSECT SELECT 1"),
        ("", "SELECT 1", " UNION SELECT 1 UNION ALL SELECT 1"), ("WITH t AS (", "SELECT 1", ") SELECT 1"),
        ("EXPLAIN ", "SELECT 1", ""), ("SELECT * FROM a, LATERAL (", "SELECT 1", ") AS t"),
        ("SELECT 1 LIMIT (", "SELECT 1", ")"), ("SELECT 1 ORDER BY (", "SELECT 1", ")"),
        ("SELECT 1 WHERE EXISTS (", "SELECT 1", ")"), ("INSERT INTO t VALUES ((", "SELECT 1", "))"),
    ]

    static let bodies: [(open: String, inside: String, close: String)] = [
        ("(", "t", " CROSS JOIN u)"), ("(t JOIN ", "u", " ON true)"), ("(t NATURAL JOIN ", "u", ")"),
        ("t JOIN ", "u", " ON true"), ("f((SELECT 1 FROM ", "t", "))"),
        ("t GROUP BY ROLLUP (", "a", ")"), ("t GROUP BY GROUPING SETS (", "a", ")"),
    ]

    static let all: [String] = {
        func texts(_ depth: Int) -> [String] {
            func nested(_ shape: (open: String, inside: String, close: String)) -> String {
                String(repeating: shape.open, count: depth) + shape.inside
                    + String(repeating: shape.close, count: depth)
            }
            return shapes.map { "SELECT " + nested($0) } + queries.map(nested)
                + bodies.map { "SELECT 1 FROM " + nested($0) }
        }
        return texts(100) + texts(1000) + texts(4000)
    }()

    @Test("every kind of nesting ends in an error, at once, or is a tree that prints and parses again")
    func depth() {
        for sql in Self.all {
            let start = threadSeconds()
            do throws(SQLError) {
                let statement = try SQLParser.statement(in: sql)
                let explicit = SQLPrinter(parenthesizesEverything: true)
                let again = try? SQLParser.statement(in: SQLPrinter().text(statement))
                // Parentheses of the printer's own may be a level more than are allowed.
                if let again { #expect(explicit.text(again) == explicit.text(statement)) }
            } catch {
                #expect(error.code == .statementTooComplex || error.code == .syntaxError, "\(sql.prefix(80))")
                #expect(
                    error.code == .syntaxError || sql.utf8.count > 400, "\(error.message): \(sql.prefix(80))")
            }
            // A debug build takes about ten times as long as a release build.
            #expect(threadSeconds() - start < 1 + 10e-6 * Double(sql.utf8.count), "\(sql.prefix(80))")
        }
    }

    @Test("at 20,000 levels nothing is a tree")
    func tooDeep() {
        for shape in Self.shapes {
            let sql =
                "SELECT " + String(repeating: shape.open, count: 20_000) + shape.inside
                + String(repeating: shape.close, count: 20_000)
            let error = #expect(throws: SQLError.self, "\(sql.prefix(40))") {
                try SQLParser.statement(in: sql)
            }
            #expect(error?.code == .statementTooComplex || error?.code == .syntaxError, "\(sql.prefix(40))")
        }
    }

    @Test("ten thousand operands of AND, OR, ||, a list or UNION are one level")
    func length() throws {
        let count = 10_000
        let joined = [" AND ", " OR ", " || ", ", ", " AND NOT ", " || 'x' || "].map { sign in
            "SELECT " + (0..<count).map { "a\($0)" }.joined(separator: sign)
        }
        let unions = [" UNION ", " UNION ALL ", " UNION DISTINCT "].map { sign in
            (0..<count).map { "SELECT \($0)" }.joined(separator: sign)
        }
        for sql in joined + unions {
            let statement = try SQLParser.statement(in: sql)
            let printed = SQLPrinter().text(statement)
            #expect(printed == sql.replacing("UNION DISTINCT", with: "UNION"))
            #expect(try SQLPrinter().text(SQLParser.statement(in: printed)) == printed)
        }
        let error = #expect(throws: SQLError.self) {
            try SQLParser.statement(
                in: (0...SQLLimits.unionsMax).map { "SELECT \($0)" }.joined(separator: " UNION ALL "))
        }
        #expect(error?.code == .statementTooComplex)
    }

    @Test(
        "chains keep what stands around them",
        arguments: [
            "SELECT a || b || c -> d || e", "SELECT a || (b || c) || d", "SELECT a || b || c = d || e || f",
            "SELECT (a || b || c)[1]", "SELECT a || b + c || d", "SELECT a || b || c = ANY (d)",
            "SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5",
            "SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 INTERSECT SELECT 4 UNION ALL SELECT 5",
            "SELECT 1 UNION (SELECT 2 UNION SELECT 3 UNION SELECT 4) UNION SELECT 5 ORDER BY 1",
            "(SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) EXCEPT SELECT 4 EXCEPT SELECT 5",
        ])
    func chains(sql: String) throws {
        let statement = try SQLParser.statement(in: sql)
        let printed = SQLPrinter().text(statement)
        #expect(printed == sql)
        let explicit = SQLPrinter(parenthesizesEverything: true)
        let again = try SQLParser.statement(in: explicit.text(statement))
        #expect(explicit.text(again) == explicit.text(statement))
    }

    @Test(
        "no short text takes longer than 100 ms, ten times that in debug",
        arguments: 0..<20 as Range<UInt64>)
    func time(seed: UInt64) {
        var random = SplitMix(state: seed &+ 1000)
        let alphabet =
            FuzzTests.pieces + [
                "9999999999999999999999", "1e999999", "'", "\"", "$tag$", "E'", "U&'", "\\", "\u{FEFF}",
                "/*/*",
                "NOT NOT", "((", "))", "FETCH FIRST", "GROUPING SETS", "ROLLUP", "WINDOW w AS",
                "FILTER (WHERE",
            ]
        for _ in 0..<60 {
            var words: [String] = []
            for _ in 0..<Int.random(in: 1...120, using: &random) {
                words.append(alphabet.randomElement(using: &random) ?? "")
            }
            var bytes = Array(words.joined(separator: Bool.random(using: &random) ? " " : "").utf8)
            if Bool.random(using: &random) { bytes.removeLast(min(bytes.count, 1)) }
            let start = threadSeconds()
            let text = String(decoding: bytes, as: UTF8.self)
            if let parsed = try? SQLParser.statements(in: text) {
                for statement in parsed { _ = SQLPrinter().text(statement.statement) }
            }
            #expect(threadSeconds() - start < 1, "\(text)")
        }
    }
}
