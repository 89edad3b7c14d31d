import Foundation
import Postgres
import Testing

@testable import SystemOfRecord

/// A private cluster with the users' tables.
final class UserDatabase: Sendable {
    let pool: PostgresPool
    let users: UserStore
    let sessions: SessionStore
    private let cluster: PrivateCluster
    private let directory: String

    /// Cheap hashes: the tests are about who gets in.
    static let cost = PasswordCost(rounds: 16)

    init() throws {
        directory =
            FileManager.default.temporaryDirectory.appending(path: "ambar-users-\(UUID().uuidString)").path
        cluster = try PrivateCluster(directory: directory, options: .init(isDurable: false))
        try cluster.start()
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../storage/record/migrations/0002_users.sql")
        let migration = Migration(file: "0002_users.sql", sql: try String(contentsOf: file, encoding: .utf8))
        try MigrationRunner([migration]).run(on: try PostgresConnection(cluster.configuration))
        pool = PostgresPool(cluster.configuration, size: 4)
        users = UserStore(pool: pool, cost: Self.cost)
        sessions = SessionStore(pool: pool)
    }

    /// One for all tests that ask, stopped and removed when the process ends.
    static let shared = Result<UserDatabase, any Error> {
        let database = try UserDatabase()
        atexit { UserDatabase.stop() }
        return database
    }

    private static func stop() {
        guard let database = try? shared.get() else { return }
        database.pool.close()
        database.cluster.stop()
        _ = try? FileManager.default.removeItem(atPath: database.directory)
    }

    /// Without users and sessions.
    func emptied() async throws -> UserDatabase {
        try await pool.withConnection { connection in
            _ = try connection.executeScript("DELETE FROM ambar.app_user; DELETE FROM ambar.signing_key")
        }
        return self
    }
}
