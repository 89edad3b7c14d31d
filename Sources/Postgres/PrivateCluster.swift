import Foundation

/// A Postgres of Ambar's own in the data directory: on a Unix socket only, ready for logical replication.
///
/// The server is detached: when this process is killed it goes on, and the next `start` adopts it. Each process that
/// uses it holds a shared lock on `postgres.users`; the last one to `stop` shuts the server down.
public final class PrivateCluster: @unchecked Sendable {
    public struct Options: Sendable {
        /// The directory of `initdb`, `pg_ctl` and `postgres`; found by itself when nil.
        public var binaries: String?
        /// Off only where losing the database is no loss, as in tests.
        public var isDurable = true

        public init(binaries: String? = nil, isDurable: Bool = true) {
            self.binaries = binaries
            self.isDurable = isDurable
        }
    }

    public static let versionMin = 14
    public static let user = "ambar"
    public static let database = "ambar"

    private let directory: String
    private let options: Options
    /// The descriptor that holds the lock on `postgres.users`; -1 when not started. Guarded by the caller: one owner.
    private var usersDescriptor: Int32 = -1
    private let commands: ClusterCommands

    /// - Parameter directory: The data directory; the cluster goes to `postgres` in it.
    /// - Throws: `.cluster` when Postgres is not installed or too old.
    public init(directory: String, options: Options = Options()) throws(PostgresError) {
        self.directory = directory
        self.options = options
        commands = try ClusterCommands(binaries: options.binaries)
    }

    private var clusterPath: String { directory + "/postgres" }
    private var logPath: String { directory + "/postgres.log" }

    /// A path for the socket that the kernel accepts (at most 107 bytes with the file's name).
    public var socketDirectory: String {
        let beside = directory + "/postgres.sock"
        guard beside.utf8.count > 80 || !beside.hasPrefix("/") else { return beside }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in directory.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return "/tmp/ambar-" + String(hash, radix: 36)
    }

    public var configuration: PostgresConfiguration {
        PostgresConfiguration(host: socketDirectory, database: Self.database, user: Self.user)
    }

    /// Makes the cluster if it is not there, starts it if it does not run, and makes the database. Blocks.
    ///
    /// - Throws: `.cluster` with the reason, for example of the server's log.
    public func start() throws {
        try prepareDirectories()
        try holdUsersLock()
        do {
            if !FileManager.default.fileExists(atPath: clusterPath + "/PG_VERSION") { try initialise() }
            try checkVersion()
            if !isRunning() { try startServer() }
            try makeDatabase()
            try (socketDirectory + "\n").write(
                toFile: directory + "/postgres.socket", atomically: true, encoding: .utf8)
        } catch {
            releaseUsersLock()
            throw error
        }
    }

    /// Shuts the server down unless another process uses it. Blocks until it has ended.
    public func stop() {
        guard usersDescriptor >= 0 else { return }
        let isLastUser = flock(usersDescriptor, LOCK_EX | LOCK_NB) == 0
        if isLastUser {
            _ = try? commands.run("pg_ctl", ["-D", clusterPath, "-m", "fast", "-w", "-t", "60", "stop"])
        }
        releaseUsersLock()
    }

    private func prepareDirectories() throws {
        for path in [directory, clusterPath, socketDirectory] {
            do {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            } catch {
                throw PostgresError.cluster("cannot make the directory \(path): \(error.localizedDescription)")
            }
        }
        for path in [clusterPath, socketDirectory] {
            try commands.giveToServerUser(path)
            guard chmod(path, 0o700) == 0 else { throw PostgresError.cluster("cannot protect \(path): errno \(errno)") }
        }
        if !FileManager.default.fileExists(atPath: logPath) {
            guard FileManager.default.createFile(atPath: logPath, contents: nil) else {
                throw PostgresError.cluster("cannot write \(logPath)")
            }
        }
        try commands.giveToServerUser(logPath)
        try commands.checkReachable(clusterPath)
    }

    private func holdUsersLock() throws(PostgresError) {
        let path = directory + "/postgres.users"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .cluster("cannot open \(path): errno \(errno)") }
        guard flock(descriptor, LOCK_SH) == 0 else {
            close(descriptor)
            throw .cluster("cannot lock \(path): errno \(errno)")
        }
        usersDescriptor = descriptor
    }

    private func releaseUsersLock() {
        if usersDescriptor >= 0 { close(usersDescriptor) }
        usersDescriptor = -1
    }

    private func initialise() throws {
        // A leftover of an initdb that was killed has no PG_VERSION at its end or is incomplete: begin anew.
        for name in try FileManager.default.contentsOfDirectory(atPath: clusterPath) {
            try FileManager.default.removeItem(atPath: clusterPath + "/" + name)
        }
        let fresh = clusterPath + "/new"
        try commands.run(
            "initdb",
            ["-D", fresh, "-U", Self.user, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
                + (options.isDurable ? [] : ["--no-sync"]))
        // PG_VERSION moves last: its presence says that the cluster is whole.
        let names = try FileManager.default.contentsOfDirectory(atPath: fresh).filter { $0 != "PG_VERSION" }
        for name in names + ["PG_VERSION"] {
            try FileManager.default.moveItem(atPath: fresh + "/" + name, toPath: clusterPath + "/" + name)
        }
        try FileManager.default.removeItem(atPath: fresh)
    }

    private func checkVersion() throws {
        let text = try String(contentsOfFile: clusterPath + "/PG_VERSION", encoding: .utf8)
        let version = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard Int(version) == commands.majorVersion else {
            throw PostgresError.cluster(
                "the cluster in \(clusterPath) was made by Postgres \(version), but \(commands.majorVersion) is "
                    + "installed; install postgresql-\(version) or set AMBAR_POSTGRES_BIN")
        }
    }

    /// Whether a server runs on this cluster, started by whichever process.
    private func isRunning() -> Bool {
        (try? commands.run("pg_ctl", ["-D", clusterPath, "status"])) != nil
            && (try? PostgresConnection(maintenance)) != nil
    }

    private var maintenance: PostgresConfiguration {
        var maintenance = configuration
        maintenance.database = "postgres"
        return maintenance
    }

    private func startServer() throws {
        let settings = """
            listen_addresses = ''
            unix_socket_directories = '\(socketDirectory)'
            unix_socket_permissions = 0700
            port = \(PostgresConfiguration.defaultPort)
            max_connections = 60
            wal_level = logical
            max_wal_senders = 10
            max_replication_slots = 10
            max_slot_wal_keep_size = 16GB
            max_wal_size = 2GB
            shared_buffers = 128MB
            jit = off
            fsync = \(options.isDurable ? "on" : "off")
            synchronous_commit = \(options.isDurable ? "on" : "off")
            full_page_writes = \(options.isDurable ? "on" : "off")
            log_min_messages = warning

            """
        let path = clusterPath + "/postgresql.auto.conf"
        try settings.write(toFile: path, atomically: false, encoding: .utf8)
        try commands.giveToServerUser(path)
        do {
            try commands.run("pg_ctl", ["-D", clusterPath, "-l", logPath, "-w", "-t", "60", "start"])
        } catch {
            // Another process may have started it in the meantime.
            if isRunning() { return }
            let log = (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? ""
            let lines = log.split(separator: "\n").suffix(3).joined(separator: "; ")
            throw PostgresError.cluster("does not start: \(lines.isEmpty ? "\(error)" : lines) (log: \(logPath))")
        }
    }

    private func makeDatabase() throws {
        let connection = try PostgresConnection(maintenance)
        let known = try connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = $1", [.text(Self.database)])
        if known.count == 0 {
            do {
                try connection.executeScript("CREATE DATABASE \(Self.database)")
            } catch {
                // Another process may have made it in the meantime.
                if error.sqlState != "42P04" && error.sqlState != "23505" { throw error }
            }
        }
    }
}
