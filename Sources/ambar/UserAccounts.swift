import APIContract
import HTTPAPI
import SystemOfRecord

/// Sign-ins of the API against the record's users.
struct UserAccounts: AccountService {
    let users: UserStore
    let sessions: SessionStore

    func signIn(login: String, password: String) async throws -> Session? {
        guard let user = try await users.verify(login: login, password: password) else { return nil }
        return Self.session(try await sessions.begin(for: user))
    }

    func refresh(_ token: String) async throws -> Session? {
        try await sessions.refresh(token).map(Self.session)
    }

    func signingKey() async throws -> [UInt8] { try await sessions.signingKey() }

    private static func session(_ session: SessionStore.Session) -> Session {
        let role = Role(rawValue: session.user.role.rawValue) ?? .viewer
        return Session(
            account: Account(login: session.user.login, role: role), refreshToken: session.refreshToken)
    }
}
