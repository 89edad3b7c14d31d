import Foundation

/// A Postgres of Ambar's own in the data directory: on a Unix socket only, ready for logical replication.
///
/// The server is detached: when this process is killed it goes on, and the next `start` adopts it. Each
/// process that uses it holds a shared lock on `postgres.users`; the last one to `stop` shuts the server
/// down.
public final class PrivateCluster: @unchecked Sendable {
    public struct Options: Sendable {
        /// The directory of `initdb`, `pg_ctl` and `postgres`; found by itself when nil.
        public var binaries: String?
        /// Off only where losing the database is no loss, as in tests; the server is then small, too.
        public var isDurable = true
        /// How long a start may take. After a crash the server first replays its log.
        public var startSeconds = 300

        public init(binaries: String? = nil, isDurable: Bool = true) {
            self.binaries = binaries
            self.isDurable = isDurable
        }
    }

    public static let versionMin = 14
    public static let user = "ambar"
    public static let database = "ambar"

    private let options: Options
    private let commands: ClusterCommands
    private let files: ClusterFiles
    /// The descriptor that holds the lock on `postgres.users`; -1 when not started. Guarded by `lock`.
    private var usersDescriptor: Int32 = -1
    private let lock = NSLock()

    /// - Parameter directory: The data directory; the cluster goes to `postgres` in it.
    /// - Throws: `.cluster` when Postgres is not installed or too old.
    public init(directory: String, options: Options = Options()) throws(PostgresError) {
        self.options = options
        commands = try ClusterCommands(binaries: options.binaries)
        files = ClusterFiles(directory: directory, commands: commands)
    }

    public var socketDirectory: String { files.socketDirectory }

    public var configuration: PostgresConfiguration {
        PostgresConfiguration(host: socketDirectory, database: Self.database, user: Self.user)
    }

    /// Makes the cluster if it is not there, starts it if it does not run, and makes the database. Blocks.
    ///
    /// - Throws: `.cluster` with the reason, for example of the server's log.
    public func start() throws {
        try lock.withLock {
            guard usersDescriptor < 0 else { return }
            try files.prepare()
            let users = try files.lockUsers()
            do {
                try startServerAndDatabase()
                usersDescriptor = users
            } catch {
                close(users)
                throw error
            }
        }
    }

    /// Shuts the server down unless another process uses it. Blocks until it has ended.
    public func stop() {
        lock.withLock {
            guard usersDescriptor >= 0 else { return }
            let isLastUser = flock(usersDescriptor, LOCK_EX | LOCK_NB) == 0
            if isLastUser {
                let stop = ["-D", files.clusterPath, "-w", "-t", "60", "stop", "-m"]
                if (try? commands.run("pg_ctl", stop + ["fast"])) == nil {
                    // What is committed is in the log; the next start replays it.
                    _ = try? commands.run("pg_ctl", stop + ["immediate"])
                }
            }
            close(usersDescriptor)
            usersDescriptor = -1
        }
    }

    private func startServerAndDatabase() throws {
        if !files.isInitialised { try files.initialise(isDurable: options.isDurable) }
        try files.checkVersion()
        if try !adoptRunningServer() { try startServer() }
        try makeDatabase()
    }

    /// Uses the server that an earlier process left running, waiting until it answers.
    ///
    /// - Returns: false if none runs.
    private func adoptRunningServer() throws -> Bool {
        try files.removeStaleLock()
        let deadline = Date(timeIntervalSinceNow: Double(options.startSeconds))
        while isAlive {
            do throws(PostgresError) {
                _ = try PostgresConnection(maintenance)
                return true
            } catch {
                // It may still replay its log, or be shutting down.
                guard Date() < deadline else {
                    throw PostgresError.cluster("runs but does not answer: \(error)")
                }
                Thread.sleep(forTimeInterval: 0.1)
            }
        }
        return false
    }

    private var isAlive: Bool { (try? commands.run("pg_ctl", ["-D", files.clusterPath, "status"])) != nil }

    private var maintenance: PostgresConfiguration {
        var maintenance = configuration
        maintenance.database = "postgres"
        return maintenance
    }

    private func startServer() throws {
        try files.writeSettings(
            ClusterSettings.text(socketDirectory: socketDirectory, isDurable: options.isDurable))
        do throws(PostgresError) {
            try commands.run(
                "pg_ctl",
                [
                    "-D", files.clusterPath, "-l", files.logPath, "-w", "-t", "\(options.startSeconds)",
                    "start",
                ])
        } catch {
            // Another process may have started it in the meantime.
            if try adoptRunningServer() { return }
            throw PostgresError.cluster(
                "does not start: \(files.logEnd ?? "\(error)") (log: \(files.logPath))")
        }
    }

    private func makeDatabase() throws {
        let connection = try PostgresConnection(maintenance)
        let known = try connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = $1", [.text(Self.database)])
        guard known.count == 0 else { return }
        do {
            try connection.executeScript("CREATE DATABASE \(Self.database)")
        } catch {
            // Another process may have made it in the meantime.
            if error.sqlState != "42P04" && error.sqlState != "23505" { throw error }
        }
    }
}
