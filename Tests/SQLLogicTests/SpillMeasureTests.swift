import Columns
import Foundation
import Storage
import Testing
import WarehouseEngine

/// Time, memory and temporary bytes of large queries with less and less memory; meaningful only in a release
/// build. AMBAR_BENCH_STORE names the directory of a store with TPC-H's tables, scale factor 1;
/// AMBAR_BENCH_MEMORY the budgets in MiB, with commas between.
@Suite(
    "Memory of large queries", .serialized,
    .enabled(if: ProcessInfo.processInfo.environment["AMBAR_BENCH_STORE"] != nil))
struct SpillMeasureTests {
    private static let queries: [(String, String)] = [
        (
            "group by order",
            """
            SELECT count(*), sum(q), max(k) FROM
            (SELECT l_orderkey AS k, sum(l_quantity) AS q FROM lineitem GROUP BY l_orderkey) AS t
            """
        ),
        (
            "sort",
            "SELECT l_orderkey, l_linenumber, l_comment FROM lineitem ORDER BY l_extendedprice, l_orderkey"
        ),
        (
            "join",
            """
            SELECT count(*), sum(a.l_tax), max(b.l_comment) FROM lineitem AS a JOIN lineitem AS b
            ON a.l_orderkey = b.l_orderkey AND a.l_linenumber = b.l_linenumber
            """
        ),
        (
            "distinct by supplier",
            """
            SELECT count(*), sum(n) FROM
            (SELECT l_suppkey, count(DISTINCT l_orderkey) AS n FROM lineitem GROUP BY l_suppkey) AS t
            """
        ),
    ]

    @Test("answers with little memory are those with much")
    func budgets() throws {
        let environment = ProcessInfo.processInfo.environment
        let directory = try #require(environment["AMBAR_BENCH_STORE"])
        let budgetList = environment["AMBAR_BENCH_MEMORY"] ?? "4096,64"
        let budgets = budgetList.split(separator: ",").compactMap { Int($0) }
        let wanted = environment["AMBAR_BENCH_QUERIES"]
        let warehouse = try Warehouse.open(directory: directory, mode: .readOnly, cacheBytes: 32 << 20)
        for (name, sql) in Self.queries where wanted?.contains(name) ?? true {
            var first: String?
            for budget in budgets {
                let options = QueryOptions(memoryLimitBytes: budget << 20, isReadOnly: true)
                // The first run fills the cache.
                if first == nil { _ = try Self.run(sql, warehouse, options) }
                let measured = try Self.run(sql, warehouse, options)
                print(
                    "\(name), \(budget) MiB: \(measured.text), temporary MiB so far"
                        + " \(warehouse.spilledBytes >> 20)")
                if first == nil { first = measured.answer }
                #expect(measured.answer == first)
            }
        }
    }

    private struct Measured {
        var answer: String
        var text: String
    }

    private static func run(
        _ sql: String, _ warehouse: Warehouse, _ options: QueryOptions
    ) throws -> Measured {
        try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
        let before = status("VmRSS")
        let started = ContinuousClock.now
        let cpu = processTime()
        let stream = try warehouse.run(sql, options: options)
        var rowCount = 0
        var last: [Value] = []
        var hash: UInt64 = 0
        while let chunk = try stream.next() {
            rowCount += chunk.selectedCount
            last = chunk.row(chunk.selectedCount - 1)
            hash = Hashing.combine(hash, UInt64(bitPattern: Int64(chunk.row(0)[0].integerValue ?? 0)))
        }
        let used = processTime() - cpu
        let text =
            "\(String(format: "%.2f", used)) s of CPU, wall \(ContinuousClock.now - started), peak"
            + " \(status("VmHWM") >> 10) MiB over \(before >> 10) MiB"
        return Measured(answer: "\(rowCount) \(last) \(rowCount > 1 ? 0 : hash)", text: text)
    }

    /// Seconds of CPU that the process has used.
    private static func processTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// A number of the process's status, in KiB.
    private static func status(_ name: String) -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        return line.flatMap { $0.split(separator: " ").compactMap { Int($0) }.first } ?? 0
    }
}
