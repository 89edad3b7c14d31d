import SQLSyntax
import Testing

@testable import Planning

@Suite("Mistakes in queries")
struct ErrorTests {
    struct Mistake: Sendable {
        var sql: String
        var code: SQLState
        var message: String
        var position: Int?
        var hint: String?

        init(_ sql: String, _ code: SQLState, _ message: String, at position: Int?, hint: String? = nil) {
            self.sql = sql
            self.code = code
            self.message = message
            self.position = position
            self.hint = hint
        }
    }

    static let mistakes = [
        Mistake(
            "SELECT quantiti FROM sale", .undefinedColumn, "column \"quantiti\" does not exist", at: 8,
            hint: "did you mean \"quantity\"?"),
        Mistake(
            "SELECT s.cty_id FROM sale s", .undefinedColumn, "column s.cty_id does not exist", at: 8,
            hint: "did you mean \"city_id\"?"),
        Mistake(
            "SELECT * FROM sales", .undefinedTable, "relation \"sales\" does not exist", at: 15,
            hint: "did you mean \"sale\"?"),
        Mistake(
            "SELECT sale.id FROM sale s", .undefinedTable, "missing FROM-clause entry for table \"sale\"",
            at: 8),
        Mistake("SELECT id FROM sale, city", .ambiguousColumn, "column reference \"id\" is ambiguous", at: 8),
        Mistake(
            "SELECT 1 FROM city, city", .duplicateAlias, "table name \"city\" specified more than once",
            at: 21),
        Mistake(
            "SELECT name, count(*) FROM city", .groupingError,
            "column \"name\" must appear in the GROUP BY clause or be used in an aggregate function", at: 8),
        Mistake(
            "SELECT count(*) FROM city GROUP BY region ORDER BY name", .groupingError,
            "column \"name\" must appear in the GROUP BY clause or be used in an aggregate function", at: 52),
        Mistake(
            "SELECT id FROM sale WHERE sum(sum) > 1", .groupingError,
            "aggregate functions are not allowed in WHERE", at: 27),
        Mistake(
            "SELECT sum(count(*)) FROM sale", .groupingError, "aggregate function calls cannot be nested",
            at: 12),
        Mistake(
            "SELECT sqrrt(2)", .undefinedFunction, "function sqrrt(integer) does not exist", at: 8,
            hint: "did you mean \"sqrt\"?"),
        Mistake(
            "SELECT name + 1 FROM city", .undefinedFunction, "operator does not exist: text + integer", at: 8,
            hint: "No operator matches the given argument types. You might need to add explicit type casts."),
        Mistake(
            "SELECT id FROM city WHERE id = name", .undefinedFunction,
            "operator does not exist: integer = text", at: 27,
            hint: "No operator matches the given argument types. You might need to add explicit type casts."),
        Mistake(
            "SELECT id FROM city WHERE id = 'x'", .invalidTextRepresentation,
            "invalid input syntax for type integer: \"x\"", at: 32),
        Mistake(
            "SELECT id FROM sale WHERE day > '2024-13-01'", .datetimeFieldOverflow,
            "date/time field value out of range: \"2024-13-01\"", at: 33),
        Mistake(
            "SELECT id FROM sale WHERE day > 'soon'", .invalidDatetimeFormat,
            "invalid input syntax for type date: \"soon\"", at: 33),
        Mistake(
            "SELECT id FROM city WHERE id", .datatypeMismatch,
            "argument of WHERE must be type boolean, not type integer", at: 27),
        Mistake(
            "SELECT CASE WHEN true THEN 1 ELSE name END FROM city", .datatypeMismatch,
            "CASE types integer and text cannot be matched", at: 35),
        Mistake(
            "SELECT 1 UNION SELECT name FROM city", .datatypeMismatch,
            "UNION types integer and text cannot be matched", at: 23),
        Mistake(
            "SELECT 1, 2 UNION SELECT 3", .syntaxError,
            "each UNION query must have the same number of columns", at: 26),
        Mistake(
            "SELECT id FROM city ORDER BY 2", .invalidColumnReference,
            "ORDER BY position 2 is not in select list",
            at: 30),
        Mistake(
            "SELECT DISTINCT id FROM city ORDER BY name", .invalidColumnReference,
            "for SELECT DISTINCT, ORDER BY expressions must appear in select list", at: 39),
        Mistake("SELECT 1 LIMIT -1", .invalidRowCountInLimitClause, "LIMIT must not be negative", at: 16),
        Mistake("SELECT $2", .undefinedParameter, "there is no parameter $2", at: 8),
        Mistake("SELECT '1'::nubmer", .undefinedObject, "type \"nubmer\" does not exist", at: 13),
        Mistake("SELECT true::date", .cannotCoerce, "cannot cast type boolean to date", at: 8),
        Mistake(
            "SELECT (SELECT 1, 2)", .syntaxError, "subquery must return only one column", at: 8),
        Mistake(
            "SELECT 1 FROM (VALUES (1)) v (x) WHERE sum(x) OVER () = 1", .windowingError,
            "window functions are not allowed in WHERE", at: 40),
        Mistake(
            "SELECT * FROM city c RIGHT JOIN LATERAL (SELECT c.id AS x) l ON true",
            .invalidColumnReference,
            "invalid reference to \"c.id\" of the left side of a RIGHT JOIN", at: 49),
        Mistake(
            "SELECT region, (SELECT max(id) FROM sale s WHERE s.city_id = c.id) FROM city c GROUP BY region",
            .groupingError, "subquery uses ungrouped column \"c.id\" from outer query", at: 62),
    ]

    @Test("each is named with its code, its place and a way out", arguments: mistakes.indices)
    func mistake(index: Int) throws {
        let expected = Self.mistakes[index]
        let statement = try SQLParser.statement(in: expected.sql)
        let error = #expect(throws: SQLError.self) { try Shop.planner().plan(statement: statement) }
        #expect(error?.message == expected.message)
        #expect(error?.code == expected.code)
        #expect(error?.position == expected.position, "\(expected.sql)")
        if let hint = expected.hint { #expect(error?.hint == hint) }
    }
}
