import Foundation
import Testing
import WarehouseEngine

/// Statements of the topics with words of others in them, on the tables of their topic, with little memory
/// and time: rows or an error that says what it is, never a trap. AMBAR_LONG_TESTS=1 tries thirty times as
/// many.
@Suite("Fuzzing statements")
struct StatementFuzzTests {
    static let isLong = ProcessInfo.processInfo.environment["AMBAR_LONG_TESTS"] == "1"
    static let changesPerTopic = isLong ? 450 : 15
    static let timeLimit = Duration.milliseconds(250)

    /// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
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

    static let words = [
        "NULL", "''", "'x'", "0", "-1", "1e308", "'NaN'::float8", "9223372036854775807",
        "-9223372036854775808",
        "99999999999999999999999999999999999999", "0.00000000000000000001", "true", "*", "DISTINCT", "NOT",
        "(SELECT 1)", "(SELECT NULL::integer)", "count(*)", "IS NULL", "DATE '0001-01-01'",
        "TIMESTAMP 'infinity'", "INTERVAL '100000000 months'", "ARRAY[]::integer[]", "'{1,NULL}'::integer[]",
        "/ 0", "% 0", "|| NULL", "::text", "::integer", "::numeric(38,0)", "::date", "GROUP BY 1",
        "ORDER BY 1",
        "LIMIT 0", "LIMIT 1", "OFFSET 1000000", "UNION ALL SELECT 1", "EXCEPT SELECT 1", "LEFT JOIN",
        "ON true",
        "CROSS JOIN generate_series(1, 3000)", "OVER ()", "OVER (ORDER BY 1 ROWS 1 PRECEDING)", "AS x", ",",
        "repeat('ж', 100000)", "generate_series(1, 1000000)", "row_number() OVER ()", "(", ")", "CASE",
    ]

    @Test("a changed statement gives rows or an error", arguments: SQLLogicTests.files)
    func changed(name: String) throws {
        let text = try String(contentsOf: SQLLogicTests.folder.appending(path: name), encoding: .utf8)
        let file = try LogicTestFile(text, name: name)
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "ambar-fuzz-\(UUID().uuidString)"
        ).path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let warehouse = try Warehouse.open(
            directory: directory, mode: .readWrite, resources: QueryResources(memoryBytes: 64 << 20))
        let options = QueryOptions(timeLimit: Self.timeLimit, memoryLimitBytes: 1 << 20)
        var random = SplitMix(state: name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
        var originals: [String] = []
        let setup = Session(warehouse)
        for record in file.records {
            switch record {
            case .statement(let sql, let code, _):
                if code == nil { _ = try? setup.run(sql).allRows() }
                originals.append(sql)
            case .query(let sql, _, _, _): originals.append(sql)
            }
        }
        if setup.transactionStatus != .idle { _ = try? setup.run("ROLLBACK").allRows() }
        for _ in 0..<Self.changesPerTopic {
            let other = originals.randomElement(using: &random) ?? ""
            let sql = changed(originals.randomElement(using: &random) ?? "", other, &random)
            if isLeftOut(sql) { continue }
            run(sql, on: Session(warehouse, options: options), name)
        }
    }

    @Test("views that double at every level are an error before they are too many")
    func doublingViews() throws {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "ambar-fuzz-\(UUID().uuidString)"
        ).path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let session = Session(try Warehouse.open(directory: directory, mode: .readWrite))
        _ = try session.run("CREATE VIEW v0 AS SELECT 1 AS a").allRows()
        var refused: QueryError?
        for level in 1...40 where refused == nil {
            do {
                let from = "v\(level - 1) x JOIN v\(level - 1) y USING (a)"
                _ = try session.run("CREATE VIEW v\(level) AS SELECT a FROM \(from)").allRows()
            } catch {
                refused = error
            }
        }
        #expect(refused?.code == "54001")
        #expect(refused?.message.contains("too many views") ?? false)
        #expect(try session.run("SELECT a FROM v6").allRows().count == 1)
    }

    /// Statements that would lift the limits or write files.
    private func isLeftOut(_ sql: String) -> Bool {
        let first = sql.prefix { $0.isLetter }.uppercased()
        return ["SET", "RESET", "COPY"].contains(first)
    }

    private func run(_ sql: String, on session: Session, _ name: String) {
        do {
            let rows = try session.run(sql)
            var count = 0
            while count < 10_000, let chunk = try rows.next() { count += chunk.selectedCount }
        } catch {
            #expect(error.code.utf8.count == 5 && error.code != "XX000", "\(name): \(error): \(sql)")
            #expect(
                !error.message.isEmpty && (error.position ?? 1) <= sql.count + 1, "\(name): \(error): \(sql)")
        }
    }

    private func changed(_ sql: String, _ other: String, _ random: inout SplitMix) -> String {
        var words = sql.split(whereSeparator: \.isWhitespace).map(String.init)
        let others = other.split(whereSeparator: \.isWhitespace).map(String.init)
        for _ in 0..<Int.random(in: 1...3, using: &random) where !words.isEmpty {
            let place = Int.random(in: 0..<words.count, using: &random)
            let pool = Bool.random(using: &random) || others.isEmpty ? Self.words : others
            let word = pool.randomElement(using: &random) ?? ""
            switch Int.random(in: 0..<6, using: &random) {
            case 0: words[place] = word
            case 1, 2: words.insert(word, at: place)
            case 3: words.swapAt(place, Int.random(in: 0..<words.count, using: &random))
            case 4: words.remove(at: place)
            default: words.insert(words[place], at: place)
            }
        }
        return words.joined(separator: " ")
    }
}
