import SQLSyntax
import Testing

@Suite("Parsing expressions")
struct ExpressionTests {
    private func shape(_ sql: String) throws -> String {
        SQLPrinter(parenthesizesEverything: true).text(try SQLParser.expression(in: sql))
    }

    @Test(
        "operators bind as in PostgreSQL",
        arguments: [
            ("1 + 2 * 3 ^ 2", "(1 + (2 * (3 ^ 2)))"),
            ("1 - 2 - 3", "((1 - 2) - 3)"),
            ("-2 ^ 2", "((-2) ^ 2)"),
            ("-a::integer", "(-CAST(a AS integer))"),
            ("NOT a = b", "(NOT (a = b))"),
            ("NOT a AND b OR c", "(((NOT a) AND b) OR c)"),
            ("a OR b AND c OR d", "(a OR (b AND c) OR d)"),
            ("a = b IS NULL", "((a = b) IS NULL)"),
            ("a IS NULL = b", "((a IS NULL) = b)"),
            ("a || b = c || d", "((a || b) = (c || d))"),
            ("a + b || c", "((a + b) || c)"),
            ("a BETWEEN 1 AND 2 AND c", "((a BETWEEN 1 AND 2) AND c)"),
            ("a NOT BETWEEN SYMMETRIC 1 + 1 AND 2 OR c", "((a NOT BETWEEN SYMMETRIC (1 + 1) AND 2) OR c)"),
            ("a LIKE b || '%' ESCAPE '!'", "(a LIKE (b || '%') ESCAPE '!')"),
            ("a NOT ILIKE 'x' AND b", "((a NOT ILIKE 'x') AND b)"),
            ("a -> 'x' ->> 'y'", "((a -> 'x') ->> 'y')"),
            ("a < b IS TRUE", "((a < b) IS TRUE)"),
            ("a IS NOT DISTINCT FROM b + 1", "(a IS NOT DISTINCT FROM (b + 1))"),
            ("a IN (1, 2 + 3) = TRUE", "((a IN (1, (2 + 3))) = TRUE)"),
            ("@ -5 + 1", "(@ ((-5) + 1))"),
            ("x AT TIME ZONE 'UTC' + y", "(timezone('UTC', x) + y)"),
            ("a COLLATE \"C\" < b", "((a COLLATE \"C\") < b)"),
            ("a ~ 'x' AND a !~* 'y'", "((a ~ 'x') AND (a !~* 'y'))"),
            ("a SIMILAR TO 'x'", "(a SIMILAR TO 'x')"),
            ("a = ANY (b) AND c > ALL (SELECT 1)", "((a = ANY (b)) AND (c > ALL (SELECT 1)))"),
        ])
    func precedence(sql: String, expected: String) throws {
        #expect(try shape(sql) == expected)
    }

    @Test(
        "special forms become calls",
        arguments: [
            ("extract(year FROM d)", "extract('year', d)"),
            ("position('a' IN b)", "strpos(b, 'a')"),
            ("substring(a FROM 2 FOR 3)", "substring(a, 2, 3)"),
            ("substring(a, 2)", "substring(a, 2)"),
            ("trim(LEADING 'x' FROM a)", "ltrim(a, 'x')"),
            ("trim(a)", "btrim(a)"),
            ("overlay(a PLACING b FROM 1 FOR 2)", "overlay(a, b, 1, 2)"),
            ("CURRENT_DATE", "current_date"),
            ("coalesce(a, NULL, 1.50)", "coalesce(a, NULL, 1.50)"),
            ("left(a, 2)", "left(a, 2)"),
            ("DATE '2024-01-31' + INTERVAL '3' DAY", "(date '2024-01-31' + interval '3 day')"),
            ("timestamp(3) without time zone '2024-01-31'", "timestamp(3) '2024-01-31'"),
            ("numeric(10, 2) '1.5'", "numeric(10, 2) '1.5'"),
            ("a::numeric(18,2)[]", "CAST(a AS numeric(18, 2)[])"),
            ("CAST(a AS double precision)", "CAST(a AS double precision)"),
            ("CASE a WHEN 1 THEN 'x' ELSE 'y' END", "CASE a WHEN 1 THEN 'x' ELSE 'y' END"),
            ("(1, 2)", "ROW(1, 2)"),
            ("ARRAY[1, 2][1]", "ARRAY[1, 2][1]"),
            ("(a).b", "(a).b"),
            ("((SELECT 1) + 1)", "((SELECT 1) + 1)"),
            ("((SELECT 1) UNION (SELECT 2))", "((SELECT 1) UNION (SELECT 2))"),
            ("EXISTS (SELECT)", "EXISTS (SELECT)"),
            ("string_agg(DISTINCT a, ',' ORDER BY b DESC)", "string_agg(DISTINCT a, ',' ORDER BY b DESC)"),
            (
                "percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FILTER (WHERE b)",
                "percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FILTER (WHERE b)"
            ),
            (
                "sum(a) OVER (w PARTITION BY b ORDER BY c ROWS 2 PRECEDING)",
                "sum(a) OVER (w PARTITION BY b ORDER BY c ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)"
            ),
        ])
    func forms(sql: String, expected: String) throws {
        #expect(try shape(sql) == expected)
    }

    @Test("comparisons do not chain")
    func chain() {
        let error = #expect(throws: SQLError.self) { try SQLParser.expression(in: "a < b < c") }
        #expect(error?.message == "syntax error at or near \"<\"")
        #expect(error?.position == 7)
    }

    @Test("nesting beyond the limit is an error, in every form")
    func nesting() {
        let deep = SQLLimits.nestingMax + 10
        let forms = [
            String(repeating: "(", count: deep) + "1" + String(repeating: ")", count: deep),
            String(repeating: "(", count: 50_000),
            String(repeating: "- ", count: deep) + "1",
            String(repeating: "NOT ", count: deep) + "TRUE",
            "1" + String(repeating: "+ 1", count: deep),
            "a" + String(repeating: "::text", count: deep),
            String(repeating: "f(", count: deep) + "1" + String(repeating: ")", count: deep),
            String(repeating: "ARRAY[", count: deep),
            String(repeating: "CASE WHEN ", count: deep),
            String(repeating: "(SELECT ", count: deep),
        ]
        for form in forms {
            let error = #expect(throws: SQLError.self) { try SQLParser.expression(in: form) }
            #expect(error?.code == .statementTooComplex)
        }
        // Each operand of a long chain may itself be a chain: the heights add up.
        var tower = "1"
        for _ in 0..<5 { tower = "(" + tower + ")" + String(repeating: " + 1", count: 100) }
        let error = #expect(throws: SQLError.self) { try SQLParser.expression(in: tower) }
        #expect(error?.code == .statementTooComplex)
    }

    @Test("long chains of AND and long lists are no nesting")
    func width() throws {
        _ = try SQLParser.expression(in: "a" + String(repeating: " AND a", count: 20_000))
        _ = try SQLParser.expression(in: "a IN (1" + String(repeating: ", 1", count: 20_000) + ")")
    }
}
