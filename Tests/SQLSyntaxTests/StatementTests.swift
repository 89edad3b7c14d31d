import SQLSyntax
import Testing

@Suite("Parsing statements")
struct StatementTests {
    /// Statements in the form in which the printer writes them.
    static let canonical = [
        """
        SELECT a AS x, t.* FROM s.t AS t WHERE a > 1 GROUP BY a HAVING count(*) > 1 ORDER BY 1 \
        DESC NULLS LAST LIMIT 10
        """,
        "SELECT DISTINCT ON (a, b) a FROM t ORDER BY a, b DESC LIMIT 1 OFFSET 2",
        "SELECT FROM t",
        """
        WITH RECURSIVE a (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a WHERE n < 5), b AS \
        MATERIALIZED (TABLE a) SELECT * FROM b
        """,
        "SELECT * FROM a JOIN b ON a.x = b.x LEFT JOIN c USING (y, z) CROSS JOIN d NATURAL JOIN e",
        """
        SELECT * FROM a, LATERAL (SELECT 1) AS b (n), generate_series(1, 2) AS g (i) FULL JOIN (c \
        JOIN d ON TRUE) ON FALSE
        """,
        "SELECT * FROM t TABLESAMPLE bernoulli (10) REPEATABLE (1)",
        "SELECT a FROM t UNION SELECT b FROM t INTERSECT SELECT c FROM t EXCEPT ALL SELECT d FROM t",
        "(SELECT 1 ORDER BY 1 LIMIT 1) UNION ALL VALUES (2), (3) ORDER BY 1",
        "SELECT a, sum(b) FROM t GROUP BY ROLLUP (a, (b, c)), CUBE (d), GROUPING SETS (e, (f, g), ())",
        """
        SELECT row_number() OVER w FROM t WINDOW w AS (PARTITION BY a ORDER BY b) QUALIFY \
        row_number() OVER w = 1
        """,
        "SELECT a FROM t OFFSET 1 FETCH FIRST (3) ROWS WITH TIES",
        "SELECT \"select\", \"A b\", Цена, цена FROM \"table\"",
        "SELECT * FROM a ASOF JOIN b ON a.t >= b.t",
        "SELECT * FROM s.t AS OF VERSION 12 AS x JOIN u AS OF $1 ON x.a = u.a",
        "ALTER TABLE s.t SET (compression = 'lz4', bloom = (a, b))",
        "EXPLAIN (ANALYZE, FORMAT JSON) SELECT 1",
        """
        CREATE TABLE IF NOT EXISTS s.t (a integer NOT NULL, b numeric(18, 2) DEFAULT 0, c text, \
        PRIMARY KEY (a, c)) ORDER BY (b) WITH (level = 3, bloom = (a, b))
        """,
        "CREATE TABLE t (a bigint PRIMARY KEY, b timestamp with time zone)",
        "CREATE TABLE t (a, b) AS SELECT 1, 2 WITH NO DATA",
        "CREATE TABLE t (a integer, UNIQUE (a), CONSTRAINT u UNIQUE (a, b))",
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE (a, b)",
        "CREATE UNIQUE INDEX IF NOT EXISTS i ON s.t ((a), (b))",
        "REINDEX TABLE s.t",
        "DROP INDEX IF EXISTS i",
        "DROP TABLE IF EXISTS a, s.b CASCADE",
        "CREATE OR REPLACE VIEW v (a) AS SELECT 1",
        "DROP VIEW v",
        "ALTER TABLE t ADD COLUMN IF NOT EXISTS a integer",
        "INSERT INTO t (a, b) VALUES (1, DEFAULT), (2, 'x') RETURNING a",
        "INSERT INTO t DEFAULT VALUES",
        "UPDATE t AS x SET a = 1, b = b + 1 FROM u WHERE u.id = x.id RETURNING *",
        "DELETE FROM t AS x USING u WHERE u.id = x.id",
        "COPY t (a, b) FROM '/x.csv' WITH (format = 'csv', header)",
        "COPY (SELECT 1) TO STDOUT",
        "SHOW ALL",
        "SET statement_timeout = 100",
        "DESCRIBE s.t",
        "BEGIN", "COMMIT", "ROLLBACK",
    ]

    @Test("what the printer writes is read back and printed the same", arguments: canonical)
    func roundTrip(sql: String) throws {
        let printer = SQLPrinter()
        let statement = try SQLParser.statement(in: sql)
        let printed = printer.text(statement)
        // A bare word as an option's value is a string.
        #expect(printed == sql.replacing("bloom = (a, b)", with: "bloom = ('a', 'b')"))
        let explicit = SQLPrinter(parenthesizesEverything: true)
        #expect(explicit.text(try SQLParser.statement(in: printed)) == explicit.text(statement))
    }

    @Test(
        "errors name the word and its place",
        arguments: [
            ("SELECT a FORM t WHERE", "syntax error at or near \"t\"", 15),
            ("SELECT a FROM", "syntax error at end of input", 14),
            ("SELEC 1", "syntax error at or near \"SELEC\"", 1),
            ("SELECT 'ж', FROM t", "syntax error at or near \"FROM\"", 13),
            ("SELECT 1 LIMIT 1 LIMIT 2", "multiple LIMIT clauses not allowed", 18),
            ("VALUES (1), (1, 2)", "VALUES lists must all be the same length", 13),
            ("SELECT * FROM a JOIN b", "syntax error at end of input", 23),
            ("SELECT a.b.c.d.e FROM", "syntax error at end of input", 22),
            ("SELECT 1 FROM t WHERE a = ORDER BY 1", "syntax error at or near \"ORDER\"", 27),
        ])
    func errors(sql: String, message: String, position: Int) {
        let error = #expect(throws: SQLError.self) { try SQLParser.statement(in: sql) }
        #expect(error?.message == message)
        #expect(error?.position == position)
        #expect(error?.code == .syntaxError)
    }

    @Test("what is not there yet says so")
    func unsupported() {
        let error = #expect(throws: SQLError.self) {
            try SQLParser.statement(in: "CREATE TEMP TABLE t (a int)")
        }
        #expect(error?.code == .featureNotSupported)
        #expect(error?.position == 8)
    }

    @Test("several statements are separated by semicolons")
    func several() throws {
        let all = try SQLParser.statements(in: ";SELECT 1;; SELECT ';' ;")
        #expect(all.map(\.span) == [SourceSpan(start: 2, end: 10), SourceSpan(start: 13, end: 23)])
        #expect(try SQLParser.split("SELEC 1; -- ;\n SELECT ';'; ") == ["SELEC 1", "SELECT ';'"])
        #expect(try SQLParser.statements(in: " -- nothing\n").isEmpty)
    }

    @Test("too long a text is an error")
    func length() {
        let text = String(repeating: " ", count: SQLLimits.textBytesMax + 1)
        let error = #expect(throws: SQLError.self) { try SQLParser.statements(in: text) }
        #expect(error?.code == .programLimitExceeded)
    }

    @Test("Spark's dialect has its own quotes, strings and types")
    func spark() throws {
        let statement = try SQLParser.statement(in: #"SELECT "Цена"::text || '\n''' FROM t"#)
        #expect(
            SQLPrinter(dialect: .spark).text(statement) == #"SELECT CAST(`Цена` AS string) || '\\n\'' FROM t"#
        )
    }
}
