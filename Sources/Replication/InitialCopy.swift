import Columns
import Foundation
import Postgres
import Storage
import TableCatalog

/// Copies the tables as a slot's snapshot shows them into the store, as one commit that also holds the slot's
/// position: after a crash in the middle nothing of it is there, and it begins anew.
struct InitialCopy {
    let store: ColumnStore
    let slot: MirrorSlot
    let identity: String
    let tables: [MirroredTable]
    /// Asked once a chunk; true ends the copy.
    let isStopped: @Sendable () -> Bool
    /// Called once a chunk with the rows copied so far.
    let progress: @Sendable (Int) -> Void

    /// Makes publication and slot anew and copies everything.
    ///
    /// - Returns: Rows copied and values that the store cannot hold.
    func run(on connection: PostgresConnection) throws -> (rows: Int, valuesLost: Int) {
        try slot.drop(on: connection)
        try slot.publish(tables, on: connection)
        let replication = try ReplicationConnection(slot.configuration)
        let created = try replication.createSlot(slot.name)
        let reader = try PostgresConnection(slot.configuration)
        // The snapshot lives no longer than the connection that exported it.
        try withExtendedLifetime(replication) {
            _ = try reader.executeScript(
                """
                BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
                SET TRANSACTION SNAPSHOT '\(created.snapshot)'
                """)
        }
        let transaction = try store.begin()
        do {
            let copied = try copy(from: reader, into: transaction)
            try transaction.setReplicationPosition(identity, lsn: created.consistentPoint.rawValue)
            _ = try transaction.commit()
            try reader.executeScript("COMMIT")
            return copied
        } catch {
            transaction.rollback()
            throw error
        }
    }

    private func copy(
        from reader: PostgresConnection, into transaction: StoreTransaction
    ) throws -> (rows: Int, valuesLost: Int) {
        for (id, definition) in store.snapshot().catalog.tables {
            guard tables.contains(where: { $0.definition.name == definition.name }) else { continue }
            try transaction.dropTable(id)
        }
        var rows = 0
        var valuesLost = 0
        for table in tables {
            let id = try transaction.createTable(table.definition)
            let decoder = BinaryRowDecoder(table)
            let writer = ChunkWriter(transaction, id)
            do {
                try reader.copyOut("COPY (\(table.copyQuery)) TO STDOUT (FORMAT binary)") { message in
                    guard let chunk = try decoder.decode(message) else { return }
                    if isStopped() { throw ReplicationError.stopped }
                    try writer.write(chunk)
                    rows += chunk.rowCount
                    progress(rows)
                }
                if let chunk = decoder.finish() {
                    try writer.write(chunk)
                    rows += chunk.rowCount
                }
            } catch {
                _ = writer.finish()
                throw error
            }
            if let failure = writer.finish() { throw failure }
            progress(rows)
            valuesLost += decoder.valuesLost
        }
        return (rows, valuesLost)
    }
}

/// Appends chunks on a thread of its own, so that decoding and encoding use two cores. Bounded: the producer
/// waits while `chunksMax` chunks are queued.
private final class ChunkWriter: @unchecked Sendable {
    private static let chunksMax = 64
    private let room = DispatchSemaphore(value: chunksMax)
    private let queue = DispatchQueue(label: "ambar.replication.append")
    private let lock = NSLock()
    private var failure: (any Error)?
    private let transaction: StoreTransaction
    private let table: TableID

    init(_ transaction: StoreTransaction, _ table: TableID) {
        self.transaction = transaction
        self.table = table
    }

    func write(_ chunk: DataChunk) throws {
        if let failure = currentFailure { throw failure }
        room.wait()
        queue.async { [self] in
            defer { room.signal() }
            guard currentFailure == nil else { return }
            do {
                try transaction.append(table, chunk)
            } catch {
                lock.lock()
                failure = error
                lock.unlock()
            }
        }
    }

    /// Waits for the last chunk; returns the first error.
    func finish() -> (any Error)? {
        queue.sync {}
        return currentFailure
    }

    private var currentFailure: (any Error)? {
        lock.lock()
        defer { lock.unlock() }
        return failure
    }
}
