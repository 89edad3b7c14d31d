import Crypto
import Foundation
import Postgres

/// Refresh tokens and the signing key (`ambar.refresh_token`, `ambar.signing_key`).
public struct SessionStore: Sendable {
    private let pool: PostgresPool
    private let lifetime: Duration

    /// A user and the token with which the session goes on.
    public struct Session: Hashable, Sendable {
        public var user: User
        /// Good once.
        public var refreshToken: String
    }

    public static let lifetimeStandard: Duration = .seconds(30 * 24 * 3600)
    private static let keyBytes = 32
    private static let tokenLengthMax = 200

    /// - Parameter lifetime: Of a refresh token that is not used.
    public init(pool: PostgresPool, lifetime: Duration = Self.lifetimeStandard) {
        precondition(lifetime > .zero, "a session lasts")
        self.pool = pool
        self.lifetime = lifetime
    }

    /// Begins a session of a user whose password was verified, and forgets the user's expired ones.
    ///
    /// - Throws: `.unknownLogin` when the user is gone or disabled by now, `.postgres`.
    public func begin(for user: User) async throws(UserError) -> Session {
        try await asUserError {
            try await pool.withTransaction { connection in
                let row = try connection.execute(
                    """
                    UPDATE ambar.app_user SET signed_in_at = now() WHERE id = $1 AND NOT disabled
                    RETURNING \(UserRow.columns)
                    """, [.int(user.id)])
                guard let row = row.first else { throw UserError.unknownLogin(user.login) }
                try connection.execute(
                    "DELETE FROM ambar.refresh_token WHERE user_id = $1 AND expires_at <= now()",
                    [.int(user.id)])
                let token = try insertToken(userID: user.id, family: UUID().uuidString, on: connection)
                return Session(user: try UserRow.user(row), refreshToken: token)
            }
        }
    }

    /// Exchanges a refresh token for the next one of its family.
    ///
    /// - Returns: Nil for a token that is unknown, expired or used before, or whose user is disabled. A token
    ///   that was used before ends its whole family: one of its two holders stole it.
    public func refresh(_ token: String) async throws(UserError) -> Session? {
        guard token.utf8.count <= Self.tokenLengthMax else { return nil }
        let hash = Self.hash(token)
        return try await asUserError {
            try await pool.withTransaction { connection in
                // One use of a family at a time: a token given out meanwhile would outlive the family's end.
                let known = try connection.execute(
                    """
                    SELECT user_id, pg_advisory_xact_lock(hashtextextended(family::text, 0))
                    FROM ambar.refresh_token WHERE hash = $1
                    """, [.bytes(hash)])
                guard let known = known.first else { return nil }
                let userID = try known.int("user_id")
                // A password that changes at the same time waits, and then finds the new token too.
                let user = try connection.execute(
                    "SELECT \(UserRow.columns) FROM ambar.app_user WHERE id = $1 AND NOT disabled FOR SHARE",
                    [.int(userID)])
                let found = try connection.execute(
                    """
                    SELECT family, used_at IS NOT NULL AS used, expires_at <= now() AS expired
                    FROM ambar.refresh_token WHERE hash = $1
                    """, [.bytes(hash)])
                guard let user = user.first, let row = found.first else { return nil }
                let family = try row.text("family")
                if try row.bool("used") {
                    try connection.execute(
                        "DELETE FROM ambar.refresh_token WHERE family = $1::uuid", [.text(family)])
                    return nil
                }
                if try row.bool("expired") { return nil }
                try connection.execute(
                    "UPDATE ambar.refresh_token SET used_at = now() WHERE hash = $1", [.bytes(hash)])
                let next = try insertToken(userID: userID, family: family, on: connection)
                return Session(user: try UserRow.user(user), refreshToken: next)
            }
        }
    }

    /// Ends the session that a token belongs to; harmless when there is none.
    public func end(_ token: String) async throws(UserError) {
        let hash = Self.hash(token)
        try await asUserError {
            try await pool.withConnection { connection in
                _ = try connection.execute(
                    """
                    DELETE FROM ambar.refresh_token
                    WHERE family = (SELECT family FROM ambar.refresh_token WHERE hash = $1)
                    """, [.bytes(hash)])
            }
        }
    }

    /// The key that access tokens are signed with, made at the first call and the same ever after.
    ///
    /// - Returns: 32 bytes.
    public func signingKey() async throws(UserError) -> [UInt8] {
        try await asUserError {
            try await pool.withConnection { connection in
                try connection.execute(
                    "INSERT INTO ambar.signing_key (key) VALUES ($1) ON CONFLICT (id) DO NOTHING",
                    [.bytes(RandomBytes.make(Self.keyBytes))])
                let result = try connection.execute("SELECT encode(key, 'hex') AS key FROM ambar.signing_key")
                guard let key = UserRow.bytes(try result[0].text("key")), key.count >= Self.keyBytes else {
                    throw UserError.unexpected("signing key")
                }
                return key
            }
        }
    }

    private func insertToken(userID: Int64, family: String, on connection: PostgresConnection) throws
        -> String
    {
        let token = RandomBytes.token()
        try connection.execute(
            """
            INSERT INTO ambar.refresh_token (hash, family, user_id, expires_at)
            VALUES ($1, $2::uuid, $3, now() + $4 * interval '1 second')
            """,
            [
                .bytes(Self.hash(token)), .text(family), .int(userID),
                .double(
                    Double(lifetime.components.seconds) + Double(lifetime.components.attoseconds) * 1e-18),
            ])
        return token
    }

    private static func hash(_ token: String) -> [UInt8] { Array(SHA256.hash(data: Data(token.utf8))) }

    private func asUserError<Result>(_ body: () async throws -> Result) async throws(UserError) -> Result {
        do {
            return try await body()
        } catch {
            throw UserError.of(error)
        }
    }
}
