import Foundation
import Testing

@testable import Postgres

@Suite("The pool")
struct PoolTests {
    @Test("a caller who waits too long is told how large the pool is")
    func exhausted() async throws {
        let pool = PostgresPool(try TestCluster.makeDatabase(), size: 1, wait: .milliseconds(50))
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    do {
                        return try await pool.withConnection { connection in
                            try connection.execute("SELECT pg_sleep(0.5)")
                            return true
                        }
                    } catch PostgresError.poolExhausted(size: 1) {
                        return false
                    }
                }
            }
            var served = 0
            for try await isServed in group where isServed { served += 1 }
            #expect(served == 1)
        }
        let answer = try await pool.withConnection { try $0.execute("SELECT 1 AS one")[0].int("one") }
        #expect(answer == 1)
    }

    @Test("cancelling a task ends its statement, and the connection serves the next")
    func cancelled() async throws {
        let pool = PostgresPool(try TestCluster.makeDatabase(), size: 1)
        let started = Date()
        let task = Task {
            try await pool.withConnection { _ = try $0.execute("SELECT pg_sleep(20)") }
        }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        await #expect(throws: (any Error).self) { try await task.value }
        #expect(Date().timeIntervalSince(started) < 5)
        let answer = try await pool.withConnection { try $0.execute("SELECT 1 AS one")[0].int("one") }
        #expect(answer == 1)
    }

    @Test("a transaction that was left open is rolled back before the next caller")
    func leftOpen() async throws {
        let pool = PostgresPool(try TestCluster.makeDatabase(), size: 1)
        try await pool.withConnection { connection in
            _ = try connection.executeScript("CREATE TABLE t (a int)")
            _ = try connection.executeScript("BEGIN; INSERT INTO t VALUES (1)")
        }
        let count = try await pool.withConnection {
            try $0.execute("SELECT count(*) AS n FROM t")[0].int("n")
        }
        #expect(count == 0)
    }

    @Test("a connection that the server closed while it was idle is not handed out")
    func closedWhileIdle() async throws {
        let database = try TestCluster.makeDatabase()
        let pool = PostgresPool(database, size: 1)
        let process = try await pool.withConnection {
            try $0.execute("SELECT pg_backend_pid() AS p")[0].int("p")
        }
        let ended = try PostgresConnection(database).execute(
            "SELECT pg_terminate_backend($1, 10000) AS ended", [.int(process)])
        #expect(try ended[0].bool("ended"))
        let next = try await pool.withConnection {
            try $0.execute("SELECT pg_backend_pid() AS p")[0].int("p")
        }
        #expect(next != process)
    }

    @Test("a copy that the server refuses leaves its connection to the next caller")
    func refusedCopy() async throws {
        let pool = PostgresPool(try TestCluster.makeDatabase(), size: 1)
        let process = try await pool.withConnection { connection in
            try connection.executeScript("CREATE TABLE t (a int PRIMARY KEY)")
            return try connection.execute("SELECT pg_backend_pid() AS p")[0].int("p")
        }
        await #expect {
            try await pool.withConnection { connection in
                try connection.copyIn("COPY t FROM STDIN") { writer in
                    for row in ["1", "1"] { try writer.send(row: [row]) }
                }
            }
        } throws: { error in
            (error as? PostgresError)?.sqlState == "23505"
        }
        let next = try await pool.withConnection { connection in
            let counted = try connection.execute("SELECT count(*) AS n, pg_backend_pid() AS p FROM t")[0]
            #expect(try counted.int("n") == 0)
            return try counted.int("p")
        }
        #expect(next == process)
    }

    @Test("threads and tasks share the places")
    func mixed() async throws {
        let pool = PostgresPool(try TestCluster.makeDatabase(), size: 2)
        let counter = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<30 {
                group.addTask {
                    if index % 3 == 0 {
                        try await withCheckedThrowingContinuation { continuation in
                            Thread.detachNewThread {
                                continuation.resume(
                                    with: Result { try pool.blocking { try counter.visit($0) } })
                            }
                        }
                    } else {
                        try await pool.withConnection { try counter.visit($0) }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(counter.visits == 30)
        #expect(counter.most <= 2)
    }

    private final class Counter: @unchecked Sendable {
        private let lock = NSLock()
        private var now = 0
        private(set) var most = 0
        private(set) var visits = 0

        func visit(_ connection: PostgresConnection) throws {
            lock.withLock {
                now += 1
                most = max(most, now)
            }
            try connection.execute("SELECT pg_sleep(0.003)")
            lock.withLock {
                now -= 1
                visits += 1
            }
        }
    }

    @Test(
        "URLs and libpq's keywords are read",
        arguments: [
            ("postgres://anna:p%40ss@db.example:6543/shop?sslmode=require", "db.example:6543/shop"),
            (
                "host=db.example port=6543 dbname=shop user=anna password='p@ss' sslmode=require",
                "db.example:6543/shop"
            ),
            ("postgresql://anna:p%40ss@/shop?host=%2Fvar%2Frun&sslmode=require", "/var/run (database shop)"),
        ])
    func configuration(text: String, target: String) throws {
        let configuration = try #require(PostgresConfiguration(url: text))
        #expect(configuration.target == target)
        #expect(configuration.user == "anna")
        #expect(configuration.password == "p@ss")
        #expect(configuration.options["sslmode"] == "require")
        for printed in ["\(configuration)", String(reflecting: configuration), "\([configuration as Any?])"] {
            #expect(printed.contains("shop") && !printed.contains("p@ss"))
        }
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("p@ss"))
        #expect(PostgresConfiguration(url: "mysql://a/b") == nil)
        #expect(PostgresConfiguration(url: "postgres://a:99999999/b") == nil)
    }

    @Test("a statement that takes longer than its limit is ended by the server")
    func statementLimit() throws {
        let limited = try TestCluster.makeDatabase().limitingStatements(to: .milliseconds(30))
        let connection = try PostgresConnection(limited)
        #expect { try connection.execute("SELECT pg_sleep(10)") } throws: { error in
            (error as? PostgresError)?.sqlState == "57014"
        }
        #expect { try connection.copyOut("COPY (SELECT pg_sleep(10)) TO STDOUT") { _ in } } throws: { error in
            (error as? PostgresError)?.sqlState == "57014"
        }
    }

    @Test("text with a zero byte is refused, not cut off")
    func zeroByte() throws {
        let connection = try PostgresConnection(try TestCluster.makeDatabase())
        #expect { try connection.execute("SELECT $1::text", [.text("a\0b")]) } throws: { error in
            (error as? PostgresError)?.sqlState == "22021"
        }
        #expect(try connection.execute("SELECT length($1) AS l", [.bytes([0, 0, 7])])[0].int("l") == 3)
    }
}
