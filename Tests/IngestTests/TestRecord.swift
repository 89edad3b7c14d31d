import Foundation
import Postgres
import SystemOfRecord

/// One private cluster for all tests of this process, and a migrated database for each test that asks.
enum TestRecord {
    private static let directory = FileManager.default.temporaryDirectory.appending(
        path: "ambar-in-\(getpid())"
    ).path

    private static let shared: Result<PrivateCluster, any Error> = Result {
        let cluster = try PrivateCluster(directory: directory, options: .init(isDurable: false))
        try cluster.start()
        atexit { TestRecord.stop() }
        return cluster
    }

    private static func stop() {
        guard let cluster = try? shared.get() else { return }
        cluster.stop()
        _ = try? FileManager.default.removeItem(atPath: directory)
    }

    static var migrations: String {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return tests.deletingLastPathComponent().appending(path: "storage/record/migrations").path
    }

    /// A pool on a new database with the record's schema.
    static func make() throws -> PostgresPool {
        let cluster = try shared.get()
        let name = "t" + UUID().uuidString.lowercased().filter { $0 != "-" }
        try PostgresConnection(cluster.configuration).executeScript("CREATE DATABASE \(name)")
        var configuration = cluster.configuration
        configuration.database = name
        // Other targets' migrations need their own tables only.
        let own = try RecordMigrations.load(directory: migrations).filter { $0.file.hasPrefix("0001_") }
        try MigrationRunner(own).run(on: PostgresConnection(configuration))
        return PostgresPool(configuration, size: 4)
    }
}

extension PostgresPool {
    /// The one value of a statement, as text.
    func value(_ sql: String, _ parameters: [PostgresValue] = []) throws -> String? {
        try blocking { connection in try connection.execute(sql, parameters).first?.text(at: 0) }
    }

    /// Rows as dictionaries of texts; NULLs are absent.
    func rows(_ sql: String, _ parameters: [PostgresValue] = []) throws -> [[String: String]] {
        try blocking { connection in
            let result = try connection.execute(sql, parameters)
            return result.rows.map { row in
                var values: [String: String] = [:]
                for (index, name) in result.columnNames.enumerated() { values[name] = row.text(at: index) }
                return values
            }
        }
    }
}
