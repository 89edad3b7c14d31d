import ArgumentParser
import Foundation

/// The command line. Exit codes: 0 done, 1 failed, 2 usage.
@main
struct Ambar: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ambar",
        abstract: "A columnar data warehouse for shops that run on Moysklad.",
        discussion: """
            Start with `ambar serve --demo`: it runs a simulated shop, copies it into Postgres, mirrors \
            that into the column store and answers SQL over HTTP. `ambar COMMAND --help` tells what each \
            command takes.
            """,
        subcommands: [
            ServeCommand.self, SQLCommand.self, SyncCommand.self, StatusCommand.self, RebuildCommand.self,
            VerifyCommand.self, StorageCommand.self, SimulateCommand.self,
        ])

    static func main() async {
        // A file that must not grow further is an error of the statement, not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            CommandExit.end(with: error)
        }
    }
}

/// Ends the process with the code that the contract gives to the error.
enum CommandExit {
    static func end(with error: any Error) -> Never {
        if error is CleanExit || Ambar.exitCode(for: error) == .success { Ambar.exit(withError: error) }
        if Ambar.exitCode(for: error) == .validationFailure {
            StandardStreams.writeError(Ambar.fullMessage(for: error))
            Foundation.exit(2)
        }
        if let code = error as? ExitCode { Foundation.exit(code.rawValue) }
        StandardStreams.writeError("ambar: \(error)")
        Foundation.exit(1)
    }
}

/// Whole writes to the standard streams, without buffering.
enum StandardStreams {
    static func writeError(_ line: String) { write(line + "\n", to: STDERR_FILENO) }
    static func writeLine(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }

    static func write(_ text: String, to descriptor: Int32) {
        var copy = text
        copy.withUTF8 { write($0, to: descriptor) }
    }

    /// Writes all bytes; stops when the reader has gone.
    static func write(_ bytes: UnsafeBufferPointer<UInt8>, to descriptor: Int32) {
        var rest = bytes[...]
        while let base = UnsafeBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
            let written = Foundation.write(descriptor, base, rest.count)
            if written < 0 {
                if errno == EINTR || errno == EAGAIN { continue }
                return
            }
            rest = rest.dropFirst(written)
        }
    }
}
