import ArgumentParser
import Foundation
import Postgres
import Storage
import WarehouseEngine

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what the record and the column store hold.")

    enum Format: String, ExpressibleByArgument { case text, json }

    @Option(help: "Data directory.")
    var data = "data"

    @Option(help: "text or json.")
    var format = Format.text

    /// What both forms show.
    struct Status: Encodable {
        var record: [String: Int]
        var rejected: Int
        var lastSync: String?
        var lastSyncState: String?
        var store: [String: Int]
    }

    func run() async throws {
        let settings = try Settings.read()
        let directory = try DataDirectory(existing: data)
        let record = try await blocking { try RecordDatabase(directory, settings) }
        let result: Result<Status, any Error>
        do {
            result = .success(try await blocking { try Self.status(directory, record) })
        } catch {
            result = .failure(error)
        }
        try await blocking { record.close() }
        try show(try result.get())
    }

    private static func status(_ directory: DataDirectory, _ record: RecordDatabase) throws -> Status {
        try record.pool.blocking { connection in
            var counts: [String: Int] = [:]
            let names = try connection.execute(
                "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'shop' ORDER BY 1")
            for row in names.rows {
                let name = try row.text("name")
                counts[name] = Int(
                    try connection.execute("SELECT count(*) AS n FROM shop.\"\(name)\"")[0].int("n"))
            }
            let rejected = try connection.execute("SELECT count(*) AS n FROM moysklad.rejected")[0].int("n")
            let run = try connection.execute(
                "SELECT started_at::text AS at, state FROM moysklad.sync_run ORDER BY id DESC LIMIT 1"
            ).first
            var stored: [String: Int] = [:]
            if let warehouse = try? Warehouse.open(directory: directory.store, mode: .readOnly) {
                for table in warehouse.tables() { stored["\(table.definition.name)"] = table.rowCount }
            }
            return Status(
                record: counts, rejected: Int(rejected), lastSync: try run?.text("at"),
                lastSyncState: try run?.text("state"), store: stored)
        }
    }

    private func show(_ status: Status) throws {
        if format == .json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            StandardStreams.writeLine(String(decoding: try encoder.encode(status), as: UTF8.self))
            return
        }
        StandardStreams.writeLine("last sync: \(status.lastSync ?? "never") (\(status.lastSyncState ?? "-"))")
        StandardStreams.writeLine("rejected payloads: \(status.rejected)")
        for (name, rows) in status.record.sorted(by: { $0.key < $1.key }) {
            let mirrored = status.store["shop.\(name)"].map(String.init) ?? "-"
            StandardStreams.writeLine("shop.\(name): \(rows) rows in Postgres, \(mirrored) in the store")
        }
    }
}
