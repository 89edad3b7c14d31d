import Foundation
import Testing

@testable import Postgres

@Suite("The private cluster", .serialized)
struct PrivateClusterTests {
    /// A directory that is removed, with the server in it stopped, when the test ends.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(
            path: "ambar-pc-\(UUID().uuidString.prefix(8))"
        ).path
        defer {
            let cluster = try? PrivateCluster(directory: path, options: .init(isDurable: false))
            if (try? cluster?.start()) != nil { cluster?.stop() }
            try? FileManager.default.removeItem(atPath: path)
        }
        try body(path)
    }

    private func serverProcess(_ directory: String) throws -> pid_t {
        let text = try String(contentsOfFile: directory + "/postgres/postmaster.pid", encoding: .utf8)
        return try #require(text.split(whereSeparator: \.isNewline).first.flatMap { Int32($0) })
    }

    @Test("a server that outlived its owner is adopted, and the last user stops it")
    func adopted() throws {
        try withDirectory { directory in
            let first = try PrivateCluster(directory: directory, options: .init(isDurable: false))
            try first.start()
            let process = try serverProcess(directory)
            try PostgresConnection(first.configuration).executeScript("CREATE TABLE kept (a int)")
            let second = try PrivateCluster(directory: directory, options: .init(isDurable: false))
            try second.start()
            #expect(try serverProcess(directory) == process)
            first.stop()
            #expect(try PostgresConnection(second.configuration).execute("SELECT * FROM kept").count == 0)
            #expect(
                try PostgresConnection(second.configuration).execute("SHOW wal_level")[0].text("wal_level")
                    == "logical")
            second.stop()
            #expect(!FileManager.default.fileExists(atPath: directory + "/postgres/postmaster.pid"))
            #expect(throws: PostgresError.self) { try PostgresConnection(second.configuration) }
        }
    }

    @Test(
        "a killed server is started again with what was committed, also when its number is another program's")
    func killed() throws {
        try withDirectory { directory in
            let cluster = try PrivateCluster(directory: directory, options: .init(isDurable: true))
            try cluster.start()
            try PostgresConnection(cluster.configuration).executeScript(
                "CREATE TABLE kept (a int); INSERT INTO kept VALUES (7)")
            kill(try serverProcess(directory), SIGKILL)
            // The server's children end by themselves once they see that it is gone.
            let deadline = Date(timeIntervalSinceNow: 20)
            while (try? PostgresConnection(cluster.configuration)) != nil, Date() < deadline {
                usleep(20_000)
            }
            let lockPath = directory + "/postgres/postmaster.pid"
            var lines = try String(contentsOfFile: lockPath, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            lines[0] = "\(getpid())"[...]
            let owner = try FileManager.default.attributesOfItem(atPath: lockPath)
            try lines.joined(separator: "\n").write(toFile: lockPath, atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes(
                [.ownerAccountID: owner[.ownerAccountID] as Any], ofItemAtPath: lockPath)
            let next = try PrivateCluster(directory: directory, options: .init(isDurable: false))
            try next.start()
            #expect(try PostgresConnection(next.configuration).execute("SELECT a FROM kept")[0].int("a") == 7)
            cluster.stop()
            next.stop()
        }
    }

    @Test("a directory too long for a socket gets one elsewhere")
    func longPath() throws {
        let directory = "/tmp/" + String(repeating: "d", count: 120)
        let cluster = try PrivateCluster(directory: directory)
        #expect(cluster.socketDirectory.utf8.count < 40)
        #expect(cluster.socketDirectory.hasPrefix("/tmp/ambar-"))
    }

    @Test("an interrupted initdb is begun anew; foreign files are not touched")
    func interrupted() throws {
        try withDirectory { directory in
            let files = FileManager.default
            try files.createDirectory(
                atPath: directory + "/postgres.new/base", withIntermediateDirectories: true)
            try files.createDirectory(atPath: directory + "/postgres", withIntermediateDirectories: true)
            try "mine".write(toFile: directory + "/postgres/letter", atomically: true, encoding: .utf8)
            let cluster = try PrivateCluster(directory: directory, options: .init(isDurable: false))
            do {
                try cluster.start()
                Issue.record("no error")
            } catch {
                #expect("\(error)".contains("PG_VERSION"))
            }
            #expect(files.fileExists(atPath: directory + "/postgres/letter"))
            try files.removeItem(atPath: directory + "/postgres/letter")
            try cluster.start()
            #expect(!files.fileExists(atPath: directory + "/postgres.new"))
            cluster.stop()
        }
    }

    @Test("missing and old programs are named")
    func programs() throws {
        #expect(throws: PostgresError.cluster("there is no initdb in /nowhere")) {
            try PrivateCluster(directory: "/tmp/x", options: .init(binaries: "/nowhere"))
        }
        let old = FileManager.default.temporaryDirectory.appending(path: "ambar-old-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: old, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: old) }
        for name in ["initdb", "postgres"] {
            try "#!/bin/sh\necho 'postgres (PostgreSQL) 11.9'\n".write(
                toFile: old + "/" + name, atomically: true, encoding: .utf8)
            chmod(old + "/" + name, 0o755)
        }
        do {
            _ = try PrivateCluster(directory: "/tmp/x", options: .init(binaries: old))
            Issue.record("no error")
        } catch {
            #expect("\(error)".contains("Postgres 11") && "\(error)".contains("too old"))
        }
    }
}
