import Columns
import Foundation
import Storage
import Testing
import WarehouseEngine

/// The TPC-H queries at scale factor 0.01 against published answers.
///
/// `TPCH/data` is what `tpchgen-cli parquet -s 0.01 -c 'ZSTD(15)'` writes; `TPCH/answers` has a line of names
/// and one a row.
@Suite("TPC-H")
struct TPCHTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "TPCH")

    static let tables = [
        "region": "r_regionkey bigint PRIMARY KEY, r_name text, r_comment text",
        "nation": "n_nationkey bigint PRIMARY KEY, n_name text, n_regionkey bigint, n_comment text",
        "part": """
            p_partkey bigint PRIMARY KEY, p_name text, p_mfgr text, p_brand text, p_type text, \
            p_size integer, p_container text, p_retailprice numeric(15,2), p_comment text
            """,
        "supplier": """
            s_suppkey bigint PRIMARY KEY, s_name text, s_address text, s_nationkey bigint, s_phone text, \
            s_acctbal numeric(15,2), s_comment text
            """,
        "partsupp": """
            ps_partkey bigint, ps_suppkey bigint, ps_availqty integer, ps_supplycost numeric(15,2), \
            ps_comment text, PRIMARY KEY (ps_partkey, ps_suppkey)
            """,
        "customer": """
            c_custkey bigint PRIMARY KEY, c_name text, c_address text, c_nationkey bigint, c_phone text, \
            c_acctbal numeric(15,2), c_mktsegment text, c_comment text
            """,
        "orders": """
            o_orderkey bigint PRIMARY KEY, o_custkey bigint, o_orderstatus text, \
            o_totalprice numeric(15,2), o_orderdate date, o_orderpriority text, o_clerk text, \
            o_shippriority integer, o_comment text
            """,
        "lineitem": """
            l_orderkey bigint, l_partkey bigint, l_suppkey bigint, l_linenumber integer, \
            l_quantity numeric(15,2), l_extendedprice numeric(15,2), l_discount numeric(15,2), \
            l_tax numeric(15,2), l_returnflag text, l_linestatus text, l_shipdate date, \
            l_commitdate date, l_receiptdate date, l_shipinstruct text, l_shipmode text, l_comment text, \
            PRIMARY KEY (l_orderkey, l_linenumber)
            """,
    ]

    static let queries = (1...22).map { $0 < 10 ? "q0\($0)" : "q\($0)" }

    @Test("all queries give the published answers")
    func answers() throws {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "ambar-tpch-\(UUID().uuidString)"
        ).path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let warehouse = try Warehouse.open(directory: directory, mode: .readWrite)
        for (name, columns) in Self.tables {
            _ = try warehouse.run("CREATE TABLE \(name) (\(columns))").allRows()
            let file = Self.folder.appending(path: "data/\(name).parquet").path
            _ = try warehouse.run("COPY \(name) FROM '\(file)' (FORMAT parquet)").allRows()
        }
        for name in Self.queries {
            let sql = try text("queries/\(name).sql")
            var lines = try text("answers/\(name).csv").split(
                separator: "\n", omittingEmptySubsequences: false)
            if lines.last == "" { lines.removeLast() }
            let expected = lines.dropFirst().map { $0.split(separator: "|", omittingEmptySubsequences: false) }
            let rows = try warehouse.run(sql).allRows().map { $0.map { $0.text ?? "" } }
            #expect(rows.count == expected.count, "\(name): number of rows")
            for (row, wanted) in zip(rows, expected) {
                #expect(Self.agree(row, wanted), "\(name): \(row) should be \(wanted)")
            }
        }
    }

    @Test("no subquery is left to run once a row", arguments: ["q02", "q04", "q17", "q20", "q21", "q22"])
    func plans(name: String) throws {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "ambar-tpch-\(UUID().uuidString)"
        ).path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let warehouse = try Warehouse.open(directory: directory, mode: .readWrite)
        for (name, columns) in Self.tables {
            _ = try warehouse.run("CREATE TABLE \(name) (\(columns))").allRows()
        }
        let lines = try warehouse.run("EXPLAIN " + text("queries/\(name).sql")).allRows()
        let plan = lines.map { $0.first?.text ?? "" }.joined(separator: "\n")
        #expect(plan.contains("Hash join"), "\(plan)")
        #expect(!plan.contains("Cross join"), "\(plan)")
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.folder.appending(path: path), encoding: .utf8)
    }

    /// Whether all cells are equal, numbers to a millionth.
    private static func agree(_ row: [String], _ wanted: [Substring]) -> Bool {
        guard row.count == wanted.count else { return false }
        return zip(row, wanted).allSatisfy { cell, want in
            if cell == want { return true }
            guard let first = Double(cell), let second = Double(want) else { return false }
            return abs(first - second) <= 1e-6 * max(1, abs(second))
        }
    }
}
