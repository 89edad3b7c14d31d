import Foundation

/// Runs Postgres's programs, as another user when this process is root (they refuse to run as root).
struct ClusterCommands: Sendable {
    let binaries: String
    let majorVersion: Int
    /// The user and group that the server runs as; nil when this process is not root.
    let serverUser: (name: String, user: uid_t, group: gid_t)?

    init(binaries given: String?) throws(PostgresError) {
        guard let found = given ?? Self.findBinaries() else {
            throw .cluster(
                "Postgres is not installed: install the package postgresql, "
                    + "or point AMBAR_POSTGRES_URL at a server"
            )
        }
        guard FileManager.default.isExecutableFile(atPath: found + "/initdb") else {
            throw .cluster("there is no initdb in \(found)")
        }
        binaries = found
        serverUser = geteuid() == 0 ? try Self.findServerUser() : nil
        majorVersion = Self.version(of: found + "/postgres")
        guard majorVersion >= PrivateCluster.versionMin else {
            throw .cluster(
                "Postgres \(majorVersion) in \(found) is too old; "
                    + "\(PrivateCluster.versionMin) or newer is needed"
            )
        }
    }

    private static func findBinaries() -> String? {
        let debian = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? []).compactMap {
            Int($0)
        }
        for version in versions.sorted(by: >) {
            let path = "\(debian)/\(version)/bin"
            if FileManager.default.isExecutableFile(atPath: path + "/initdb") { return path }
        }
        return ["/usr/bin", "/usr/local/bin", "/usr/local/pgsql/bin", "/opt/homebrew/bin"].first {
            FileManager.default.isExecutableFile(atPath: $0 + "/initdb")
        }
    }

    private static func findServerUser() throws(PostgresError) -> (name: String, user: uid_t, group: gid_t) {
        for name in ["postgres", "nobody"] {
            if let entry = getpwnam(name) { return (name, entry.pointee.pw_uid, entry.pointee.pw_gid) }
        }
        throw .cluster("running as root needs a user postgres or nobody to run the server as")
    }

    private static func version(of program: String) -> Int {
        let text = (try? ChildProgram.run(program, ["--version"]))?.output ?? ""
        let number = text.split(separator: " ").first { $0.first?.isNumber == true } ?? ""
        return Int(number.prefix { $0.isNumber }) ?? 0
    }

    func giveToServerUser(_ path: String) throws(PostgresError) {
        guard let serverUser else { return }
        guard chown(path, serverUser.user, serverUser.group) == 0 else {
            throw .cluster("cannot give \(path) to \(serverUser.name): errno \(errno)")
        }
    }

    /// Checks that the server's user can enter every directory above `path`.
    func checkReachable(_ path: String) throws(PostgresError) {
        guard let serverUser else { return }
        let test = try runAsServerUser("/usr/bin/test", ["-w", path])
        guard test.status == 0 else {
            throw .cluster(
                "the user \(serverUser.name), who runs it, cannot enter \(path): "
                    + "choose another --data directory"
            )
        }
    }

    /// Runs a program to its end.
    ///
    /// - Throws: `.cluster` with the last lines that it printed.
    func run(_ program: String, _ arguments: [String]) throws(PostgresError) {
        let outcome = try runAsServerUser(binaries + "/" + program, arguments)
        guard outcome.status == 0 else {
            let lines = outcome.output.split(whereSeparator: \.isNewline).suffix(3).joined(separator: "; ")
            throw .cluster("\(program): \(lines.isEmpty ? "exit code \(outcome.status)" : lines)")
        }
    }

    private func runAsServerUser(
        _ path: String, _ arguments: [String]
    ) throws(PostgresError) -> ChildProgram.Outcome {
        guard let serverUser else { return try ChildProgram.run(path, arguments) }
        return try ChildProgram.run(
            "/usr/bin/setpriv",
            ["--reuid=\(serverUser.user)", "--regid=\(serverUser.group)", "--clear-groups", "--", path]
                + arguments)
    }
}
