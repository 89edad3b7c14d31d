import Foundation

/// Runs a program to its end as a child of this process.
///
/// Foundation's `Process` does not serve here: it waits until every descendant is gone, and `pg_ctl start`
/// leaves a server behind on purpose. For the same reason the output goes through a file, not through a pipe.
enum ChildProgram {
    struct Outcome {
        /// The exit code, or 128 and the signal that ended it.
        var status: Int32
        /// What it printed, at most the last `outputBytesMax` bytes.
        var output: String
    }

    /// - Throws: `.cluster` when the program cannot be started.
    static func run(_ program: String, _ arguments: [String]) throws(PostgresError) -> Outcome {
        let path = FileManager.default.temporaryDirectory.appending(path: "ambar-\(UUID().uuidString).out")
            .path
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .cluster("cannot write \(path): \(reason(errno))") }
        defer {
            close(file)
            unlink(path)
        }
        let child = try spawn(program, arguments, outputDescriptor: file)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { throw .cluster("cannot wait for \(program): \(reason(errno))") }
        }
        // The low seven bits hold the signal that ended it, the next byte its exit code.
        let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
        return Outcome(status: code, output: readEnd(of: file))
    }

    static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }

    private static let outputBytesMax = 65_536
    /// Descriptors that other threads may open while the list is made.
    private static let descriptorReserve: Int32 = 256

    private static func spawn(
        _ program: String, _ arguments: [String], outputDescriptor: Int32
    ) throws(PostgresError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, outputDescriptor, 1)
        posix_spawn_file_actions_adddup2(&actions, outputDescriptor, 2)
        // A server must not keep our listening sockets open after we are gone. Closing what is not open is
        // allowed.
        for descriptor in 3..<(highestDescriptor() + descriptorReserve) {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own: Ctrl-C in the terminal is for us, who then stop the server in good order.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        posix_spawnattr_setpgroup(&attributes, 0)
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        // `env -C /`: this process's directory may be out of reach for the server's user.
        let words = duplicates(["/usr/bin/env", "-C", "/", program] + arguments)
        let variables = duplicates(["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"])
        defer { for word in words + variables { free(word) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, "/usr/bin/env", &actions, &attributes, words, variables)
        guard failure == 0 else { throw .cluster("cannot run \(program): \(reason(failure))") }
        return child
    }

    private static func highestDescriptor() -> Int32 {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { Int32($0) }.max() ?? 1024
    }

    /// Copies for C, with the nil at the end that it wants.
    private static func duplicates(_ words: [String]) -> [UnsafeMutablePointer<CChar>?] {
        words.map { word in strdup(word) } + [nil]
    }

    private static func readEnd(of file: Int32) -> String {
        let size = Int(lseek(file, 0, SEEK_END))
        guard size > 0 else { return "" }
        var bytes = [UInt8](repeating: 0, count: min(size, outputBytesMax))
        let count = bytes.withUnsafeMutableBytes {
            pread(file, $0.baseAddress, $0.count, off_t(size - $0.count))
        }
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
