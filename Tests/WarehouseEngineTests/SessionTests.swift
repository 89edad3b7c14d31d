import Columns
import Foundation
import Storage
import Testing

@testable import WarehouseEngine

@Suite("Sessions")
struct SessionTests {
    private let directory = FileManager.default.temporaryDirectory.appending(
        path: "ambar-session-\(UUID().uuidString)"
    ).path

    private func withWarehouse(_ body: (Warehouse) throws -> Void) throws {
        let warehouse = try Warehouse.open(directory: directory, mode: .readWrite)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(warehouse)
    }

    private func tag(_ session: Session, _ sql: String) throws -> String {
        let stream = try session.run(sql)
        _ = try stream.allRows()
        return stream.commandTag
    }

    private func code(_ session: Session, _ sql: String) -> String? {
        do {
            _ = try session.run(sql).allRows()
            return nil
        } catch {
            return error.code
        }
    }

    @Test("statements have PostgreSQL's command tags")
    func tags() throws {
        try withWarehouse { warehouse in
            let session = Session(warehouse)
            let expected = [
                ("CREATE TABLE t (a integer PRIMARY KEY, b text)", "CREATE TABLE"),
                ("INSERT INTO t VALUES (1, 'x'), (2, 'y')", "INSERT 0 2"),
                ("INSERT INTO t VALUES (2, 'z'), (3, 'z') ON CONFLICT DO NOTHING", "INSERT 0 1"),
                ("UPDATE t SET b = 'q' WHERE a < 3", "UPDATE 2"), ("SELECT * FROM t", "SELECT 3"),
                ("DELETE FROM t WHERE a = 3 RETURNING a", "DELETE 1"),
                ("CREATE TABLE c AS SELECT * FROM t", "SELECT 2"), ("BEGIN", "BEGIN"),
                ("TRUNCATE c", "TRUNCATE TABLE"), ("COMMIT", "COMMIT"), ("ROLLBACK", "ROLLBACK"),
                ("CREATE VIEW v AS SELECT 1 AS x", "CREATE VIEW"), ("DROP VIEW v", "DROP VIEW"),
                ("ALTER TABLE t ADD COLUMN c integer", "ALTER TABLE"), ("SET application_name = 'x'", "SET"),
                ("RESET ALL", "RESET"), ("SHOW threads", "SHOW"), ("DROP TABLE c", "DROP TABLE"),
                ("CREATE SCHEMA s", "CREATE SCHEMA"), ("DROP SCHEMA s", "DROP SCHEMA"),
            ]
            for (sql, wanted) in expected {
                let given = try tag(session, sql)
                #expect(given == wanted, "\(sql)")
            }
        }
    }

    @Test("others see a transaction's changes at its commit, all at once")
    func isolation() throws {
        try withWarehouse { warehouse in
            let writer = Session(warehouse)
            let reader = Session(warehouse)
            _ = try writer.run("CREATE TABLE t (a integer)")
            _ = try writer.run("BEGIN")
            _ = try writer.run("INSERT INTO t VALUES (1)")
            _ = try writer.run("INSERT INTO t SELECT a + 1 FROM t")
            #expect(try writer.run("SELECT count(*) FROM t").allRows() == [[.bigint(2)]])
            #expect(try reader.run("SELECT count(*) FROM t").allRows() == [[.bigint(0)]])
            _ = try reader.run("BEGIN")
            #expect(try reader.run("SELECT count(*) FROM t").allRows() == [[.bigint(0)]])
            _ = try writer.run("COMMIT")
            // A transaction that reads keeps its snapshot.
            #expect(try reader.run("SELECT count(*) FROM t").allRows() == [[.bigint(0)]])
            _ = try reader.run("COMMIT")
            #expect(try reader.run("SELECT count(*) FROM t").allRows() == [[.bigint(2)]])
        }
    }

    @Test("a strict transaction does not write over what it has not seen")
    func serialization() throws {
        try withWarehouse { warehouse in
            let first = Session(warehouse)
            let second = Session(warehouse)
            _ = try first.run("CREATE TABLE t (a integer)")
            _ = try first.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
            _ = try first.run("SELECT * FROM t").allRows()
            _ = try second.run("INSERT INTO t VALUES (1)")
            #expect(code(first, "INSERT INTO t VALUES (2)") == "40001")
            #expect(first.transactionStatus == .failed)
            #expect(try tag(first, "COMMIT") == "ROLLBACK")
            #expect(first.transactionStatus == .idle)
        }
    }

    @Test("a session that goes away gives its transaction up")
    func abandoned() throws {
        try withWarehouse { warehouse in
            _ = try Session(warehouse).run("CREATE TABLE t (a integer)")
            var session: Session? = Session(warehouse)
            _ = try session?.run("BEGIN")
            _ = try session?.run("INSERT INTO t VALUES (1)")
            session = nil
            #expect(session == nil)
            _ = try Session(warehouse).run("INSERT INTO t VALUES (2)")
            #expect(try warehouse.run("SELECT a FROM t").allRows() == [[.integer(2)]])
        }
    }

    @Test("cancel stops the running statement, and only that one")
    func cancelling() throws {
        try withWarehouse { warehouse in
            let session = Session(warehouse)
            _ = try session.run("CREATE TABLE many AS VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9)")
            let sources = (0..<10).map { "many m\($0)" }.joined(separator: ", ")
            let sum = (0..<9).map { "m\($0).column1" }.joined(separator: " + ")
            let stream = try session.run("SELECT count(*) FROM \(sources) WHERE \(sum) = m9.column1")
            session.cancel()
            var code: String?
            do throws(QueryError) { _ = try stream.allRows() } catch { code = error.code }
            #expect(code == "57014")
            #expect(try session.run("SELECT 1").allRows() == [[.integer(1)]])
        }
    }

    @Test("a statement of its own has no settings and no transaction")
    func oneStatement() throws {
        try withWarehouse { warehouse in
            for sql in ["BEGIN", "SET threads = 1", "RESET ALL"] {
                var code: String?
                do throws(QueryError) { _ = try warehouse.run(sql) } catch { code = error.code }
                #expect(code == "0A000", "\(sql)")
            }
            let shown = try warehouse.run("SHOW statement_timeout").allRows()
            #expect(shown == [[.text("0")]])
        }
    }

    @Test("unknown settings name what is near, and notices say what was left out")
    func messages() throws {
        try withWarehouse { warehouse in
            let session = Session(warehouse)
            let error = #expect(throws: QueryError.self) {
                try session.run("SET statement_timeot = 1")
            }
            #expect(error?.code == "42704")
            #expect(error?.position == 5)
            #expect(error?.hint == "did you mean \"statement_timeout\"?")
            _ = try session.run("CREATE TABLE t (a integer)")
            #expect(
                try session.run("CREATE TABLE IF NOT EXISTS t (a integer)").notices
                    == ["relation \"t\" already exists, skipping"])
            #expect(try session.run("COMMIT").notices == ["there is no transaction in progress"])
            #expect(session.setting("TimeZone") == "Europe/Moscow")
            #expect(session.setting("nothing") == nil)
        }
    }
}
