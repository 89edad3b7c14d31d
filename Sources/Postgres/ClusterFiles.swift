import Foundation

/// The private cluster's directories, locks and log.
///
/// ```
/// DIR/postgres          the cluster, whole or absent: it is made beside and renamed
/// DIR/postgres.new      a cluster in the making
/// DIR/postgres.sock/    the socket; in /tmp when DIR is too long for the kernel
/// DIR/postgres.users    locked, shared, by each process that uses the server
/// DIR/postgres.log
/// ```
struct ClusterFiles: Sendable {
    let directory: String
    let commands: ClusterCommands

    var clusterPath: String { directory + "/postgres" }
    var logPath: String { directory + "/postgres.log" }
    private var makingPath: String { directory + "/postgres.new" }
    private var settingsPath: String { clusterPath + "/ambar.conf" }

    init(directory: String, commands: ClusterCommands) {
        // The server changes its directory, so that it needs whole paths.
        self.directory =
            directory.hasPrefix("/") ? directory : FileManager.default.currentDirectoryPath + "/" + directory
        self.commands = commands
    }

    /// The kernel takes at most 107 bytes, with the file's name `.s.PGSQL.5432.lock` in them.
    var socketDirectory: String {
        let beside = directory + "/postgres.sock"
        guard beside.utf8.count > 80 else { return beside }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in directory.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return "/tmp/ambar-" + String(hash, radix: 36)
    }

    var isInitialised: Bool { FileManager.default.fileExists(atPath: clusterPath + "/PG_VERSION") }

    func prepare() throws(PostgresError) {
        try makeDirectory(directory)
        try makeDirectory(socketDirectory)
        try protect(socketDirectory)
        if isInitialised {
            try protect(clusterPath)
            try commands.checkReachable(clusterPath)
        }
        let descriptor = open(logPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw .cluster("cannot write \(logPath): \(ChildProgram.reason(errno))")
        }
        close(descriptor)
        try commands.giveToServerUser(logPath)
        try commands.checkReachable(socketDirectory)
    }

    private func makeDirectory(_ path: String) throws(PostgresError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw .cluster("cannot make the directory \(path): \(ChildProgram.reason(errno))")
        }
    }

    /// Makes the directory the server's own: only its user may enter.
    private func protect(_ path: String) throws(PostgresError) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .cluster("\(path) is no directory")
        }
        let owners = [geteuid(), commands.serverUser?.user ?? geteuid()]
        guard owners.contains(status.st_uid) else {
            throw .cluster(
                "\(path) belongs to another user (id \(status.st_uid)): run as that user, or move it away")
        }
        try commands.giveToServerUser(path)
        guard chmod(path, 0o700) == 0 else {
            throw .cluster("cannot protect \(path): \(ChildProgram.reason(errno))")
        }
    }

    /// - Returns: The descriptor that holds the lock; closing it gives the lock up.
    func lockUsers() throws(PostgresError) -> Int32 {
        let path = directory + "/postgres.users"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .cluster("cannot open \(path): \(ChildProgram.reason(errno))") }
        // Waits while the last user of before stops the server.
        while flock(descriptor, LOCK_SH) != 0 {
            guard errno == EINTR else {
                close(descriptor)
                throw .cluster("cannot lock \(path): \(ChildProgram.reason(errno))")
            }
        }
        return descriptor
    }

    /// Makes the cluster beside its place and renames it, so that a kill leaves a whole one or none.
    func initialise(isDurable: Bool) throws(PostgresError) {
        let making = open(directory + "/postgres.making", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard making >= 0, flock(making, LOCK_EX) == 0 else {
            throw .cluster("cannot lock \(directory)/postgres.making: \(ChildProgram.reason(errno))")
        }
        defer { close(making) }
        if isInitialised { return }
        if FileManager.default.fileExists(atPath: clusterPath), rmdir(clusterPath) != 0 {
            throw .cluster(
                "\(clusterPath) holds files but no PG_VERSION: restore the cluster, or move them away")
        }
        if FileManager.default.fileExists(atPath: makingPath) {
            do {
                try FileManager.default.removeItem(atPath: makingPath)
            } catch {
                throw .cluster("cannot remove \(makingPath): \(error.localizedDescription)")
            }
        }
        try makeDirectory(makingPath)
        try protect(makingPath)
        try commands.checkReachable(makingPath)
        try commands.run(
            "initdb",
            ["-D", makingPath, "-U", PrivateCluster.user, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
                + (isDurable ? [] : ["--no-sync"]))
        guard rename(makingPath, clusterPath) == 0 else {
            throw .cluster("cannot rename \(makingPath): \(ChildProgram.reason(errno))")
        }
    }

    func checkVersion() throws(PostgresError) {
        let path = clusterPath + "/PG_VERSION"
        let version = (try? String(contentsOfFile: path, encoding: .utf8))?.split(
            whereSeparator: \.isWhitespace
        ).first
        guard let version, let number = Int(version) else { throw .cluster("cannot read \(path)") }
        guard number == commands.majorVersion else {
            throw .cluster(
                "the cluster in \(clusterPath) was made by Postgres \(number), "
                    + "but \(commands.majorVersion) is in \(commands.binaries); "
                    + "install postgresql-\(number) or set AMBAR_POSTGRES_BIN")
        }
    }

    /// Removes the server's lock files when the process that they name is not a living Postgres.
    ///
    /// After a power loss or in a new container another program may have got the number; the server would
    /// refuse to start. It still checks its shared memory, which no second server on this cluster can pass.
    func removeStaleLock() throws(PostgresError) {
        for path in [
            clusterPath + "/postmaster.pid",
            socketDirectory + "/.s.PGSQL.\(PostgresConfiguration.defaultPort).lock",
        ] {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8),
                let line = text.split(whereSeparator: \.isNewline).first, let process = Int32(line),
                process > 0,
                !Self.isLivingServer(process)
            else { continue }
            guard unlink(path) == 0 else {
                throw .cluster("cannot remove \(path): \(ChildProgram.reason(errno))")
            }
        }
    }

    private static func isLivingServer(_ process: Int32) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else {
            // Without /proc the server's own check decides.
            return !FileManager.default.fileExists(atPath: "/proc/self/status") || kill(process, 0) == 0
        }
        let lines = status.split(separator: "\n")
        let isServer = lines.first.map { $0.hasSuffix("postgres") || $0.hasSuffix("postmaster") } ?? false
        // A zombie still has its number, as long as nobody asks for its exit code.
        let isZombie = lines.contains { $0.hasPrefix("State:") && $0.contains("Z") }
        return isServer && !isZombie
    }

    /// Replaces our settings and makes the server read them after its own.
    func writeSettings(_ text: String) throws(PostgresError) {
        do {
            try text.write(toFile: settingsPath, atomically: false, encoding: .utf8)
            let main = clusterPath + "/postgresql.conf"
            let include = "include_if_exists = 'ambar.conf'"
            let known = try String(contentsOfFile: main, encoding: .utf8)
            if !known.contains(include) {
                try (known + "\n" + include + "\n").write(toFile: main, atomically: true, encoding: .utf8)
                try commands.giveToServerUser(main)
            }
        } catch let error as PostgresError {
            throw error
        } catch {
            throw .cluster("cannot write \(settingsPath): \(error.localizedDescription)")
        }
        try commands.giveToServerUser(settingsPath)
    }

    /// The last lines of the server's log.
    var logEnd: String? {
        guard let file = FileHandle(forReadingAtPath: logPath) else { return nil }
        defer { try? file.close() }
        guard let size = try? file.seekToEnd() else { return nil }
        guard (try? file.seek(toOffset: size > 4096 ? size - 4096 : 0)) != nil,
            let bytes = try? file.readToEnd()
        else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).suffix(3)
        return lines.isEmpty ? nil : lines.joined(separator: "; ")
    }
}
