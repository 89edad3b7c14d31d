import ArgumentParser
import Foundation
import Ingest
import Logging

struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Bring the record in step with Moysklad, once.",
        discussion: """
            Reads AMBAR_MOYSKLAD_TOKEN (or AMBAR_MOYSKLAD_LOGIN and AMBAR_MOYSKLAD_PASSWORD). The first run \
            reads everything and may be interrupted: the next goes on where it was. A running server sees \
            the changes at once.
            """)

    @Option(help: "Data directory.")
    var data = "data"

    func run() async throws {
        let settings = try Settings.read()
        let access = try MoyskladAccess(settings)
        let directory = try DataDirectory(preparing: data)
        let record = try await blocking { try RecordDatabase(directory, settings) }
        let result: Result<SyncReport, any Error>
        do {
            let display = ProgressDisplay()
            result = .success(
                try await access.sync(into: record.pool, logger: settings.logger("sync")) { display.show($0) }
            )
            display.end()
        } catch {
            result = .failure(error)
        }
        try await blocking { record.close() }
        let report = try result.get()
        for warning in report.warnings { StandardStreams.writeError("warning: \(warning)") }
        StandardStreams.writeLine(Self.summary(report))
    }

    static func summary(_ report: SyncReport) -> String {
        let seconds =
            Double(report.elapsed.components.seconds) + Double(report.elapsed.components.attoseconds) / 1e18
        let totals = report.totals
        return
            "in step with Moysklad: \(totals.objectsRead) objects read, \(totals.written.rows) rows written, "
            + "\(totals.objectsDeleted) deleted, \(totals.written.rejected) rejected, "
            + "\(totals.requests) requests, \((seconds * 10).rounded() / 10) s"
    }
}

/// Progress on standard error: one line that rewrites itself on a terminal, a line a type elsewhere.
final class ProgressDisplay: @unchecked Sendable {
    private let isTerminal = isatty(STDERR_FILENO) != 0
    /// Guards `lastType` and `isLineOpen`.
    private let lock = NSLock()
    private var lastType = ""
    private var isLineOpen = false

    func show(_ progress: SyncProgress) {
        lock.lock()
        defer { lock.unlock() }
        if !isTerminal {
            guard progress.typeDone == progress.typeTotal, progress.type != lastType else { return }
            lastType = progress.type
            return StandardStreams.writeError(Self.line(progress))
        }
        isLineOpen = true
        StandardStreams.write("\r\u{1B}[K" + Self.line(progress), to: STDERR_FILENO)
    }

    func end() {
        lock.lock()
        defer { lock.unlock() }
        if isLineOpen { StandardStreams.write("\n", to: STDERR_FILENO) }
    }

    static func line(_ progress: SyncProgress) -> String {
        var line =
            "\(progress.type) \(progress.typeDone)/\(progress.typeTotal), in all \(progress.objectsDone)"
        if progress.objectsTotal > progress.objectsDone { line += " of \(progress.objectsTotal)" }
        line += ", \(Int(progress.objectsPerSecond)) objects/s"
        if let left = progress.timeLeft { line += ", about \(left.components.seconds) s left" }
        return line
    }
}
