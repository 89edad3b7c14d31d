/// What can go wrong between Ambar and Postgres. Messages never hold a password.
public enum PostgresError: Error, Hashable, Sendable {
    /// The server cannot be reached or refuses the sign-in.
    case cannotConnect(target: String, reason: String)
    /// The connection broke while it was used.
    case connectionLost(target: String, reason: String)
    /// The server refused a statement.
    case server(ServerError)
    /// A row has no such column, or its value is not of the wanted type.
    case unexpectedValue(column: String, wanted: String, found: String)
    /// Every connection of the pool stayed busy for too long.
    case poolExhausted(size: Int)
    /// An answer that the protocol does not allow here.
    case protocolViolation(String)
    /// The private cluster cannot be made or started.
    case cluster(String)
    /// A migration was edited after it was applied, is missing, or fails.
    case migration(file: String, reason: String)

    /// An error that the server reports.
    public struct ServerError: Hashable, Sendable {
        public var sqlState: String
        public var message: String
        public var detail: String?
        public var hint: String?
        public var constraint: String?
        /// Where in the statement, in characters from 1.
        public var position: Int?

        public init(
            sqlState: String, message: String, detail: String? = nil, hint: String? = nil,
            constraint: String? = nil,
            position: Int? = nil
        ) {
            self.sqlState = sqlState
            self.message = message
            self.detail = detail
            self.hint = hint
            self.constraint = constraint
            self.position = position
        }
    }

    /// Whether the server is out of reach or going down, so that the same call may succeed later.
    public var isConnectionProblem: Bool {
        switch self {
        case .cannotConnect, .connectionLost, .poolExhausted: true
        case .server(let error): error.sqlState.hasPrefix("08") || error.sqlState.hasPrefix("57P")
        default: false
        }
    }

    /// Whether the transaction lost against another one, so that running it again is the remedy.
    public var isConflict: Bool { sqlState == "40001" || sqlState == "40P01" }

    public var sqlState: String? {
        if case .server(let error) = self { error.sqlState } else { nil }
    }
}

extension PostgresError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .cannotConnect(let target, let reason): "cannot connect to Postgres at \(target): \(reason)"
        case .connectionLost(let target, let reason):
            "the connection to Postgres at \(target) was lost: \(reason)"
        case .server(let error):
            "Postgres: \(error.message) (\(error.sqlState))"
                + (error.detail.map { "; \($0)" } ?? "") + (error.hint.map { "; \($0)" } ?? "")
        case .unexpectedValue(let column, let wanted, let found): "column \(column) is no \(wanted): \(found)"
        case .poolExhausted(let size): "all \(size) connections to Postgres are busy"
        case .protocolViolation(let what): "Postgres answered out of turn: \(what)"
        case .cluster(let reason): "the private Postgres: \(reason)"
        case .migration(let file, let reason): "migration \(file): \(reason)"
        }
    }
}
