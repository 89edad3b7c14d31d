import Postgres
import Testing

@testable import SystemOfRecord

@Suite("Users and sessions", .serialized)
struct UserStoreTests {
    /// The tests share one cluster, run one after the other and each begin with empty tables.
    private func database() async throws -> UserDatabase { try await UserDatabase.shared.get().emptied() }

    @Test("a user signs in with the own password, whatever the login's case, and with no other")
    func verify() async throws {
        let users = try await database().users
        let made = try await users.create(login: "Анна", password: "correct horse", role: .analyst)
        #expect(made.role == .analyst && !made.isDisabled && made.signedInAt == nil)
        #expect(try await users.verify(login: "анна", password: "correct horse") == made)
        #expect(try await users.verify(login: "Анна", password: "correct horsE") == nil)
        #expect(try await users.verify(login: "nobody", password: "correct horse") == nil)
        #expect(try await users.verify(login: "Анна", password: "") == nil)
        #expect(try await users.verify(login: "a\0b", password: "correct horse") == nil)
    }

    @Test("one letter typed in two ways is one password")
    func normalisation() async throws {
        let users = try await database().users
        try await users.create(login: "a", password: "пароль с й \u{439}", role: .viewer)
        #expect(try await users.verify(login: "a", password: "пароль с \u{438}\u{306} \u{439}") != nil)
    }

    @Test("equal passwords have different hashes, and the parameters are stored beside them")
    func hashes() async throws {
        let database = try await database()
        try await database.users.create(login: "a", password: "same password", role: .viewer)
        try await database.users.create(login: "b", password: "same password", role: .viewer)
        let distinct = try await database.pool.withConnection { connection in
            try connection.execute(
                """
                SELECT count(DISTINCT password_hash) AS hashes, count(DISTINCT salt) AS salts,
                    min(scrypt_rounds) AS rounds FROM ambar.app_user
                """
            ).rows.map { [try $0.int("hashes"), try $0.int("salts"), try $0.int("rounds")] }
        }
        #expect(distinct == [[2, 2, 16]])
        let dearer = UserStore(pool: database.pool, cost: PasswordCost(rounds: 64))
        #expect(try await dearer.verify(login: "a", password: "same password") != nil)
    }

    @Test("scrypt gives what RFC 7914 says")
    func referenceVector() async throws {
        let salt = Array("SodiumChloride".utf8)
        let expected: [UInt8] = [
            0x70, 0x23, 0xbd, 0xcb, 0x3a, 0xfd, 0x73, 0x48, 0x46, 0x1c, 0x06, 0xcd, 0x81, 0xfd, 0x38, 0xeb,
            0xfd, 0xa8,
            0xfb, 0xba, 0x90, 0x4f, 0x8e, 0x3e, 0xa9, 0xb5, 0x43, 0xf6, 0x54, 0x5d, 0xa1, 0xf2,
        ]
        let hash = PasswordHash(salt: salt, hash: expected, cost: PasswordCost(rounds: 16_384))
        #expect(try await hash.matches("pleaseletmein"))
        #expect(try await !hash.matches("pleaseletmeout"))
    }

    @Test("the standard cost is affordable")
    func standardCost() async throws {
        let hash = try await PasswordHash.make(of: "a password", cost: .standard)
        #expect(try await hash.matches("a password"))
    }

    @Test("what makes no user is refused with a reason")
    func refusals() async throws {
        let users = try await database().users
        try await users.create(login: "taken", password: "long enough", role: .viewer)
        await #expect(throws: UserError.loginTaken("TAKEN")) {
            try await users.create(login: "TAKEN", password: "long enough", role: .admin)
        }
        await #expect(throws: UserError.passwordTooShort) {
            try await users.create(login: "b", password: "short", role: .viewer)
        }
        await #expect(throws: UserError.passwordTooLong) {
            try await users.create(login: "b", password: String(repeating: "x", count: 1001), role: .viewer)
        }
        for login in ["", "a b", "a\n", "a\0", String(repeating: "x", count: 101)] {
            await #expect(throws: UserError.loginMalformed(login)) {
                try await users.create(login: login, password: "long enough", role: .viewer)
            }
        }
        #expect(try await users.list().map(\.login) == ["taken"])
    }

    @Test("the first administrator is made once, with a password that is told once")
    func firstAdministrator() async throws {
        let users = try await database().users
        let password = try #require(try await users.createFirstAdministrator())
        #expect(password.count >= 20)
        #expect(try await users.verify(login: "admin", password: password)?.role == .admin)
        #expect(try await users.createFirstAdministrator() == nil)
        let given = try await database().users
        #expect(try await given.createFirstAdministrator(password: "chosen by hand") == "chosen by hand")
    }

    @Test("another password ends the sessions, and the former password")
    func reset() async throws {
        let database = try await database()
        let user = try await database.users.create(login: "a", password: "first password", role: .viewer)
        let session = try await database.sessions.begin(for: user)
        let next = try await database.users.resetPassword(login: "A")
        #expect(try await database.users.verify(login: "a", password: "first password") == nil)
        #expect(try await database.users.verify(login: "a", password: next) != nil)
        #expect(try await database.sessions.refresh(session.refreshToken) == nil)
        await #expect(throws: UserError.unknownLogin("b")) {
            try await database.users.resetPassword(login: "b")
        }
    }

    @Test("a disabled user neither signs in nor goes on")
    func disabled() async throws {
        let database = try await database()
        let user = try await database.users.create(login: "a", password: "first password", role: .viewer)
        let session = try await database.sessions.begin(for: user)
        try await database.users.setDisabled(true, of: "a")
        #expect(try await database.users.verify(login: "a", password: "first password") == nil)
        #expect(try await database.sessions.refresh(session.refreshToken) == nil)
        await #expect(throws: UserError.unknownLogin("a")) { try await database.sessions.begin(for: user) }
        try await database.users.setDisabled(false, of: "a")
        #expect(try await database.users.verify(login: "a", password: "first password") != nil)
    }

    @Test("a refresh token is good once; used again it ends its family and no other")
    func rotation() async throws {
        let database = try await database()
        let user = try await database.users.create(login: "a", password: "first password", role: .viewer)
        let first = try await database.sessions.begin(for: user)
        let other = try await database.sessions.begin(for: user)
        #expect(first.user.signedInAt != nil)
        try await database.users.setRole(.manager, of: "a")
        let second = try #require(try await database.sessions.refresh(first.refreshToken))
        #expect(second.user.role == .manager && second.refreshToken != first.refreshToken)
        let third = try #require(try await database.sessions.refresh(second.refreshToken))
        #expect(try await database.sessions.refresh(first.refreshToken) == nil)
        #expect(try await database.sessions.refresh(third.refreshToken) == nil)
        let rest = try #require(try await database.sessions.refresh(other.refreshToken))
        try await database.sessions.end(rest.refreshToken)
        #expect(try await database.sessions.refresh(rest.refreshToken) == nil)
        #expect(try await database.sessions.refresh("nonsense") == nil)
    }

    @Test("of two uses at the same time at most one succeeds")
    func race() async throws {
        let database = try await database()
        let user = try await database.users.create(login: "a", password: "first password", role: .viewer)
        let token = try await database.sessions.begin(for: user).refreshToken
        async let left = database.sessions.refresh(token)
        async let right = database.sessions.refresh(token)
        let results = [try await left, try await right].compactMap(\.self)
        #expect(results.count == 1)
        #expect(try await database.sessions.refresh(results[0].refreshToken) == nil)
    }

    @Test("a session that nobody goes on with expires")
    func expiry() async throws {
        let database = try await database()
        let user = try await database.users.create(login: "a", password: "first password", role: .viewer)
        let brief = SessionStore(pool: database.pool, lifetime: .nanoseconds(1000))
        let token = try await brief.begin(for: user).refreshToken
        #expect(try await brief.refresh(token) == nil)
    }

    @Test("the signing key is made once and stays")
    func signingKey() async throws {
        let database = try await database()
        let key = try await database.sessions.signingKey()
        #expect(key.count == 32)
        #expect(try await database.sessions.signingKey() == key)
        #expect(try await SessionStore(pool: database.pool).signingKey() == key)
    }

    @Test("no password and no token can be read from the tables")
    func secrets() async throws {
        let database = try await database()
        let user = try await database.users.create(login: "a", password: "a very secret one", role: .viewer)
        let token = try await database.sessions.begin(for: user).refreshToken
        let dump = try await database.pool.withConnection { connection in
            let sql =
                "SELECT u::text || coalesce(t::text, '') AS row FROM ambar.app_user u, ambar.refresh_token t"
            return try connection.execute(sql).rows.map { try $0.text("row") }.joined()
        }
        #expect(!dump.isEmpty && !dump.contains("a very secret one") && !dump.contains(token))
    }
}
