import Execution
import SQLSyntax
import Storage

/// A transaction of a session: one stable snapshot for its queries until it changes something, then that of
/// the store's one writer, with its own changes.
///
/// Invariant: used by the one thread that runs the session's statements.
final class SessionTransaction {
    private let store: ColumnStore
    private(set) var isolation: TransactionModes.Isolation
    private(set) var isReadOnly: Bool
    /// A statement of it has failed: only its end is taken.
    var isFailed = false
    /// What settings go back to when it is rolled back.
    let settingsBefore: SessionSettings
    /// The settings without those that last until its end only.
    var settingsAfter: SessionSettings
    private var pinned: StoreSnapshot?
    private var writing: StoreTransaction?

    init(store: ColumnStore, modes: TransactionModes, isReadOnly: Bool, settings: SessionSettings) {
        self.store = store
        isolation = modes.isolation ?? .readCommitted
        self.isReadOnly = modes.isReadOnly ?? isReadOnly
        settingsBefore = settings
        settingsAfter = settings
    }

    /// - Throws: When a statement has run already.
    func set(_ modes: TransactionModes) throws(QueryError) {
        if let isolation = modes.isolation, isolation != self.isolation {
            guard pinned == nil, writing == nil else {
                throw QueryError(
                    code: "25001", message: "SET TRANSACTION ISOLATION LEVEL must be called before any query")
            }
            self.isolation = isolation
        }
        if let isReadOnly = modes.isReadOnly { self.isReadOnly = isReadOnly }
    }

    /// What the next statement reads.
    func snapshot() throws(QueryError) -> StoreSnapshot {
        if let pinned { return pinned }
        var fresh = store.snapshot()
        if let writing {
            fresh = try QueryError.storage { () throws(StorageError) in try writing.snapshot() }
        }
        pinned = fresh
        return fresh
    }

    /// The store's transaction, begun by the first statement that changes something. Others that write wait
    /// from then on, until this one ends.
    ///
    /// - Throws: `40001` under REPEATABLE READ and SERIALIZABLE when somebody has written since the first
    ///   statement.
    func writer() throws(QueryError) -> StoreTransaction {
        if let writing { return writing }
        let store = store
        let begun = try QueryError.storage { () throws(StorageError) in try store.begin() }
        let isStrict = isolation == .repeatableRead || isolation == .serializable
        if isStrict, let pinned, pinned.version != store.snapshot().version {
            begun.rollback()
            throw QueryError(
                code: "40001", message: "could not serialize access due to concurrent update",
                hint: "Begin the transaction again.")
        }
        writing = begun
        pinned = nil
        return begun
    }

    /// Called after each statement that changed something.
    func changed() { pinned = nil }

    func commit() throws(QueryError) {
        guard let writing else { return }
        self.writing = nil
        try QueryError.storage { () throws(StorageError) in _ = try writing.commit() }
    }

    func rollback() {
        writing?.rollback()
        writing = nil
        pinned = nil
    }
}
