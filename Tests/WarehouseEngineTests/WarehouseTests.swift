import Columns
import DurableIO
import Foundation
import Storage
import Testing

@testable import WarehouseEngine

@Suite("The warehouse's one door")
struct WarehouseTests {
    private let directory = FileManager.default.temporaryDirectory.appending(
        path: "ambar-wh-\(UUID().uuidString)"
    ).path

    private func withWarehouse(_ body: (Warehouse) throws -> Void) throws {
        let warehouse = try Warehouse.open(directory: directory, mode: .readWrite)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(warehouse)
    }

    private func rows(_ warehouse: Warehouse, _ sql: String, _ parameters: [Value] = []) throws -> [[String?]]
    {
        try warehouse.run(sql, parameters: parameters).allRows().map { $0.map(\.text) }
    }

    private func error(_ warehouse: Warehouse, _ sql: String, _ options: QueryOptions = QueryOptions())
        -> QueryError?
    {
        do {
            _ = try warehouse.run(sql, options: options).allRows()
            return nil
        } catch {
            return error
        }
    }

    @Test("tables are made, filled, asked and dropped, and outlive a reopening")
    func life() throws {
        try withWarehouse { warehouse in
            _ = try warehouse.run(
                "CREATE TABLE sale (id bigint PRIMARY KEY, city text, sum numeric(18,2), day date)")
            let inserted = try warehouse.run(
                """
                INSERT INTO sale VALUES (1, 'Казань', 10.50, '2024-01-31'), (2, 'Москва', 20.25, '2024-02-01'),
                    (3, 'Казань', 0.01, '2024-02-29'), (4, NULL, NULL, NULL)
                """)
            #expect(inserted.changedRows == 4)
            #expect(
                try rows(
                    warehouse,
                    "SELECT city, sum(sum), count(*) FROM sale GROUP BY city ORDER BY city NULLS LAST")
                    == [["Казань", "10.51", "2"], ["Москва", "20.25", "1"], [nil, nil, "1"]])
            #expect(
                try rows(
                    warehouse,
                    "SELECT CAST(date_trunc('month', day) AS date), count(*) FROM sale WHERE day IS NOT NULL GROUP BY 1 ORDER BY 1"
                )
                    == [["2024-01-01", "1"], ["2024-02-01", "2"]])
            #expect(
                try rows(warehouse, "SELECT id FROM sale WHERE sum > $1 ORDER BY 1", [.text("10.5")]) == [
                    ["2"]
                ])
            let copied = try warehouse.run("CREATE TABLE big AS SELECT * FROM sale WHERE sum > 1")
            #expect(copied.changedRows == 2)
            _ = try warehouse.run("DROP TABLE sale")
            #expect(try rows(warehouse, "SHOW TABLES") == [["public", "big", "2"]])
            #expect(error(warehouse, "SELECT * FROM sale")?.code == "42P01")
        }
    }

    @Test("a join, a common table and a subquery agree with arithmetic by hand")
    func joins() throws {
        try withWarehouse { warehouse in
            _ = try warehouse.run("CREATE TABLE a (k bigint, v bigint)")
            _ = try warehouse.run("CREATE TABLE b (k bigint, name text)")
            _ = try warehouse.run("INSERT INTO a VALUES (1, 10), (1, 20), (2, 30), (3, 40)")
            _ = try warehouse.run("INSERT INTO b VALUES (1, 'one'), (2, 'two'), (4, 'four')")
            #expect(
                try rows(
                    warehouse,
                    "SELECT b.name, sum(a.v) FROM b LEFT JOIN a ON a.k = b.k GROUP BY b.name HAVING count(*) > 0 ORDER BY b.name"
                )
                    == [["four", nil], ["one", "30"], ["two", "30"]])
            #expect(
                try rows(
                    warehouse,
                    "WITH t AS (SELECT k, sum(v) AS s FROM a GROUP BY k) SELECT count(*), max(s) FROM (SELECT * FROM t WHERE s >= 30) x"
                )
                    == [["3", "40"]])
            #expect(
                try rows(warehouse, "SELECT v FROM a WHERE k IN (SELECT k FROM b) ORDER BY v DESC LIMIT 2")
                    == [["30"], ["20"]])
        }
    }

    @Test("errors carry PostgreSQL's code, a position and a near match")
    func errors() throws {
        try withWarehouse { warehouse in
            _ = try warehouse.run("CREATE TABLE sale (id bigint, revenue numeric(10,2))")
            let column = error(warehouse, "SELECT revenu FROM sale")
            #expect(column?.code == "42703" && column?.position == 8)
            #expect(column?.hint?.contains("revenue") == true)
            #expect(error(warehouse, "SELECT 1 FORM sale")?.code == "42601")
            #expect(error(warehouse, "SELECT 1 / 0")?.code == "22012")
            #expect(error(warehouse, "CREATE TABLE sale (id bigint)")?.code == "42P07")
            #expect(error(warehouse, "INSERT INTO shop.document VALUES (1)")?.code == "42501")
            #expect(error(warehouse, "DROP TABLE sale", QueryOptions(isReadOnly: true))?.code == "25006")
            #expect(error(warehouse, "SELECT 1; SELECT 2")?.code == "42601")
            #expect(try rows(warehouse, "SELECT count(*) FROM sale") == [["0"]])
        }
    }

    @Test("EXPLAIN shows the plan, ANALYZE what it did, and a time limit ends a query")
    func explain() throws {
        try withWarehouse { warehouse in
            _ = try warehouse.run("CREATE TABLE t (n bigint)")
            _ = try warehouse.run("INSERT INTO t VALUES (1), (2), (3)")
            let plan = try rows(warehouse, "EXPLAIN SELECT sum(n) FROM t WHERE n > 1").compactMap { $0[0] }
            #expect(plan.contains { $0.contains("Scan") } && plan.contains { $0.contains("Aggregate") })
            let done = try rows(warehouse, "EXPLAIN ANALYZE SELECT sum(n) FROM t WHERE n > 1").compactMap {
                $0[0]
            }
            #expect(
                done.contains { $0.contains("actual rows=") } && done.last?.hasPrefix("1 rows in") == true)
            let sorted = try rows(warehouse, "EXPLAIN ANALYZE SELECT n FROM t ORDER BY n")
                .compactMap { $0[0] }
            #expect(sorted.contains { $0.contains("Sort") && $0.contains("memory=") })
            #expect(!sorted.contains { $0.contains("time=0.000") })
            #expect(error(warehouse, "EXPLAIN (FORMAT JSON) SELECT n FROM t")?.code == "0A000")
            let slow =
                "SELECT count(*) FROM t a, t b, t c, t d, t e, t f, t g, t h, t i, t j, t k, t l, t m, t o, t p"
            #expect(error(warehouse, slow, QueryOptions(timeLimit: .milliseconds(50)))?.code == "57014")
        }
    }
}
