import Foundation
import LineEditing
import SQLSyntax
import WarehouseEngine

/// Statements from a terminal, line by line as they are edited; an error ends its statement, never the shell.
struct TerminalShell {
    private var runner: StatementRunner

    init(_ runner: StatementRunner) {
        self.runner = runner
        self.runner.continuesAfterError = true
    }

    func run() throws {
        let history = ShellHistory()
        var reader = TerminalReader(
            input: STDIN_FILENO, output: STDOUT_FILENO, history: history.load(), width: DisplayWidth.of)
        let interrupt = StatementInterrupt(runner.session)
        defer {
            interrupt.stop()
            history.save(reader.editor.history)
        }
        var pending = ""
        while true {
            switch reader.read(prompt: prompt(isContinued: !pending.isEmpty)) {
            case .ended: return
            case .interrupted: pending = ""
            case .editing: continue
            case .submitted(let line):
                if pending.isEmpty, Self.farewells.contains(line.trimmingCharacters(in: .whitespaces)) {
                    return
                }
                pending += line + "\n"
                guard let statements = complete(pending) else { continue }
                pending = ""
                for statement in statements { try runner.run(statement: statement) }
            }
        }
    }

    private static let farewells: Set<String> = ["\\q", "quit", "exit"]

    /// As psql's: a star in a transaction, an exclamation mark in one that failed, a dash within a statement.
    private func prompt(isContinued: Bool) -> String {
        let mark =
            switch runner.session.transactionStatus {
            case .idle: ""
            case .open: "*"
            case .failed: "!"
            }
        return "ambar\(isContinued ? "-" : "=")\(mark)> "
    }

    /// The statements of a text that ends with a semicolon outside of strings and comments; nil for others.
    private func complete(_ text: String) -> [String]? {
        guard text.trimmingCharacters(in: .whitespacesAndNewlines).hasSuffix(";") else { return nil }
        return try? SQLParser.split(text)
    }
}

/// Lets Ctrl-C stop the running statement instead of the program.
struct StatementInterrupt {
    private let source: any DispatchSourceSignal

    init(_ session: Session) {
        signal(SIGINT, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler { session.cancel() }
        source.resume()
    }

    func stop() {
        source.cancel()
        signal(SIGINT, SIG_DFL)
    }
}
