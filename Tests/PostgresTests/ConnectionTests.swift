import Foundation
import Testing

@testable import Postgres

@Suite("Connections to Postgres")
struct ConnectionTests {
    @Test("parameters and rows of every kind go there and back")
    func values() throws {
        let connection = try PostgresConnection(try TestCluster.makeDatabase())
        let result = try connection.execute(
            """
            SELECT $1::bigint AS n, $2::text AS t, $3::boolean AS b, $4::float8 AS d, $5::text AS missing,
                   $6::uuid AS u, array_to_string($7::text[], '|', '<null>') AS a, length($8::bytea) AS l
            """,
            [
                .int(.min), "Ёлка 'и' \\ \"кавычки\"", true, .double(0.1), .null,
                "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", .array(["а,б", nil, "\"", "\\", ""]),
                .bytes([0, 1, 255]),
            ])
        let row = try #require(result.first)
        #expect(try row.int("n") == .min)
        #expect(try row.text("t") == "Ёлка 'и' \\ \"кавычки\"")
        #expect(try row.bool("b"))
        #expect(try row.double("d") == 0.1)
        #expect(try row.optionalText("missing") == nil)
        #expect(try row.text("a") == "а,б|<null>|\"|\\|")
        #expect(try row.int("l") == 3)
        #expect(throws: PostgresError.unexpectedValue(column: "missing", wanted: "text", found: "NULL")) {
            try row.text("missing")
        }
    }

    @Test("an error of the server keeps its code and place, and the connection goes on")
    func serverError() throws {
        let connection = try PostgresConnection(try TestCluster.makeDatabase())
        do {
            try connection.execute("SELECT * FROM nothing")
            Issue.record("no error")
        } catch {
            #expect(error.sqlState == "42P01")
            #expect("\(error)".contains("nothing"))
        }
        #expect(try connection.execute("SELECT 1 AS one")[0].int("one") == 1)
    }

    @Test("a server that is not there is named, a password is not")
    func unreachable() throws {
        let configuration = try #require(
            PostgresConfiguration(url: "postgres://me:very%20secret@127.0.0.1:9/shop?sslmode=disable"))
        #expect(configuration.password == "very secret")
        do {
            _ = try PostgresConnection(configuration, connectTimeoutSeconds: 2)
            Issue.record("no error")
        } catch {
            #expect("\(error)".contains("127.0.0.1:9/shop"))
            #expect(!"\(error)".contains("secret"))
        }
    }

    @Test("a transaction that throws leaves nothing behind")
    func rollback() throws {
        let connection = try PostgresConnection(try TestCluster.makeDatabase())
        try connection.executeScript("CREATE TABLE t (a int)")
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try connection.transaction { connection in
                try connection.execute("INSERT INTO t VALUES (1)")
                throw Stop()
            }
        }
        #expect(try connection.execute("SELECT count(*) AS n FROM t")[0].int("n") == 0)
    }

    @Test("copy in and out, and giving up in the middle of each")
    func copy() throws {
        let connection = try PostgresConnection(try TestCluster.makeDatabase())
        try connection.executeScript("CREATE TABLE t (a int, b text)")
        let copied = try connection.copyIn("COPY t FROM STDIN") { writer in
            for number in 0..<5000 {
                try writer.send(row: ["\(number)", number % 3 == 0 ? nil : "x\t\n\\\(number)"])
            }
        }
        #expect(copied == 5000)
        var messages = 0
        try connection.copyOut("COPY t TO STDOUT (FORMAT binary)") { _ in messages += 1 }
        #expect(messages == 5001)
        struct Stop: Error {}
        #expect(throws: Stop.self) { try connection.copyOut("COPY t TO STDOUT") { _ in throw Stop() } }
        #expect(throws: Stop.self) {
            try connection.copyIn("COPY t FROM STDIN") { writer in
                try writer.send(row: ["1", nil])
                throw Stop()
            }
        }
        #expect(try connection.execute("SELECT count(*) AS n, count(b) AS b FROM t")[0].int("n") == 5000)
    }

    @Test("one send of several megabytes arrives whole, in the binary format, too")
    func largeCopy() throws {
        let connection = try PostgresConnection(try TestCluster.makeDatabase())
        try connection.executeScript("CREATE TABLE t (b bytea)")
        let value = (0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var bytes = Array("PGCOPY\n".utf8) + [255, 13, 10, 0] + [UInt8](repeating: 0, count: 8) + [0, 1]
        withUnsafeBytes(of: Int32(value.count).bigEndian) { bytes.append(contentsOf: $0) }
        bytes += value + [255, 255]
        let copied = try connection.copyIn("COPY t FROM STDIN (FORMAT binary)") { try $0.send(bytes) }
        #expect(copied == 1)
        let equal = try connection.execute("SELECT b = $1 AS equal FROM t", [.bytes(value)])
        #expect(try equal[0].bool("equal"))
    }

    @Test("a pool hands out no more than its size, and replaces broken connections")
    func pool() async throws {
        let pool = PostgresPool(try TestCluster.makeDatabase(), size: 3)
        try await withThrowingTaskGroup(of: Int64.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await pool.withConnection { connection in
                        try connection.execute("SELECT pg_sleep(0.005)")
                        return try connection.execute(
                            "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database()")[
                                0
                            ].int("n")
                    }
                }
            }
            for try await open in group { #expect(open <= 3) }
        }
        await #expect(throws: PostgresError.self) {
            try await pool.withConnection {
                try $0.execute("SELECT pg_terminate_backend(pg_backend_pid())").count
            }
        }
        let answer = try await pool.withConnection { try $0.execute("SELECT 7 AS n")[0].int("n") }
        #expect(answer == 7)
    }
}
