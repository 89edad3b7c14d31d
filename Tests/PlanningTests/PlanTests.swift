import Columns
import SQLSyntax
import Testing

@testable import Planning

@Suite("Plans")
struct PlanTests {
    @Test("queries have the plans of their snapshots", arguments: PlanSnapshots.all.indices)
    func snapshot(index: Int) throws {
        let (sql, plan) = PlanSnapshots.all[index]
        #expect(try Shop.plan(sql) == plan, "\(sql)")
    }

    @Test("a difference of dates and an interval becomes a bound of dates")
    func narrowing() throws {
        let cases = [
            ("day <= DATE '2024-03-31' - INTERVAL '30 days'", "(day <= '2024-03-01')"),
            ("day < DATE '2024-01-31' + INTERVAL '1 month'", "(day < '2024-02-29')"),
            ("day < TIMESTAMP '2024-03-01 10:00'", "(day < '2024-03-02')"),
            ("day <= TIMESTAMP '2024-03-01 10:00'", "(day <= '2024-03-01')"),
            ("day > TIMESTAMP '2024-03-01 10:00'", "(day > '2024-03-01')"),
            ("day >= TIMESTAMP '2024-03-01 10:00'", "(day >= '2024-03-02')"),
        ]
        for (condition, shown) in cases {
            let plan = try Shop.plan("SELECT day FROM sale WHERE \(condition)")
            #expect(plan == "Scan sale: day where \(shown)")
        }
    }

    @Test("what is compared with NULL is not computed")
    func comparedWithNull() throws {
        #expect(try Shop.plan("SELECT id FROM city WHERE NOT id * 2147483647 = NULL") == "Values: 0 × 1")
        #expect(try Shop.run("SELECT id * 2147483647 = NULL + id FROM city") == ["∅", "∅", "∅", "∅"])
    }

    @Test("estimates follow the statistics")
    func estimates() throws {
        let sql = "SELECT c.name FROM sale s JOIN city c ON c.id = s.city_id WHERE s.day >= '2024-07-02'"
        let statement = try SQLParser.statement(in: sql)
        let plan = try Shop.planner().plan(statement: statement).plan
        // Half of the range of days; 8,000 sales over at most 4 cities.
        guard case .project(let join, _) = plan.node, case .hashJoin(let node) = join.node else {
            Issue.record("the plan is a join under a projection")
            return
        }
        #expect(node.left.estimatedRows > 3800 && node.left.estimatedRows < 4200)
        #expect(node.right.estimatedRows == 4)
        #expect(join.estimatedRows > 3000 && join.estimatedRows < 4200)
    }

    @Test("every query is planned in well under a tenth of a second")
    func speed() throws {
        let terms = (1...200).map { "(id = \($0) AND name = 'x\($0)')" }.joined(separator: " OR ")
        let joins = (1...12).map { "JOIN sale s\($0) ON s\($0).id = s0.id" }.joined(separator: " ")
        for sql in ["SELECT id FROM city WHERE \(terms)", "SELECT s0.id FROM sale s0 \(joins)"] {
            let duration = try ContinuousClock().measure { _ = try Shop.plan(sql) }
            #expect(duration < .seconds(2))
        }
    }

    @Test("deeply nested expressions are planned without running out of stack")
    func depth() throws {
        let levels = SQLLimits.nestingMax - 20
        let sum = "SELECT id" + String(repeating: " + 1", count: levels) + " FROM city"
        #expect(try Shop.run(sum).first == String(1 + levels))
        let nested =
            "SELECT " + String(repeating: "abs(", count: levels / 2) + "id"
            + String(repeating: ")", count: levels / 2) + " FROM city"
        #expect(try Shop.run(nested).first == "1")
    }
}
