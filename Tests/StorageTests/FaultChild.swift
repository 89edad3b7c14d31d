import Glibc

/// A process of its own that runs one test of this test program, so that it can be killed or limited.
final class FaultChild {
    static let directoryVariable = "AMBAR_FAULT_DIRECTORY"
    static let kindVariable = "AMBAR_FAULT_KIND"

    private let id: pid_t
    private var isReaped = false

    /// What a process started by this class is to do; nil in the test process itself.
    static func kind() -> String? { getenv(kindVariable).map { String(cString: $0) } }
    static func directory() -> String { getenv(directoryVariable).map { String(cString: $0) } ?? "" }

    /// Starts the test `filter` in a child; nil when the machine does not let it.
    init?(running filter: String, kind: String, directory: String) {
        let arguments = [
            "/proc/self/exe", "--testing-library", "swift-testing", "--filter", filter, "--no-parallel",
        ]
        var variables: [String] = []
        var next = environ
        while let entry = next.pointee {
            variables.append(String(cString: entry))
            next += 1
        }
        variables += ["\(Self.kindVariable)=\(kind)", "\(Self.directoryVariable)=\(directory)"]
        guard let program = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(program) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, directory + "/child.log", O_WRONLY | O_CREAT, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var made = pid_t()
        let status = Self.withStrings(arguments) { arguments in
            Self.withStrings(variables) { posix_spawn(&made, program, &actions, nil, arguments, $0) }
        }
        guard status == 0 else { return nil }
        id = made
    }

    deinit { kill() }

    func kill() {
        guard !isReaped else { return }
        Glibc.kill(id, SIGKILL)
        _ = wait()
    }

    /// The exit code, or minus the signal that ended the process.
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0 && errno == EINTR {}
        isReaped = true
        return status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
    }

    private static func withStrings<Result>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var copies: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return copies.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("an array of one at least") }
            return body(base)
        }
    }
}
