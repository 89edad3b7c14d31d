/// Where a Postgres is and how to sign in.
public struct PostgresConfiguration: Hashable, Sendable {
    /// A host name, an address, or the directory of a Unix socket.
    public var host: String
    public var port: Int
    public var database: String
    public var user: String
    public var password: String?
    /// Further libpq options, for example `sslmode`.
    public var options: [String: String]

    public static let defaultPort = 5432

    public init(
        host: String, port: Int = Self.defaultPort, database: String, user: String, password: String? = nil,
        options: [String: String] = [:]
    ) {
        self.host = host
        self.port = port
        self.database = database
        self.user = user
        self.password = password
        self.options = options
    }

    /// Reads `postgres://user:password@host:port/database?host=/socket/directory&sslmode=require`.
    ///
    /// - Returns: nil if the text is no such URL.
    public init?(url: String) {
        let schemes = ["postgres://", "postgresql://"]
        guard let scheme = schemes.first(where: url.hasPrefix) else { return nil }
        var rest = url.dropFirst(scheme.count)
        var query: Substring = ""
        if let mark = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        var path: Substring = ""
        if let slash = rest.firstIndex(of: "/") {
            path = rest[rest.index(after: slash)...]
            rest = rest[..<slash]
        }
        var credentials: Substring = ""
        if let at = rest.lastIndex(of: "@") {
            credentials = rest[..<at]
            rest = rest[rest.index(after: at)...]
        }
        let pair = credentials.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var user = pair.first.flatMap(Self.decoded) ?? ""
        var password = pair.count > 1 ? Self.decoded(pair[1]) : nil
        var host = String(rest)
        var port = Self.defaultPort
        if let colon = rest.lastIndex(of: ":"), !rest.hasSuffix("]") {
            guard let number = Int(rest[rest.index(after: colon)...]), (1...65_535).contains(number) else { return nil }
            port = number
            host = String(rest[..<colon])
        }
        var options: [String: String] = [:]
        for item in query.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let value = Self.decoded(parts[1]) else { return nil }
            switch parts[0] {
            case "host": host = value
            case "port":
                guard let number = Int(value) else { return nil }
                port = number
            case "user": user = value
            case "password": password = value
            default: options[String(parts[0])] = value
            }
        }
        let database = Self.decoded(path) ?? ""
        self.init(
            host: host.isEmpty ? "localhost" : host, port: port,
            database: database.isEmpty ? (user.isEmpty ? "postgres" : user) : database,
            user: user.isEmpty ? "postgres" : user, password: password, options: options)
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == 37 else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Host, port and database for messages; never the password.
    public var target: String {
        host.hasPrefix("/") ? "\(host) (database \(database))" : "\(host):\(port)/\(database)"
    }

    /// Keywords and values for libpq.
    func keywords(replication: Bool, connectTimeoutSeconds: Int) -> [(String, String)] {
        var pairs = [
            ("host", host), ("port", "\(port)"), ("dbname", database), ("user", user),
            ("connect_timeout", "\(connectTimeoutSeconds)"), ("application_name", "ambar"),
            ("client_encoding", "UTF8"),
        ]
        if let password { pairs.append(("password", password)) }
        if replication { pairs.append(("replication", "database")) }
        for (name, value) in options.sorted(by: { $0.key < $1.key }) { pairs.append((name, value)) }
        return pairs
    }
}
