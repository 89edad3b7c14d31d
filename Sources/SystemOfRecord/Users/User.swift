import Postgres

/// Someone who may use the server.
public struct User: Hashable, Sendable, Identifiable {
    public var id: Int64
    public var login: String
    public var role: Role
    /// Signs in no more, and keeps what was theirs.
    public var isDisabled: Bool
    /// As Postgres writes it, with zone.
    public var createdAt: String
    /// Nil until the first time.
    public var signedInAt: String?

    /// What a user may do; each role may do all that the ones before it may.
    public enum Role: String, Hashable, Sendable, CaseIterable {
        case viewer, manager, analyst, admin
    }

    public static let loginLengthMax = 100
    public static let passwordLengthMin = 10
    /// Keeps the work of a sign-in bounded.
    public static let passwordBytesMax = 1000
}

/// What can go wrong with users.
public enum UserError: Error, Hashable, Sendable {
    case loginMalformed(String)
    case loginTaken(String)
    case unknownLogin(String)
    case passwordTooShort
    case passwordTooLong
    /// The hash cannot be computed, for lack of memory.
    case hashing(String)
    case postgres(PostgresError)
    case unexpected(String)

    static func of(_ error: any Error) -> UserError {
        switch error {
        case let known as UserError: known
        case let known as PostgresError: .postgres(known)
        default: .unexpected("\(error)")
        }
    }
}

extension UserError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .loginMalformed(let login):
            "a login has 1 to \(User.loginLengthMax) characters, none of them blank or control: \(login)"
        case .loginTaken(let login): "there is a user of this login already: \(login)"
        case .unknownLogin(let login): "there is no user of this login: \(login)"
        case .passwordTooShort: "a password needs at least \(User.passwordLengthMin) characters"
        case .passwordTooLong: "a password has at most \(User.passwordBytesMax) bytes"
        case .hashing(let reason): "cannot compute the password's hash: \(reason)"
        case .postgres(let error): "\(error)"
        case .unexpected(let what): "the users' tables hold something unexpected: \(what)"
        }
    }
}
