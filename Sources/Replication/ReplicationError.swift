import Postgres
import Storage

/// What stops the mirror.
public enum ReplicationError: Error, Sendable {
    case postgres(PostgresError)
    case storage(StorageError)
    /// The record's server cannot be followed; the reason says what to change there.
    case serverUnsuitable(reason: String)
    case tableMissing(name: String)
    /// A table without a primary key cannot be followed.
    case noPrimaryKey(table: String)
    /// A message that does not fit the table it speaks of.
    case unexpectedMessage(String)
    /// The record's tables are no longer those that were mirrored: the mirror must be made anew.
    case schemaChanged(table: String)
    /// The slot has lost changes: the mirror must be made anew.
    case slotLost(name: String)
    case stopped
    case timedOut(seconds: Int)
}

extension ReplicationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .postgres(let error): error.description
        case .storage(let error): error.description
        case .serverUnsuitable(let reason): "the record's Postgres cannot be followed: \(reason)"
        case .tableMissing(let name): "no such table in the record: \(name)"
        case .noPrimaryKey(let table): "table cannot be mirrored, it has no primary key: \(table)"
        case .unexpectedMessage(let what): "unexpected replication message: \(what)"
        case .schemaChanged(let table): "the record's table has changed: \(table)"
        case .slotLost(let name): "the replication slot has lost changes: \(name)"
        case .stopped: "replication was stopped"
        case .timedOut(let seconds): "the mirror did not catch up within \(seconds) s"
        }
    }
}
