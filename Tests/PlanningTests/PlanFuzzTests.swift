import SQLSyntax
import Testing

@testable import Planning

/// A small generator of pseudo-random numbers: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

@Suite("Fuzzing the planner")
struct PlanFuzzTests {
    /// Words that change what a query means without always breaking its grammar.
    static let words = [
        "id", "name", "sum", "day", "moment", "discount", "paid", "region", "NULL", "'x'", "'1'", "0", "-1",
        "1.5", "1e400", "9223372036854775807", "99999999999999999999999999999999999999999", "true", "*",
        "DISTINCT", "NOT", "(SELECT 1)", "(SELECT id FROM city)", "(SELECT max(id) FROM sale)", "count(*)",
        "sum(id)", "IS NULL", "DATE '2024-02-30'", "DATE '5874897-12-31'", "INTERVAL '1 month'", "+", "-",
        "/",
        "%", "=", "IN (1, 'a', NULL)", "IN (SELECT id FROM city)", "EXISTS (SELECT 1)", "::integer", "::date",
        "::numeric(38,38)", "GROUP BY 1", "ORDER BY 1", "LIMIT 0", "UNION SELECT 1", "c", "s", "s.id", "c.id",
        "coalesce(id)", "CASE WHEN paid THEN 1 END", "LEFT JOIN city ON true", "FULL JOIN", "USING (id)", ",",
    ]

    @Test(
        "every text that parses gets a plan or an error with its place",
        arguments: 0..<40 as Range<UInt64>)
    func mutations(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var plannedCount = 0
        for _ in 0..<150 {
            let sql = mutated((Answers.all.randomElement(using: &random))?.sql ?? "", &random)
            guard let statement = try? SQLParser.statement(in: sql) else { continue }
            for isOptimizing in [true, false] {
                do throws(SQLError) {
                    let planned = try Shop.planner(optimizing: isOptimizing).plan(statement: statement)
                    #expect(planned.columns.types == planned.plan.outputTypes, "\(sql)")
                    plannedCount += 1
                } catch {
                    #expect(!error.message.isEmpty && (error.position ?? 1) <= sql.count + 1, "\(sql)")
                }
            }
        }
        #expect(plannedCount > 0)
    }

    private func mutated(_ sql: String, _ random: inout SplitMix) -> String {
        var words = sql.split(separator: " ").map(String.init)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: 0..<words.count, using: &random)
            let word = Self.words.randomElement(using: &random) ?? ""
            switch Int.random(in: 0..<3, using: &random) {
            case 0: words[place] = word
            case 1: words.insert(word, at: place)
            default: words.swapAt(place, Int.random(in: 0..<words.count, using: &random))
            }
        }
        return words.joined(separator: " ")
    }
}
