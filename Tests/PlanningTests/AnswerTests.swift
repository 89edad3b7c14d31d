import Columns
import SQLSyntax
import Testing

@testable import Planning

@Suite("Answers of planned queries")
struct AnswerTests {
    @Test("queries give PostgreSQL's rows", arguments: Answers.all.indices)
    func answers(index: Int) throws {
        let answer = Answers.all[index]
        #expect(same(try Shop.run(answer.sql), answer), "\(answer.sql)")
    }

    @Test("the rules of the optimizer do not change rows", arguments: Answers.all.indices)
    func unoptimized(index: Int) throws {
        let answer = Answers.all[index]
        #expect(same(try Shop.run(answer.sql, optimizing: false), answer), "\(answer.sql)")
    }

    /// Rows of a query without ORDER BY may come in any order.
    private func same(_ rows: [String], _ answer: Answers.Answer) -> Bool {
        answer.sql.contains("ORDER BY") ? rows == answer.rows : rows.sorted() == answer.rows.sorted()
    }

    @Test("parameters take the type of their place")
    func parameters() throws {
        let sql = "SELECT id FROM sale WHERE day >= $1 AND city_id = $2 AND sum > $3 ORDER BY id"
        let rows = try Shop.run(sql, parameters: [.text("2024-01-10"), .bigint(1), .text("400")])
        #expect(rows == ["2"])
    }

    @Test("an INSERT gives the table's columns in its order")
    func insert() throws {
        guard
            case .insert(let insert) = try SQLParser.statement(
                in: "INSERT INTO sale (day, id, sum) VALUES ('2024-01-31', 1, 2), (DEFAULT, 2, 3.5)")
        else {
            Issue.record("the statement is an INSERT")
            return
        }
        let planned = try Shop.planner().plan(insert: insert)
        #expect(planned.table == Shop.sale)
        #expect(planned.rows.columns.types == Shop.definitions[Shop.sale]?.columns.types)
    }
}
