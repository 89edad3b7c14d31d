import Columns
import DurableIO
import Foundation
import Storage
import Testing

@testable import WarehouseEngine

/// A warehouse in a folder of its own, with room for files beside it.
final class WarehouseFixture {
    let folder = FileManager.default.temporaryDirectory.appending(path: "ambar-copy-\(UUID().uuidString)")
        .path
    private(set) var warehouse: Warehouse

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        warehouse = try Warehouse.open(directory: folder + "/store", mode: .readWrite, workerCount: 3)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }

    func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: path(name), atomically: true, encoding: .utf8)
        return path(name)
    }

    func text(of name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

    @discardableResult
    func run(_ sql: String, _ options: QueryOptions = QueryOptions()) throws -> Int? {
        try warehouse.run(sql, options: options).changedRows
    }

    func rows(_ sql: String) throws -> [[String?]] {
        try warehouse.run(sql).allRows().map { $0.map(\.text) }
    }

    func error(_ sql: String, _ options: QueryOptions = QueryOptions()) -> QueryError? {
        do {
            _ = try warehouse.run(sql, options: options).allRows()
            return nil
        } catch {
            return error
        }
    }
}

@Suite("COPY")
struct CopyTests {
    @Test("a file is loaded and written again, columns in any order, the rest NULL")
    func fromAndTo() throws {
        let fixture = try WarehouseFixture()
        try fixture.run("CREATE TABLE t (id bigint, name text, price numeric(10,2), day date)")
        let path = try fixture.write("price;id\n1.50;7\n;8\n", to: "in.csv")
        let copied = try fixture.run("COPY t (price, id) FROM '\(path)' WITH (DELIMITER ';', HEADER match)")
        #expect(copied == 2)
        #expect(
            try fixture.rows("SELECT * FROM t ORDER BY id") == [
                ["7", nil, "1.50", nil], ["8", nil, nil, nil],
            ])
        try fixture.run("INSERT INTO t VALUES (9, 'a \"b\", c', 3, '2026-01-31'), (10, '', NULL, NULL)")
        let out = fixture.path("out.csv")
        #expect(try fixture.run("COPY t TO '\(out)' (HEADER)") == 4)
        #expect(
            try fixture.text(of: "out.csv").split(separator: "\n").sorted()
                == [
                    "10,\"\",,", "7,,1.50,", "8,,,", "9,\"a \"\"b\"\", c\",3.00,2026-01-31",
                    "id,name,price,day",
                ].map { Substring($0) })
        let query = "COPY (SELECT id, day FROM t WHERE id = 9) TO '\(out)' WITH (FORCE_QUOTE (id), NULL 'x')"
        #expect(try fixture.run(query) == 1)
        #expect(try fixture.text(of: "out.csv") == "\"9\",2026-01-31\n")
    }

    @Test("many rows keep the order of the file, whatever thread reads them")
    func order() throws {
        let fixture = try WarehouseFixture()
        try fixture.run("CREATE TABLE t (id bigint, name text)")
        var text = ""
        for row in 0..<300_000 { text += "\(row),\"name \(row % 1000)\"\n" }
        let path = try fixture.write(text, to: "many.csv")
        #expect(try fixture.run("COPY t FROM '\(path)'") == 300_000)
        #expect(
            try fixture.rows("SELECT count(*), sum(id), count(DISTINCT name) FROM t")
                == [["300000", "44999850000", "1000"]])
        let snapshot = fixture.warehouse.store.snapshot()
        let id = try #require(snapshot.catalog.table(schema: "public", name: "t"))
        let scan = try snapshot.scan(id, columns: [0])
        var next: Int64 = 0
        let reader = scan.makeReader()
        for morsel in 0..<scan.morselCount where try reader.open(morsel: morsel) {
            while let chunk = try reader.next() {
                for row in 0..<chunk.rowCount {
                    guard chunk.columns[0].value(at: row) == .bigint(next) else {
                        Issue.record("row \(next) is not in its place")
                        return
                    }
                    next += 1
                }
            }
        }
        #expect(next == 300_000)
    }

    @Test("a bad row leaves the table as it was and says where it stands")
    func allOrNothing() throws {
        let fixture = try WarehouseFixture()
        try fixture.run("CREATE TABLE t (id bigint NOT NULL, name text)")
        var text = ""
        for row in 0..<200_000 { text += row == 150_001 ? "oops,x\n" : "\(row),x\n" }
        let path = try fixture.write(text, to: "bad.csv")
        let error = try #require(fixture.error("COPY t FROM '\(path)'"))
        #expect(error.code == "22P02")
        #expect(
            error.message
                == "invalid input syntax for type bigint: \"oops\" (\(path), line 150002, column id)")
        #expect(try fixture.rows("SELECT count(*) FROM t") == [["0"]])
        let nulls = try fixture.write("1,a\n,b\n", to: "null.csv")
        #expect(fixture.error("COPY t FROM '\(nulls)'")?.code == "23502")
        #expect(try fixture.rows("SELECT count(*) FROM t") == [["0"]])
        #expect(try fixture.run("INSERT INTO t VALUES (1, 'after')") == 1)
    }

    @Test("bad rows are set aside in a file with their reasons, up to a limit")
    func rejects() throws {
        let fixture = try WarehouseFixture()
        try fixture.run("CREATE TABLE t (id integer, name text)")
        let path = try fixture.write("1,a\nx,\"b\"\n2\n3,c\n", to: "some.csv")
        let rejects = fixture.path("rejects.csv")
        let loaded = try fixture.run("COPY t FROM '\(path)' (ON_ERROR skip, REJECT_FILE '\(rejects)')")
        #expect(loaded == 2)
        #expect(try fixture.text(of: "rejects.csv") == "x,\"b\"\n2\n")
        #expect(
            try fixture.text(of: "rejects.csv.reasons.csv") == """
                line,column,reason
                2,id,"invalid input syntax for type integer: ""x""\"
                3,,"missing data for column ""name""\"

                """)
        let error = fixture.error("COPY t FROM '\(path)' (ON_ERROR skip, REJECT_LIMIT 1)")
        #expect(error?.message.contains("more than 1 rows are bad") == true)
        #expect(try fixture.rows("SELECT count(*) FROM t") == [["2"]])
    }

    @Test("mistakes of the statement are named with PostgreSQL's codes")
    func statementMistakes() throws {
        let fixture = try WarehouseFixture()
        try fixture.run("CREATE TABLE t (id integer, name text)")
        let path = try fixture.write("1,a\n", to: "a.csv")
        func code(_ sql: String, _ options: QueryOptions = QueryOptions()) -> String? {
            fixture.error(sql, options)?.code
        }
        #expect(code("COPY nowhere FROM '\(path)'") == "42P01")
        #expect(code("COPY t (id, colour) FROM '\(path)'") == "42703")
        #expect(code("COPY t (id, id) FROM '\(path)'") == "42701")
        #expect(code("COPY t FROM '\(path)x.csv'") == "58P01")
        #expect(code("COPY t FROM '\(fixture.folder)' (FORMAT csv)") == "58030")
        #expect(code("COPY t FROM '\(path)' (DELIMITER 'ab')") == "22023")
        #expect(code("COPY t FROM '\(path)' (COLOUR 'red')") == "22023")
        #expect(code("COPY t FROM '\(path)' (ENCODING 'KOI8R')") == "0A000")
        #expect(code("COPY t FROM '\(path)' (DELIMITER '\"')") == "22023")
        #expect(code("COPY shop.product FROM '\(path)'") == "42501")
        #expect(code("COPY t FROM '\(path)'", QueryOptions(isReadOnly: true)) == "25006")
        #expect(code("COPY t TO '\(fixture.folder)/no/such/folder.csv'") == "58P01")
        #expect(try fixture.rows("SELECT count(*) FROM t") == [["0"]])
        let empty = try fixture.write("", to: "empty.csv")
        #expect(try fixture.run("COPY t FROM '\(empty)' (HEADER)") == 0)
    }

    @Test("progress is told, and ends the load when it says so, with nothing loaded")
    func progress() throws {
        let fixture = try WarehouseFixture()
        try fixture.run("CREATE TABLE t (id integer, name text)")
        let line = "1,\(String(repeating: "a", count: 1000))\n"
        let path = try fixture.write(String(repeating: line, count: 12_000), to: "long.csv")
        var options = QueryOptions()
        options.copyProgress = { progress in progress.rows < 4_000 && progress.file.bytesTotal == 12_036_000 }
        #expect(fixture.error("COPY t FROM '\(path)'", options)?.code == "57014")
        #expect(try fixture.rows("SELECT count(*) FROM t") == [["0"]])
    }
}

@Suite("Earlier versions and options of tables")
struct VersionTests {
    @Test("AS OF reads what a table held, also after it was changed and dropped")
    func asOf() throws {
        let fixture = try WarehouseFixture()
        try fixture.run("CREATE TABLE t (id integer, name text)")
        try fixture.run("INSERT INTO t VALUES (1, 'a'), (2, 'b')")
        let first = fixture.warehouse.store.snapshot().version
        try fixture.run("UPDATE t SET name = 'z' WHERE id = 1")
        try fixture.run("DELETE FROM t WHERE id = 2")
        let second = fixture.warehouse.store.snapshot().version
        try fixture.run("DROP TABLE t")
        #expect(
            try fixture.rows("SELECT id, name FROM t AS OF VERSION \(first) ORDER BY id")
                == [["1", "a"], ["2", "b"]])
        #expect(
            try fixture.rows(
                """
                SELECT old.name, new.name FROM t AS OF VERSION \(first) AS old
                LEFT JOIN t AS OF VERSION \(second) AS new ON new.id = old.id ORDER BY 1
                """) == [["a", "z"], ["b", nil]])
        #expect(fixture.error("SELECT * FROM t")?.code == "42P01")
        #expect(fixture.error("SELECT * FROM t AS OF VERSION 9999")?.code == "22023")
        #expect(fixture.error("SELECT * FROM t AS OF TIMESTAMP '2001-01-01 00:00:00'")?.code == "22023")
        #expect(fixture.error("SELECT * FROM t AS OF now()")?.code == "0A000")
    }

    @Test("options are set at creation and later, and mistakes in them are named")
    func options() throws {
        let fixture = try WarehouseFixture()
        try fixture.run(
            "CREATE TABLE t (id integer, name text) WITH (compression = 'zstd', level = 7, bloom = (name))")
        func definition() throws -> (codec: String, level: Int?, bloom: [Int]?, order: [Int]) {
            let catalog = fixture.warehouse.store.snapshot().catalog
            let id = try #require(catalog.table(schema: "public", name: "t"))
            let table = try #require(catalog.definition(of: id))
            return (
                table.options.codec.sqlName, table.options.level, table.options.bloomColumns,
                table.clusteringKey
            )
        }
        #expect(try definition() == ("zstd", 7, [1], []))
        try fixture.run("ALTER TABLE t SET (compression = 'lz4', order_by = (name, id))")
        #expect(try definition() == ("lz4", nil, [1], [1, 0]))
        func code(_ options: String) -> String? { fixture.error("ALTER TABLE t SET (\(options))")?.code }
        #expect(code("compression = 'brotli'") == "22023")
        #expect(code("level = 'high'") == "22023")
        #expect(code("level = 3") == "42P16")
        #expect(code("bloom = (colour)") == "42703")
        #expect(code("speed = 9") == "22023")
        #expect(fixture.error("ALTER TABLE nowhere SET (level = 1)")?.code == "42P01")
        #expect(try definition() == ("lz4", nil, [1], [1, 0]))
    }
}
