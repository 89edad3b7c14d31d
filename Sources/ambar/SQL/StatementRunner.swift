import ArgumentParser
import Columns
import Foundation
import SQLSyntax
import WarehouseEngine

/// Runs the statements of one session one after the other and prints their results to standard output.
struct StatementRunner {
    let session: Session
    let format: ResultFormat
    var continuesAfterError: Bool

    private static let flushBytes = 65_536

    func run(script: String) throws {
        let statements: [String]
        do {
            statements = try SQLParser.split(script)
        } catch {
            return try report(
                QueryError(code: error.code.rawValue, message: error.message, position: error.position))
        }
        for statement in statements { try run(statement: statement) }
    }

    /// Statements from standard input, each run as soon as its semicolon has come.
    func runInput() throws {
        var pending = ""
        while let line = readLine(strippingNewline: false) {
            pending += line
            guard line.contains(";"), let pieces = try? SQLParser.split(pending),
                pending.trimmingCharacters(in: .whitespacesAndNewlines).hasSuffix(";")
            else { continue }
            pending = ""
            for statement in pieces { try run(statement: statement) }
        }
        try run(script: pending)
    }

    func run(statement: String) throws {
        let started = ContinuousClock.now
        do {
            let line = CopyProgressLine()
            var options = session.options
            options.allowsStandardOutput = true
            options.copyProgress = { line.show($0) }
            let result = try session.run(statement, options: options)
            line.clear()
            if result.hasOwnOutput { return }
            for notice in result.notices { StandardStreams.writeError("NOTICE: \(notice)") }
            let output = TextBuffer(capacity: Self.flushBytes * 2)
            var writer = format.makeWriter()
            var rowCount = 0
            writer.begin(result.columns, into: output)
            while let chunk = try result.next() {
                writer.append(chunk, into: output)
                rowCount += chunk.selectedCount
                if output.count >= Self.flushBytes {
                    StandardStreams.write(output.bytes, to: STDOUT_FILENO)
                    output.removeAll()
                }
            }
            if format == .table, result.columns.isEmpty {
                StandardStreams.writeLine(result.commandTag)
                return
            }
            writer.end(
                ResultSummary(rowCount: result.changedRows ?? rowCount, elapsed: .now - started), into: output
            )
            StandardStreams.write(output.bytes, to: STDOUT_FILENO)
        } catch {
            try report(error)
        }
    }

    /// Prints the error; ends the command unless it goes on after errors.
    private func report(_ error: QueryError) throws {
        if format == .json {
            let output = TextBuffer(capacity: 256)
            output.append("{\"error\":{\"code\":")
            output.append(jsonString: error.code)
            output.append(",\"message\":")
            output.append(jsonString: error.message)
            if let position = error.position {
                output.append(",\"position\":")
                output.append(integer: Int64(position))
            }
            if let hint = error.hint {
                output.append(",\"hint\":")
                output.append(jsonString: hint)
            }
            output.append("}}\n")
            StandardStreams.write(output.bytes, to: STDOUT_FILENO)
        } else {
            StandardStreams.writeError("ambar: \(error)")
        }
        if !continuesAfterError { throw ExitCode(1) }
    }
}
