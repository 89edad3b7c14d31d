import DurableIO
import Encodings
import TableCatalog

/// What can go wrong in the column store.
public enum StorageError: Error, Hashable, Sendable {
    // The caller's mistakes.
    case invalidDefinition(TableDefinitionError)
    case tableExists(TableName)
    case tableMissing(id: TableID)
    case keyTypeUnsupported(table: TableName, column: String)
    case noPrimaryKey(table: TableName)
    case rowMissing(table: TableName, locator: RowLocator)
    case wrongColumns(table: TableName, wanted: String, got: String)
    case nullInColumn(table: TableName, column: String)
    /// Two rows would have one primary key: `(id)=(7)`.
    case duplicateKey(table: TableName, key: String)
    case valueTooLarge(table: TableName, column: String, bytes: Int)
    case readOnly(directory: String)
    /// The transaction has ended, or a failed call has made it unusable.
    case transactionEnded
    /// The transaction has changed the table already, in a way that does not go with the next change.
    case tableBusy(TableName)
    /// Another transaction did not end in time.
    case writerBusy(directory: String)
    /// The version was thinned out; the retained ones on both sides of it.
    case versionNotRetained(version: UInt64, before: StoreVersion?, after: StoreVersion?)
    /// The snapshot that was asked is older than the version.
    case versionNotReached(version: UInt64, newest: StoreVersion)
    /// No retained version is as old as the time.
    case timeNotRetained(time: Int64, oldest: StoreVersion)

    // The environment.
    case files(DurableIOError)
    /// A failed sync has left the state of the disk unknown: open the store again.
    case needsReopening(directory: String)
    case noStore(directory: String)
    /// A backup goes only into a directory that is missing or empty.
    case directoryNotEmpty(path: String)

    // Damaged data.
    case notAManifest(path: String)
    case unsupportedFormat(path: String, version: UInt32)
    case damagedManifest(path: String, byteOffset: Int, reason: String)
    case damagedFile(path: String, byteOffset: Int, reason: String)
    case damagedBackup(directory: String, faults: Int, first: StorageFault)
}

extension StorageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidDefinition(let cause): cause.description
        case .tableExists(let name): "table exists: \(name)"
        case .tableMissing(let id): "no such table: number \(id.rawValue)"
        case .keyTypeUnsupported(let table, let column): "type cannot be a primary key: \(table).\(column)"
        case .noPrimaryKey(let table): "table has no primary key: \(table)"
        case .rowMissing(let table, let locator): "no such row: \(table) (\(locator.rawValue))"
        case .wrongColumns(let table, let wanted, let got):
            "columns do not fit the table: \(table) (wanted \(wanted), got \(got))"
        case .duplicateKey(let table, let key): "duplicate key in the primary key of \(table): \(key)"
        case .nullInColumn(let table, let column): "column must not be NULL: \(table).\(column)"
        case .valueTooLarge(let table, let column, let bytes):
            "value is too large: \(table).\(column) (\(bytes) bytes)"
        case .readOnly(let directory): "store is open for reading only: \(directory)"
        case .transactionEnded: "transaction has ended"
        case .tableBusy(let table):
            "table was changed by the same transaction and cannot be changed so now: \(table)"
        case .writerBusy(let directory): "another transaction is being written: \(directory)"
        case .versionNotRetained(let version, let before, let after):
            "version is not retained: \(version) (nearest retained: \(Self.list(before, after)))"
        case .versionNotReached(let version, let newest):
            "version does not exist yet: \(version) (newest: \(newest))"
        case .timeNotRetained(let time, let oldest):
            "no version is retained from so early: \(StoreVersion.text(ofTime: time)) (oldest: \(oldest))"
        case .files(let cause): cause.description
        case .needsReopening(let directory):
            "store must be opened again after a failed sync: \(directory)"
        case .noStore(let directory): "no store here: \(directory)"
        case .directoryNotEmpty(let path): "directory is not empty: \(path)"
        case .damagedBackup(let directory, let faults, let first):
            "backup is damaged: \(directory) (\(faults) faults, the first in \(first))"
        case .notAManifest(let path): "not a manifest: \(path)"
        case .unsupportedFormat(let path, let version): "unsupported format version: \(path) (\(version))"
        case .damagedManifest(let path, let byteOffset, let reason):
            "manifest is damaged: \(path) at offset \(byteOffset): \(reason)"
        case .damagedFile(let path, let byteOffset, let reason):
            "file is damaged: \(path) at offset \(byteOffset): \(reason)"
        }
    }
}

extension StorageError {
    private static func list(_ before: StoreVersion?, _ after: StoreVersion?) -> String {
        let near = [before, after].compactMap { $0?.description }
        return near.isEmpty ? "none" : near.joined(separator: ", ")
    }

    /// Runs file operations and turns their errors into this target's.
    static func files<Result>(_ body: () throws(DurableIOError) -> Result) throws(StorageError) -> Result {
        do { return try body() } catch { throw .files(error) }
    }
}
