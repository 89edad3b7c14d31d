import APIContract
import Foundation
import Postgres
import SystemOfRecord
import Testing

@testable import HTTPAPI

/// The record's users as the API sees them.
private struct RecordAccounts: AccountService {
    let users: UserStore
    let sessions: SessionStore

    func signIn(login: String, password: String) async throws -> Session? {
        guard let user = try await users.verify(login: login, password: password) else { return nil }
        return try Self.session(try await sessions.begin(for: user))
    }

    func refresh(_ token: String) async throws -> Session? {
        try await sessions.refresh(token).map(Self.session)
    }

    func signingKey() async throws -> [UInt8] { try await sessions.signingKey() }

    private static func session(_ session: SessionStore.Session) throws -> Session {
        let role = try #require(Role(rawValue: session.user.role.rawValue))
        return Session(
            account: Account(login: session.user.login, role: role), refreshToken: session.refreshToken)
    }
}

@Suite("The record's users over HTTP", .serialized)
final class RecordAccountTests {
    private let directory: String
    private let cluster: PrivateCluster
    private let pool: PostgresPool
    private let users: UserStore
    private let api: TestAPI

    init() throws {
        directory =
            FileManager.default.temporaryDirectory
            .appending(path: "ambar-api-\(UUID().uuidString)").path
        cluster = try PrivateCluster(directory: directory, options: .init(isDurable: false))
        try cluster.start()
        let migrations = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../storage/record/migrations").standardizedFileURL.path
        try MigrationRunner(try RecordMigrations.load(directory: migrations))
            .run(on: try PostgresConnection(cluster.configuration))
        pool = PostgresPool(cluster.configuration, size: 3)
        users = UserStore(pool: pool, cost: PasswordCost(rounds: 16))
        api = TestAPI(accounts: RecordAccounts(users: users, sessions: SessionStore(pool: pool)))
    }

    deinit {
        pool.close()
        cluster.stop()
        _ = try? FileManager.default.removeItem(atPath: directory)
    }

    @Test("sign-in, roles, rotation, reuse, lock-out and a record that is gone")
    func life() async throws {
        let users = users
        try await users.create(login: "Анна", password: "correct horse", role: .manager)
        try await api.with { api in
            #expect(try await api.signIn("анна", "wrong horse").status == 401)
            let first = try await api.signIn("анна", "correct horse").decode(TokenReply.self)
            #expect(first.role == .manager)
            #expect(try await api.query("SELECT 1", token: first.accessToken).status == 403)
            // Another role counts from the next access token on.
            try await users.setRole(.analyst, of: "анна")
            let second = try await api.refresh(first.refreshToken).decode(TokenReply.self)
            #expect(second.role == .analyst)
            #expect(try await api.query("SELECT 1", token: second.accessToken).status == 200)
            // A refresh token that comes again ends the sessions that came from it.
            #expect(try await api.refresh(first.refreshToken).status == 401)
            #expect(try await api.refresh(second.refreshToken).status == 401)
            for _ in 0..<10 { #expect(try await api.signIn("Анна", "wrong horse").status == 401) }
            #expect(try await api.signIn("анна", "correct horse").status == 429)
        }
        // The key is in the record: tokens outlive a restart of the server.
        let token = try await api.with { api in
            try await api.signIn("анна", "correct horse").decode(TokenReply.self).accessToken
        }
        let later = try await api.with { try await $0.query("SELECT 1", token: token) }
        #expect(later.status == 200)
        let cluster = cluster
        try await api.with { api in
            cluster.stop()
            let reply = try await api.signIn("анна", "correct horse")
            #expect(try reply.problem().code == "record_unavailable" && reply.status == 503)
            #expect(try await api.query("SELECT 1", token: token).status == 200)
            #expect(try await api.send(.get, "/healthz").status == 200)
        }
    }
}
