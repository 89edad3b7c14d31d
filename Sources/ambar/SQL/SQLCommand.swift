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
            {"columns":…,"rows":…,"rowCount":…} or {"error":{"code":…,"message":…,"position":…}}. All \
            statements are of one session. On a terminal lines are edited; Ctrl-C stops a statement, \\q \
            or Ctrl-D ends.
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
        let options = QueryOptions(
            timeLimit: timeLimit.map { .seconds($0) }, workerCount: threads, isReadOnly: !write)
        let runner = StatementRunner(
            session: Session(warehouse, options: options), format: format,
            continuesAfterError: continuesAfterError)
        if let command { return try runner.run(script: command) }
        if let file {
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                throw CommandFailure("cannot read \(file)")
            }
            return try runner.run(script: text)
        }
        if isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 { return try TerminalShell(runner).run() }
        try runner.runInput()
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
