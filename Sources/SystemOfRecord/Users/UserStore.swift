import Foundation
import Postgres

/// The users in Postgres (`ambar.app_user`, migration 0002).
///
/// All calls reach the database through the pool's threads, and hash passwords on a thread of their own.
public struct UserStore: Sendable {
    let pool: PostgresPool
    let cost: PasswordCost

    /// - Parameter cost: Of passwords set from now on; those set before keep their own.
    public init(pool: PostgresPool, cost: PasswordCost = .standard) {
        self.pool = pool
        self.cost = cost
    }

    /// Adds a user.
    ///
    /// - Throws: `.loginMalformed`, `.loginTaken`, `.passwordTooShort`, `.passwordTooLong`, `.postgres`.
    @discardableResult
    public func create(login: String, password: String, role: User.Role) async throws(UserError) -> User {
        try Self.check(login: login)
        try Self.check(password: password)
        return try await asUserError {
            let hash = try await PasswordHash.make(of: password, cost: cost)
            return try await pool.withConnection { connection in
                let result = try connection.execute(
                    """
                    INSERT INTO ambar.app_user
                        (login, role, salt, password_hash, scrypt_rounds, scrypt_block_size,
                        scrypt_parallelism)
                    VALUES ($1, $2, $3, $4, $5, $6, $7)
                    ON CONFLICT (lower(login)) DO NOTHING
                    RETURNING \(UserRow.columns)
                    """, [.text(login), .text(role.rawValue)] + UserRow.values(of: hash))
                guard let row = result.first else { throw UserError.loginTaken(login) }
                return try UserRow.user(row)
            }
        }
    }

    /// Adds the first administrator to a server that has no users yet.
    ///
    /// - Parameter password: Nil generates one.
    /// - Returns: The password, which is stored nowhere and cannot be asked for again; nil when there are
    ///   users.
    public func createFirstAdministrator(
        login: String = "admin", password: String? = nil
    ) async throws(UserError) -> String? {
        let count = try await asUserError {
            try await pool.withConnection {
                try $0.execute("SELECT count(*) AS n FROM ambar.app_user")[0].int("n")
            }
        }
        guard count == 0 else { return nil }
        let password = password ?? RandomBytes.password()
        do throws(UserError) {
            try await create(login: login, password: password, role: .admin)
        } catch .loginTaken {
            // Another server of this database was quicker.
            return nil
        }
        return password
    }

    /// The user, when login and password belong together and the user is not disabled; nil otherwise, after
    /// the same time whether the login exists or not.
    public func verify(login: String, password: String) async throws(UserError) -> User? {
        guard password.utf8.count <= User.passwordBytesMax, !login.contains("\0") else { return nil }
        return try await asUserError {
            let found = try await pool.withConnection { connection in
                let result = try connection.execute(
                    """
                    SELECT \(UserRow.columns), \(UserRow.hashColumns)
                    FROM ambar.app_user WHERE lower(login) = lower($1)
                    """, [.text(login)])
                return try result.first.map { (try UserRow.user($0), try UserRow.hash($0)) }
            }
            guard let (user, hash) = found else {
                _ = try await PasswordHash.make(of: password, cost: cost)
                return nil
            }
            guard try await hash.matches(password), !user.isDisabled else { return nil }
            return user
        }
    }

    /// All users by login.
    public func list() async throws(UserError) -> [User] {
        try await asUserError {
            try await pool.withConnection { connection in
                let sql = "SELECT \(UserRow.columns) FROM ambar.app_user ORDER BY lower(login)"
                return try connection.execute(sql).rows.map { try UserRow.user($0) }
            }
        }
    }

    /// Sets another password and ends all sessions of the user.
    ///
    /// - Parameter password: Nil generates one.
    /// - Returns: The password, which is stored nowhere.
    /// - Throws: `.unknownLogin`, `.passwordTooShort`, `.passwordTooLong`, `.postgres`.
    @discardableResult
    public func resetPassword(login: String, to password: String? = nil) async throws(UserError) -> String {
        let password = password ?? RandomBytes.password()
        try Self.check(password: password)
        return try await asUserError {
            let hash = try await PasswordHash.make(of: password, cost: cost)
            try await change(
                login,
                """
                UPDATE ambar.app_user SET salt = $2, password_hash = $3, scrypt_rounds = $4,
                    scrypt_block_size = $5, scrypt_parallelism = $6, password_changed_at = now()
                WHERE lower(login) = lower($1) RETURNING id
                """, UserRow.values(of: hash), endsSessions: true)
            return password
        }
    }

    /// Gives a user another role. Access tokens given out before keep the former one until they expire.
    ///
    /// - Throws: `.unknownLogin`, `.postgres`.
    public func setRole(_ role: User.Role, of login: String) async throws(UserError) {
        try await asUserError {
            try await change(
                login, "UPDATE ambar.app_user SET role = $2 WHERE lower(login) = lower($1) RETURNING id",
                [.text(role.rawValue)], endsSessions: false)
        }
    }

    /// Keeps a user from signing in, and ends the sessions, or lets them in again.
    ///
    /// - Throws: `.unknownLogin`, `.postgres`.
    public func setDisabled(_ isDisabled: Bool, of login: String) async throws(UserError) {
        try await asUserError {
            try await change(
                login, "UPDATE ambar.app_user SET disabled = $2 WHERE lower(login) = lower($1) RETURNING id",
                [.bool(isDisabled)], endsSessions: isDisabled)
        }
    }

    private func change(
        _ login: String, _ sql: String, _ values: [PostgresValue], endsSessions: Bool
    ) async throws {
        guard !login.contains("\0") else { throw UserError.unknownLogin(login) }
        try await pool.withTransaction { connection in
            guard let row = try connection.execute(sql, [.text(login)] + values).first else {
                throw UserError.unknownLogin(login)
            }
            guard endsSessions else { return }
            try connection.execute(
                "DELETE FROM ambar.refresh_token WHERE user_id = $1", [.int(try row.int("id"))])
        }
    }

    // MARK: Rules

    private static func check(login: String) throws(UserError) {
        let isPlain = login.unicodeScalars.allSatisfy { scalar in
            !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
        }
        guard !login.isEmpty, login.unicodeScalars.count <= User.loginLengthMax, isPlain else {
            throw .loginMalformed(login)
        }
    }

    private static func check(password: String) throws(UserError) {
        guard password.count >= User.passwordLengthMin else { throw .passwordTooShort }
        guard password.utf8.count <= User.passwordBytesMax else { throw .passwordTooLong }
    }

    func asUserError<Result>(_ body: () async throws -> Result) async throws(UserError) -> Result {
        do {
            return try await body()
        } catch {
            throw UserError.of(error)
        }
    }
}

/// Between `ambar.app_user` and its values.
enum UserRow {
    static let columns = "id, login, role, disabled, created_at, signed_in_at"
    static let hashColumns =
        "encode(salt, 'hex') AS salt, encode(password_hash, 'hex') AS password_hash, scrypt_rounds, "
        + "scrypt_block_size, scrypt_parallelism"

    static func user(_ row: PostgresRow) throws -> User {
        let name = try row.text("role")
        guard let role = User.Role(rawValue: name) else { throw UserError.unexpected("role \(name)") }
        return User(
            id: try row.int("id"), login: try row.text("login"), role: role,
            isDisabled: try row.bool("disabled"),
            createdAt: try row.text("created_at"), signedInAt: try row.optionalText("signed_in_at"))
    }

    static func hash(_ row: PostgresRow) throws -> PasswordHash {
        let (rounds, block) = (try row.int("scrypt_rounds"), try row.int("scrypt_block_size"))
        let parallelism = try row.int("scrypt_parallelism")
        guard rounds > 1, rounds & (rounds - 1) == 0, block > 0, parallelism > 0,
            let salt = bytes(try row.text("salt")), let hash = bytes(try row.text("password_hash"))
        else { throw UserError.unexpected("password hash of user \(try row.int("id"))") }
        let cost = PasswordCost(rounds: Int(rounds), blockSize: Int(block), parallelism: Int(parallelism))
        return PasswordHash(salt: salt, hash: hash, cost: cost)
    }

    static func values(of hash: PasswordHash) -> [PostgresValue] {
        [
            .bytes(hash.salt), .bytes(hash.hash), .int(Int64(hash.cost.rounds)),
            .int(Int64(hash.cost.blockSize)),
            .int(Int64(hash.cost.parallelism)),
        ]
    }

    /// The bytes that hexadecimal digits stand for; nil when they are none.
    static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(digits[index...index + 1]), radix: 16) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}
