import Columns
import Postgres
import Storage
import TableCatalog

/// Carries the changes of transactions into the store: collects them, and writes those of whole transactions
/// as one commit together with the log position that they reach.
///
/// Invariant: a commit never holds part of a Postgres transaction.
final class ChangeApplier {
    /// Changed rows that are collected before they go to the open store transaction, which bounds memory.
    static let pendingRowsMax = 20_000

    private let store: ColumnStore
    private let identity: String
    private var tables: [UInt32: (table: MirroredTable, id: TableID)] = [:]
    private let record: PostgresConfiguration
    private var pending: [UInt32: TableChanges] = [:]
    private var pendingRows = 0
    private var transaction: StoreTransaction?
    /// The end of the last whole transaction that was collected and not committed.
    private(set) var collectedPosition: LogPosition?
    private(set) var valuesLost = 0

    init(store: ColumnStore, identity: String, record: PostgresConfiguration) {
        self.store = store
        self.identity = identity
        self.record = record
    }

    /// Ties a relation's number in the stream to its table. Changes of other relations are passed over.
    func know(_ relation: UInt32, _ table: MirroredTable, _ id: TableID) { tables[relation] = (table, id) }

    /// Whether whole transactions wait for their commit.
    var hasCollected: Bool { collectedPosition != nil }

    /// Rows that wait.
    var collectedRows: Int { pendingRows }

    /// Takes one change of the transaction that the stream is in.
    func apply(_ message: PgOutputMessage) throws {
        switch message {
        case .insert(let relation, let new):
            try change(relation) { changes throws(ReplicationError) in
                try changes.insert(new)
            }
        case .update(let relation, let oldKey, let oldRow, let new):
            try change(relation) { changes throws(ReplicationError) in
                try changes.update(new, oldKey: oldKey ?? oldRow)
            }
        case .delete(let relation, let old):
            try change(relation) { changes throws(ReplicationError) in try changes.delete(old) }
        case .truncate(let relations):
            for relation in relations {
                try change(relation) { changes throws(ReplicationError) in changes.truncate() }
            }
        case .begin, .commit, .relation, .other: break
        }
        if pendingRows >= Self.pendingRowsMax { try drain() }
    }

    /// Says that the transaction up to here is whole.
    func endTransaction(at position: LogPosition) { collectedPosition = position }

    /// Commits all collected transactions.
    ///
    /// - Returns: The position that is durable now; nil when nothing waited.
    func commit() throws -> LogPosition? {
        guard let position = collectedPosition else { return nil }
        try drain()
        let transaction = try openTransaction()
        try transaction.setReplicationPosition(identity, lsn: position.rawValue)
        _ = try transaction.commit()
        self.transaction = nil
        collectedPosition = nil
        return position
    }

    /// Forgets everything that is not committed.
    func rollback() {
        transaction?.rollback()
        transaction = nil
        pending = [:]
        pendingRows = 0
        collectedPosition = nil
    }

    private func change(
        _ relation: UInt32, _ body: (inout TableChanges) throws(ReplicationError) -> Void
    ) throws(ReplicationError) {
        guard let table = tables[relation]?.table else { return }
        var changes = pending.removeValue(forKey: relation) ?? TableChanges(table)
        try body(&changes)
        pending[relation] = changes
        pendingRows += 1
    }

    private func openTransaction() throws -> StoreTransaction {
        if let transaction { return transaction }
        let opened = try store.begin()
        transaction = opened
        return opened
    }

    /// Moves the collected changes into the store's transaction.
    private func drain() throws {
        for (relation, changes) in pending where !changes.isEmpty {
            guard let id = tables[relation]?.id else { continue }
            try write(changes, to: id, in: try openTransaction())
        }
        pending.removeAll(keepingCapacity: true)
        pendingRows = 0
    }

    private func write(_ changes: TableChanges, to id: TableID, in transaction: StoreTransaction) throws {
        let table = changes.table
        if changes.isTruncated { try transaction.truncate(id) }
        let keys = TextRowBuilder(table, columns: table.primaryKey)
        for change in changes.changes.values where change.replacesStored {
            keys.append(change.key)
            if keys.isFull { _ = try transaction.delete(id, keys: keys.finish()) }
        }
        if keys.rowCount > 0 { _ = try transaction.delete(id, keys: keys.finish()) }
        let rows = TextRowBuilder(table, columns: Array(table.columns.indices))
        let missing = try MissingValues(of: changes, from: record)
        for change in changes.changes.values {
            guard let row = change.row else { continue }
            rows.append(missing.completed(row, key: change.key))
            if rows.isFull { try transaction.append(id, rows.finish()) }
        }
        if rows.rowCount > 0 { try transaction.append(id, rows.finish()) }
        valuesLost += rows.valuesLost
    }
}
