import Columns
import Foundation
import Logging
import Postgres
import Storage
import TableCatalog

@testable import Replication

/// A database of the test cluster, a store in a directory of its own, and a replicator between them.
final class MirrorFixture {
    let configuration: PostgresConfiguration
    let connection: PostgresConnection
    let directory: String
    private(set) var store: ColumnStore?
    private(set) var replicator: Replicator?

    init(_ script: String) throws {
        configuration = try TestCluster.makeDatabase()
        connection = try PostgresConnection(configuration)
        directory =
            FileManager.default.temporaryDirectory.appending(path: "ambar-mirror-\(UUID().uuidString)").path
        try connection.executeScript("CREATE SCHEMA shop; " + script)
    }

    deinit {
        replicator?.stop()
        // The cluster keeps the log for a slot; an untidy end costs it disk, not truth.
        _ = try? connection.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots "
                + "WHERE database = current_database() AND NOT active")
        _ = try? FileManager.default.removeItem(atPath: directory)
    }

    /// Opens the store and starts following.
    func start() throws {
        let store = try Self.open(directory)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let replicator = Replicator(record: configuration, store: store, logger: logger)
        self.store = store
        self.replicator = replicator
        replicator.start()
    }

    /// The thread of a stopped replicator may still be letting go of the store before this.
    private static func open(_ directory: String) throws -> ColumnStore {
        for _ in 0..<200 {
            do {
                return try ColumnStore.open(directory: directory, mode: .readWrite)
            } catch .files(.locked) {
                Thread.sleep(forTimeInterval: 0.01)
            }
        }
        return try ColumnStore.open(directory: directory, mode: .readWrite)
    }

    func stop() {
        replicator?.stop()
        replicator = nil
        store = nil
    }

    /// Drops the slot behind the mirror's back. The server ends a stream a moment after its client has gone.
    func dropSlot() throws {
        let name = try connection.execute(
            "SELECT slot_name::text AS n FROM pg_replication_slots WHERE database = current_database()")[0]
            .text("n")
        try MirrorSlot(name: name, configuration: configuration).drop(on: connection)
    }

    struct NotStarted: Error {}

    /// Waits for the mirror and compares it with the record.
    func differences() throws -> [TableComparison] {
        guard let replicator, let store else { throw NotStarted() }
        try replicator.catchUp(withinSeconds: 30)
        return try MirrorVerifier(record: configuration).compare(store.snapshot()).filter { !$0.isEqual }
    }

    /// All rows of a mirrored table, sorted by the text of their first column.
    func rows(_ table: String) throws -> [[Value]] {
        guard let snapshot = store?.snapshot(), let id = snapshot.catalog.table(schema: "shop", name: table),
            let definition = snapshot.catalog.definition(of: id)
        else { throw NotStarted() }
        let scan = try snapshot.scan(id, columns: Array(0..<definition.columns.count))
        let reader = scan.makeReader()
        var rows: [[Value]] = []
        for morsel in 0..<scan.morselCount {
            guard try reader.open(morsel: morsel) else { continue }
            while let chunk = try reader.next() {
                for row in 0..<chunk.selectedCount { rows.append(chunk.row(row)) }
            }
        }
        return rows.sorted { ($0[0].text ?? "") < ($1[0].text ?? "") }
    }
}
