/// `POST /api/v1/auth/token`: either a login with its password, or a refresh token from an earlier answer.
public struct TokenRequest: Codable, Hashable, Sendable {
    public var login: String?
    public var password: String?
    public var refreshToken: String?

    public init(login: String, password: String) {
        self.login = login
        self.password = password
    }

    public init(refreshToken: String) { self.refreshToken = refreshToken }
}

/// The answer to a sign-in. The access token goes into `Authorization: Bearer …`; the refresh token is good
/// once.
public struct TokenReply: Codable, Hashable, Sendable {
    public var accessToken: String
    public var tokenType: String
    /// Seconds that the access token lives.
    public var expiresIn: Int
    public var refreshToken: String
    public var role: Role

    public init(accessToken: String, expiresIn: Int, refreshToken: String, role: Role) {
        self.accessToken = accessToken
        tokenType = "Bearer"
        self.expiresIn = expiresIn
        self.refreshToken = refreshToken
        self.role = role
    }
}

/// What a user may do. Each role may do all that the ones before it may.
public enum Role: String, Codable, Hashable, Sendable, CaseIterable, Comparable {
    /// Reports.
    case viewer
    /// And stock and exports.
    case manager
    /// And SQL.
    case analyst
    /// And users and settings.
    case admin

    public static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
