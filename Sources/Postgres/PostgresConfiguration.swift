import CLibpq

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

    /// Reads `postgres://user:password@host:port/database?sslmode=require`, or libpq's `host=… dbname=…`.
    ///
    /// What is missing is as with psql, but the user and database are `postgres` and the host is `localhost`.
    ///
    /// - Returns: nil if the text is neither.
    public init?(url: String) {
        guard let pairs = Self.parsed(url) else { return nil }
        var known = pairs
        let user = known.removeValue(forKey: "user") ?? "postgres"
        var port = Self.defaultPort
        if let text = known.removeValue(forKey: "port") {
            guard let number = Int(text), (1...65_535).contains(number) else { return nil }
            port = number
        }
        let database = known.removeValue(forKey: "dbname")
        self.init(
            host: known.removeValue(forKey: "host") ?? known["hostaddr"] ?? "localhost", port: port,
            database: database ?? pairs["user"] ?? "postgres", user: user,
            password: known.removeValue(forKey: "password"), options: known)
    }

    /// The options that `text` sets; nil where libpq refuses it. Its reason is not kept: it may quote the
    /// password.
    private static func parsed(_ text: String) -> [String: String]? {
        guard text.contains("=") || text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") else {
            return nil
        }
        var reason: UnsafeMutablePointer<CChar>?
        let parsed = PQconninfoParse(text, &reason)
        PQfreemem(reason)
        guard let parsed else { return nil }
        defer { PQconninfoFree(parsed) }
        var pairs: [String: String] = [:]
        var option = parsed
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val, value.pointee != 0 {
                pairs[String(cString: keyword)] = String(cString: value)
            }
            option += 1
        }
        return pairs
    }

    /// The same server, which ends a statement that takes longer (SQLSTATE 57014).
    public func limitingStatements(to limit: Duration) -> PostgresConfiguration {
        var limited = self
        let setting = "-c statement_timeout=\(max(1, Int64(limit / .milliseconds(1))))"
        limited.options["options"] = options["options"].map { "\($0) \(setting)" } ?? setting
        return limited
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
        // A peer that vanishes without a word is noticed within a minute.
        pairs += [("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3")]
        if let password { pairs.append(("password", password)) }
        if replication { pairs.append(("replication", "database")) }
        for (name, value) in options.sorted(by: { $0.key < $1.key }) { pairs.append((name, value)) }
        return pairs
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { target }
    public var debugDescription: String { target }
    /// Without this a dump, or the text of a type that holds a configuration, would print the password.
    public var customMirror: Mirror { Mirror(self, children: ["target": target]) }
}
