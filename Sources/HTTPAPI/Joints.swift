import APIContract
import Columns
import WarehouseEngine

/// What the API needs from the rest of the server, asked once a request. The composition root connects them.
public struct APIServices: Sendable {
    public var queries: any QueryService
    public var accounts: any AccountService
    public var readiness: any ReadinessProbe

    public init(queries: any QueryService, accounts: any AccountService, readiness: any ReadinessProbe) {
        self.queries = queries
        self.accounts = accounts
        self.readiness = readiness
    }
}

/// Runs SQL. Calls come on threads of their own, never on the cooperative pool, and may block.
public protocol QueryService: Sendable {
    /// Starts the query.
    ///
    /// - Throws: `QueryError`.
    func run(_ sql: String, parameters: [Value]) throws -> any QueryRows

    func tables() throws -> [TableDescription]
}

/// The rows of a running query. Used by one thread.
public protocol QueryRows {
    var columns: [ResultColumn] { get }

    /// The next rows; nil after the last.
    ///
    /// - Throws: `QueryError`.
    func next() throws -> DataChunk?

    /// Ends the query early. Harmless after the last row.
    func cancel()
}

/// Who signed in.
public struct Account: Hashable, Sendable {
    public var login: String
    public var role: Role

    public init(login: String, role: Role) {
        self.login = login
        self.role = role
    }
}

/// A sign-in or its continuation: the account and a refresh token that is good once.
public struct Session: Sendable {
    public var account: Account
    public var refreshToken: String

    public init(account: Account, refreshToken: String) {
        self.account = account
        self.refreshToken = refreshToken
    }
}

public protocol AccountService: Sendable {
    /// nil when login and password do not belong together.
    func signIn(login: String, password: String) async throws -> Session?

    /// nil when the token is unknown, used up or too old. A token used twice ends every session that came
    /// from it.
    func refresh(_ token: String) async throws -> Session?

    /// The key that access tokens are signed with; the same after a restart.
    func signingKey() async throws -> [UInt8]
}

public protocol ReadinessProbe: Sendable {
    /// One check a dependency: record, store, replication.
    func checks() async -> [HealthReply.Check]
}
