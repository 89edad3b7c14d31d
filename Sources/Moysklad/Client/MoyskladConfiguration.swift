import Foundation

/// How to reach Moysklad.
public struct MoyskladConfiguration: Sendable {
    /// Who we are.
    public enum Credentials: Sendable, Hashable {
        case token(String)
        case password(login: String, password: String)
    }

    /// Such as `https://api.moysklad.ru/api/remap/1.2`, without a slash at the end.
    public var baseURL: String
    public var credentials: Credentials
    public var limits: RateLimiter.Limits
    /// What an ordinary request costs as far as is known; corrected by the answers.
    public var unitsPerRequest: Int
    public var retries: RetryPolicy
    public var timeLimit: Duration
    /// Reports may take minutes.
    public var reportTimeLimit: Duration

    /// The official address.
    public static let officialURL = "https://api.moysklad.ru/api/remap/1.2"

    /// Slashes at the end of the URL are dropped.
    public init(
        baseURL: String = Self.officialURL, credentials: Credentials, limits: RateLimiter.Limits = .init(),
        unitsPerRequest: Int = 1, retries: RetryPolicy = .init(), timeLimit: Duration = .seconds(120),
        reportTimeLimit: Duration = .seconds(330)
    ) {
        var url = baseURL
        while url.hasSuffix("/") { url.removeLast() }
        self.baseURL = url
        self.credentials = credentials
        self.limits = limits
        self.unitsPerRequest = unitsPerRequest
        self.retries = retries
        self.timeLimit = timeLimit
        self.reportTimeLimit = reportTimeLimit
    }

    /// The server's name, for messages.
    var host: String {
        let rest = baseURL.components(separatedBy: "://").last ?? baseURL
        let authority = rest.split(separator: "/").first.map(String.init) ?? rest
        return authority.split(separator: "@").last.map(String.init) ?? authority
    }

    var authorization: String {
        switch credentials {
        case .token(let token): "Bearer \(token)"
        case .password(let login, let password):
            "Basic " + Data("\(login):\(password)".utf8).base64EncodedString()
        }
    }

    /// - Throws: `MoyskladError.configuration`.
    func check() throws(MoyskladError) {
        guard baseURL.hasPrefix("https://") || baseURL.hasPrefix("http://"), !host.isEmpty else {
            throw .configuration(reason: "the address must begin with https:// or http://: \(baseURL)")
        }
        let parts: [String] =
            switch credentials {
            case .token(let token): [token]
            case .password(let login, let password): [login, password]
            }
        guard parts.allSatisfy({ !$0.isEmpty }) else {
            throw .configuration(reason: "the token, or the login and password, is empty")
        }
        guard parts.allSatisfy({ part in !part.unicodeScalars.contains { $0.value < 0x20 } }) else {
            throw .configuration(reason: "the token or password has a control character")
        }
    }
}
