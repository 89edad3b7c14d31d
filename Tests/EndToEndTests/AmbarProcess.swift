import Foundation

/// A child process of the `ambar` binary that the tests were built with, its output kept line by line.
final class AmbarProcess: @unchecked Sendable {
    private let process = Process()
    private let lock = NSLock()
    private var text = ""
    private let pipe = Pipe()

    static var binary: URL {
        Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" }?
            .deletingLastPathComponent().appending(path: "ambar")
            ?? Bundle.main.bundleURL.appending(path: "ambar")
    }

    /// Starts `ambar` with the arguments and only the given environment beside PATH and HOME.
    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        process.executableURL = Self.binary
        process.arguments = arguments
        let inherited = ProcessInfo.processInfo.environment
        var variables = environment
        for name in ["PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR"] where variables[name] == nil {
            variables[name] = inherited[name]
        }
        variables["SWIFT_BACKTRACE"] = "enable=no"
        process.environment = variables
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        pipe.fileHandleForReading.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            self?.append(String(decoding: data, as: UTF8.self))
        }
        try process.run()
    }

    private func append(_ more: String) {
        lock.lock()
        text += more
        lock.unlock()
    }

    /// All that it printed so far, both streams.
    var output: String {
        lock.lock()
        defer { lock.unlock() }
        return text
    }

    var isRunning: Bool { process.isRunning }
    var identifier: Int32 { process.processIdentifier }

    /// Sends SIGKILL and waits for the end.
    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Asks it to end and waits; kills it after the time limit.
    func stop(within limit: TimeInterval = 20) async {
        guard process.isRunning else { return }
        process.terminate()
        _ = try? await waitForExit(within: limit)
        if process.isRunning { kill() }
    }

    /// The exit status, once it has ended by itself.
    func waitForExit(within limit: TimeInterval) async throws -> Int32 {
        try await poll(within: limit, "the end of ambar") { self.process.isRunning ? nil : true }
        try await Task.sleep(for: .milliseconds(30))
        return process.terminationStatus
    }

    /// The first capture of `pattern` in the output, waiting for it.
    func waitForOutput(_ pattern: Regex<(Substring, Substring)>, within limit: TimeInterval) async throws
        -> String
    {
        try await poll(within: limit, "output") {
            if let match = self.output.firstMatch(of: pattern) { return String(match.1) }
            if !self.process.isRunning { throw EndToEndFailure("ambar ended early:\n\(self.output)") }
            return nil
        }
    }

    /// Runs a command to its end and returns its status and output.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], within limit: TimeInterval = 120
    ) async throws -> (status: Int32, output: String) {
        let process = try AmbarProcess(arguments, environment: environment)
        defer { if process.isRunning { process.kill() } }
        let status = try await process.waitForExit(within: limit)
        return (status, process.output)
    }
}

struct EndToEndFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

/// Asks `condition` every few milliseconds until it gives a value or the limit is over.
@discardableResult
func poll<Value>(
    within limit: TimeInterval, _ what: String, _ condition: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + .seconds(limit)
    while ContinuousClock.now < deadline {
        if let value = try await condition() { return value }
        try await Task.sleep(for: .milliseconds(20))
    }
    throw EndToEndFailure("waited \(limit) s in vain for \(what)")
}

/// A directory of its own for one test, removed at the end.
final class TemporaryDirectory {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(
            path: "ambar-e2e-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit {
        // A directory that stays behind is untidy, not wrong: the test has its verdict already.
        try? FileManager.default.removeItem(atPath: path)
    }
}
