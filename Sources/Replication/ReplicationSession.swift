import Foundation
import Logging
import Postgres
import Storage
import TableCatalog

/// One connection's worth of following: checks the server, copies the tables if need be, then streams until
/// it is stopped or something fails. Used by one thread.
struct ReplicationSession {
    let configuration: PostgresConfiguration
    let patterns: [MirrorPattern]
    let store: ColumnStore
    let logger: Logger
    let isStopped: @Sendable () -> Bool
    let report: (@Sendable (inout ReplicationStatus) -> Void) -> Void

    /// A batch of transactions is committed when no more of them wait to be read, or after this time.
    private static let batchTime: Duration = .milliseconds(200)
    private static let acknowledgeEvery: Duration = .seconds(5)
    private static let identityProperty = "replication.identity"
    private static let definitionProperty = "replication.tables"

    func run() throws {
        let connection = try PostgresConnection(configuration)
        try MirrorSlot.check(connection)
        let tables = try TableDiscovery.tables(of: patterns, on: connection)
        let identity = try storedIdentity()
        let slot = MirrorSlot(name: identity, configuration: configuration)
        if let reason = try reasonToCopy(tables, slot, identity, connection) {
            try copy(tables, slot, identity, connection, reason)
        }
        try stream(tables, slot, identity, connection)
    }

    /// The name that this store goes by in the record's server, made at its first use.
    private func storedIdentity() throws -> String {
        if let known = store.snapshot().property(Self.identityProperty) { return known }
        let made = "ambar_" + String(UInt64.random(in: 1 ... .max), radix: 36)
        let transaction = try store.begin()
        try transaction.setProperty(Self.identityProperty, to: made)
        _ = try transaction.commit()
        return made
    }

    /// Why the tables must be copied anew; nil when the stream can go on where it was.
    private func reasonToCopy(
        _ tables: [MirroredTable], _ slot: MirrorSlot, _ identity: String, _ connection: PostgresConnection
    ) throws -> String? {
        let snapshot = store.snapshot()
        guard let position = snapshot.replicationPosition(of: identity) else { return "there is no copy yet" }
        guard try slot.hasChanges(since: LogPosition(position), on: connection) else {
            return "the record no longer has the changes since then"
        }
        for table in tables {
            let name = table.definition.name
            guard let id = snapshot.catalog.table(named: name),
                let definition = snapshot.catalog.definition(of: id)
            else { return "\(name) is new" }
            guard definition.columns == table.definition.columns, definition.primaryKey == table.primaryKey
            else {
                return "\(name) has changed"
            }
        }
        let published = try slot.publishedTables(on: connection)
        return published == tables.map(\.qualifiedName).sorted() ? nil : "the list of tables has changed"
    }

    private func copy(
        _ tables: [MirroredTable], _ slot: MirrorSlot, _ identity: String, _ connection: PostgresConnection,
        _ reason: String
    ) throws {
        report { $0.state = .copying(rows: 0, reason: reason) }
        logger.info(
            "copying the record's tables", metadata: ["tables": "\(tables.count)", "reason": "\(reason)"])
        let started = ContinuousClock.now
        let report = report
        let counter = ProgressReport(report: report, reason: reason)
        let initial = InitialCopy(
            store: store, slot: slot, identity: identity, tables: tables, isStopped: isStopped,
            progress: { counter.rows($0) })
        let copied = try initial.run(on: connection)
        report { $0.valuesLost += copied.valuesLost }
        logger.info(
            "copied the record's tables",
            metadata: [
                "rows": "\(copied.rows)", "seconds": "\((ContinuousClock.now - started).components.seconds)",
            ])
    }

    private func stream(
        _ tables: [MirroredTable], _ slot: MirrorSlot, _ identity: String, _ connection: PostgresConnection
    ) throws {
        let snapshot = store.snapshot()
        let start = LogPosition(snapshot.replicationPosition(of: identity) ?? 0)
        var ids: [String: (table: MirroredTable, id: TableID)] = [:]
        for table in tables {
            guard let id = snapshot.catalog.table(named: table.definition.name) else {
                throw ReplicationError.schemaChanged(table: table.qualifiedName)
            }
            ids[table.qualifiedName] = (table, id)
        }
        let replication = try ReplicationConnection(configuration)
        try replication.start(slot: slot.name, at: start, publication: slot.name)
        report { status in
            status.state = .streaming
            status.position = start
        }
        var pump = StreamPump(
            replication: replication, store: store, identity: identity, start: start, tables: ids,
            configuration: configuration, report: report, isStopped: isStopped)
        try pump.run(batchTime: Self.batchTime, acknowledgeEvery: Self.acknowledgeEvery)
        throw ReplicationError.stopped
    }
}

/// Passes the progress of a copy on, at most ten times a second.
private final class ProgressReport: @unchecked Sendable {
    private let report: (@Sendable (inout ReplicationStatus) -> Void) -> Void
    private let reason: String
    /// Touched by the copying thread only.
    private var last = ContinuousClock.now

    init(report: @escaping (@Sendable (inout ReplicationStatus) -> Void) -> Void, reason: String) {
        self.report = report
        self.reason = reason
    }

    func rows(_ count: Int) {
        guard ContinuousClock.now - last > .milliseconds(100) else { return }
        last = .now
        let reason = reason
        report { $0.state = .copying(rows: count, reason: reason) }
    }
}
