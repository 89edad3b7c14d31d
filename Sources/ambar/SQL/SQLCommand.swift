import ArgumentParser
import Columns
import Foundation
import SQLSyntax
import Storage
import WarehouseEngine

struct SQLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql",
        abstract: "Run SQL on a data directory, without a server.",
        discussion: """
            Statements come from -c, from a file, or from standard input, separated by semicolons. With \
            --format json each statement prints one JSON object on a line, flushed: \
            {"columns":…,"rows":…,"rowCount":…} or {"error":{"code":…,"message":…,"position":…}}.
            """)

    @Option(help: "Data directory.")
    var data = "data"

    @Option(help: "Format of the results: table, csv, tsv, json or ndjson.")
    var format = ResultFormat.table

    @Option(name: .customShort("c"), help: "SQL to run.")
    var command: String?

    @Flag(name: .customLong("continue"), help: "Go on after an error.")
    var continuesAfterError = false

    @Flag(help: "Open for writing, for CREATE TABLE, INSERT and the like; no server may run.")
    var write = false

    @Option(help: "Seconds that a statement may run.")
    var timeLimit: Int?

    @Option(help: "Threads that a statement may use.")
    var threads: Int?

    @Option(
        help:
            "Megabytes of memory for columns that have been read (default: 256; with -c 32)."
    )
    var cache: Int?

    /// Memory that is used again costs less than fresh memory: a command that reads its columns once keeps
    /// few of them.
    private var cacheMegabytes: Int { cache ?? (command == nil ? 256 : 32) }

    func validate() throws {
        guard (1...1_000_000).contains(cacheMegabytes) else {
            throw ValidationError("--cache is from 1 to 1000000: \(cacheMegabytes)")
        }
    }

    @Argument(help: "File with SQL; standard input if neither a file nor -c is given.")
    var file: String?

    func run() async throws {
        let this = self
        try await blocking { try this.runStatements() }
    }

    private func runStatements() throws {
        let directory = try DataDirectory(existing: data)
        let warehouse = try StoreOpening.warehouse(
            directory, mode: write ? .readWrite : .readOnly, cacheBytes: cacheMegabytes << 20)
        let session = SQLSession(
            warehouse: warehouse, format: format,
            options: QueryOptions(
                timeLimit: timeLimit.map { .seconds($0) }, workerCount: threads, isReadOnly: !write),
            continuesAfterError: continuesAfterError)
        if let command { return try session.run(script: command) }
        if let file {
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                throw CommandFailure("cannot read \(file)")
            }
            return try session.run(script: text)
        }
        try session.runInput()
    }
}

extension ResultFormat: ExpressibleByArgument {}

/// Opens the store with errors that say what to do.
enum StoreOpening {
    static func warehouse(
        _ directory: DataDirectory, mode: ColumnStore.Mode, cacheBytes: Int = BlockCache.bytesMaxDefault
    ) throws -> Warehouse {
        do {
            return try Warehouse.open(directory: directory.store, mode: mode, cacheBytes: cacheBytes)
        } catch .noStore {
            throw CommandFailure(
                "there is no store in \(directory.path); `ambar serve` makes one, `ambar sql --write` too")
        } catch {
            throw CommandFailure(QueryError(error).description)
        }
    }
}

/// Runs statements one after the other and prints their results to standard output.
struct SQLSession {
    let warehouse: Warehouse
    let format: ResultFormat
    let options: QueryOptions
    let continuesAfterError: Bool

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

    private func run(statement: String) throws {
        let started = ContinuousClock.now
        do {
            let line = CopyProgressLine()
            var options = options
            options.allowsStandardOutput = true
            options.copyProgress = { line.show($0) }
            let result = try warehouse.run(statement, options: options)
            line.clear()
            if result.hasOwnOutput { return }
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
