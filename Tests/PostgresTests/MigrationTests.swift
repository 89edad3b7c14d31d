import Testing

@testable import Postgres

@Suite("Migrations")
struct MigrationTests {
    static let first = Migration(
        file: "0001_shop.sql", sql: "CREATE TABLE a (n int); INSERT INTO a VALUES (1);")
    static let second = Migration(file: "0002_more.sql", sql: "ALTER TABLE a ADD COLUMN m int;")

    @Test("each file runs once, in order of number")
    func once() throws {
        let connection = try PostgresConnection(try TestCluster.makeDatabase())
        #expect(try MigrationRunner([Self.first]).run(on: connection) == ["0001_shop.sql"])
        #expect(try MigrationRunner([Self.second, Self.first]).run(on: connection) == ["0002_more.sql"])
        #expect(try MigrationRunner([Self.first, Self.second]).run(on: connection).isEmpty)
        #expect(try connection.execute("SELECT count(*) AS n FROM a")[0].int("n") == 1)
    }

    @Test("an edited file is an error that names it")
    func edited() throws {
        let connection = try PostgresConnection(try TestCluster.makeDatabase())
        try MigrationRunner([Self.first]).run(on: connection)
        var edited = Self.first
        edited.sql += " "
        do {
            try MigrationRunner([edited]).run(on: connection)
            Issue.record("no error")
        } catch {
            #expect("\(error)".contains("0001_shop.sql") && "\(error)".contains("edited"))
        }
    }

    @Test("a file that was applied and that this program lacks is an error that names it")
    func missing() throws {
        let connection = try PostgresConnection(try TestCluster.makeDatabase())
        try MigrationRunner([Self.first, Self.second]).run(on: connection)
        for known in [[Self.first], []] {
            let firstMissing = known.isEmpty ? "0001_shop.sql" : "0002_more.sql"
            do {
                try MigrationRunner(known).run(on: connection)
                Issue.record("no error")
            } catch {
                #expect("\(error)".contains("migration \(firstMissing): was applied"))
            }
        }
        #expect(try MigrationRunner([Self.first, Self.second]).run(on: connection).isEmpty)
    }

    @Test("a failing file leaves the database as it was")
    func failing() throws {
        let connection = try PostgresConnection(try TestCluster.makeDatabase())
        let broken = Migration(file: "0002_broken.sql", sql: "CREATE TABLE b (n int); SELECT nonsense;")
        do {
            try MigrationRunner([Self.first, broken]).run(on: connection)
            Issue.record("no error")
        } catch let error as PostgresError {
            #expect("\(error)".contains("0002_broken.sql") && "\(error)".contains("nonsense"))
        }
        let tables = try connection.execute(
            "SELECT string_agg(tablename, ',') AS t FROM pg_tables WHERE schemaname = 'public'")
        #expect(try tables[0].text("t") == "a")
    }
}
