import Columns
import DurableIO
import Encodings
import TableCatalog

/// What a transaction does to one table, for any number of threads.
///
/// `append` copies rows under `lock`, in the order of its calls; the thread that fills a row group then
/// encodes and writes it outside of the lock, while others fill the next. All else runs `exclusively`: when
/// no row group is on its way.
///
/// Invariants: `sealed` (in order of row group ids), what is on its way and `builder` hold the transaction's
/// rows in order of arrival; `deletes` names committed rows only; `overlay`, once it exists, knows every row
/// of the transaction.
final class TableWriter: @unchecked Sendable {
    /// Full row groups on their way to the disk at once: what bounds memory.
    static let groupsInFlightMax = 8

    /// Guards everything below.
    let lock = Monitor()
    /// Full row groups that threads are writing.
    var groupsInFlight = 0
    /// Callers of `exclusively` that wait; they go before appends.
    var exclusiveWaiting = 0
    /// The first failed write, or another failure half-way: the transaction can only be rolled back.
    var failure: StorageError?
    /// Emptied builders, whose buffers the next row groups take.
    var spareBuilders: [RowGroupBuilder] = []
    /// The committed rows that the transaction still sees: none after a truncation.
    let base: TableState
    let dictionaries: [DictionaryBuilder?]
    let writer: RowGroupWriter
    let nextRowGroup: () -> RowGroupID
    let cache: BlockCache
    let committedKeys: TableKeyIndex
    let keys: KeyReader

    struct SealedGroup {
        var entry: RowGroupEntry
        var group: RowGroup
        var deleted: DeletedRows?
        /// The place of a rewritten row group, for compaction.
        var before: RowGroupID?
    }

    var builder: RowGroupBuilder?
    var sealed: [SealedGroup] = []
    var deletes: [RowGroupID: DeletedRows] = [:]
    /// How the commit says which rows are deleted.
    var placedDeletions: [RowGroupID: PlacedDeletions] = [:]
    var removedKeys: [(hash: UInt32, locator: RowLocator)] = []
    /// Committed row groups that compaction has rewritten.
    var rewritten: [RowGroup] = []
    var overlay: KeyIndex?
    private var committedGroups: [RowGroupID: LiveRowGroup]?

    var definition: TableDefinition { base.definition }

    init(
        base: TableState, dictionaries: [DictionaryBuilder?], committedKeys: TableKeyIndex, cache: BlockCache,
        encoders: EncoderPool, nextRowGroup: @escaping () -> RowGroupID,
        makeFile: @escaping () throws(StorageError) -> (DataFile, AppendOnlyFile)
    ) {
        self.base = base
        self.dictionaries = dictionaries
        self.committedKeys = committedKeys
        self.cache = cache
        self.nextRowGroup = nextRowGroup
        writer = RowGroupWriter(
            definition: base.definition, optionsNumber: base.optionsNumber, encoders: encoders,
            makeFile: makeFile)
        keys = KeyReader(definition: base.definition, cache: cache)
    }

    /// Whether a commit has something to do; also when all it can do is to fail.
    var hasChanges: Bool {
        failure != nil || builder != nil || !sealed.isEmpty || !deletes.isEmpty || !rewritten.isEmpty
    }

    /// The dictionaries with the transaction's entries.
    func currentDictionaries() -> [TableDictionary?] { dictionaries.map { $0?.snapshot() } }

    func committedGroup(_ id: RowGroupID) -> LiveRowGroup? {
        if let committedGroups { return committedGroups[id] }
        var groups: [RowGroupID: LiveRowGroup] = [:]
        for live in base.rowGroups { groups[live.group.id] = live }
        committedGroups = groups
        return groups[id]
    }

    static func resized(_ rows: DeletedRows?, rowCount: Int) -> DeletedRows? {
        guard let rows, rows.count > 0 else { return nil }
        var exact = DeletedRows(rowCount: rowCount)
        for row in rows.rows { _ = exact.insert(Int(row)) }
        return exact
    }
}
