import Columns
import DurableIO
import Encodings
import TableCatalog

/// What a transaction does to one table. Calls are serialised by `lock`.
///
/// Invariants: `sealed` and `builder` hold the transaction's rows in order of arrival; `deletes` names
/// committed rows only; `overlay`, once it exists, knows every row of the transaction.
final class TableWriter: @unchecked Sendable {
    /// Guards everything below.
    let lock = Lock()
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
    var removedKeys: [(hash: UInt32, locator: RowLocator)] = []
    /// Committed row groups that compaction has rewritten.
    var rewritten: [RowGroup] = []
    var overlay: KeyIndex?
    private var committedGroups: [RowGroupID: LiveRowGroup]?

    var definition: TableDefinition { base.definition }

    init(
        base: TableState, dictionaries: [DictionaryBuilder?], committedKeys: TableKeyIndex, cache: BlockCache,
        nextRowGroup: @escaping () -> RowGroupID,
        makeFile: @escaping () throws(StorageError) -> (DataFile, AppendOnlyFile)
    ) {
        self.base = base
        self.dictionaries = dictionaries
        self.committedKeys = committedKeys
        self.cache = cache
        self.nextRowGroup = nextRowGroup
        writer = RowGroupWriter(
            definition: base.definition, optionsNumber: base.optionsNumber, makeFile: makeFile)
        keys = KeyReader(definition: base.definition, cache: cache)
    }

    var hasChanges: Bool {
        builder != nil || !sealed.isEmpty || !deletes.isEmpty || !rewritten.isEmpty
    }

    func append(_ chunk: DataChunk) throws(StorageError) {
        try check(chunk)
        let wholeRows = stringBytes(of: chunk) <= RowGroupBuilder.stringBytesMax
        var first = 0
        while first < chunk.selectedCount {
            let target = builder ?? RowGroupBuilder(id: nextRowGroup(), types: definition.columns.types)
            builder = target
            let firstRow = target.rowCount
            // Chunks of huge strings go row by row, so that no row group outgrows its limit by more than one.
            let taken = target.append(chunk, from: first, limit: wholeRows ? chunk.selectedCount : 1)
            if overlay != nil {
                addToOverlay(chunk, rows: first..<(first + taken), firstRow: firstRow, of: target.id)
            }
            first += taken
            if target.isFull { try seal() }
        }
    }

    /// Writes the rows in memory as a row group.
    func seal(before: RowGroupID? = nil) throws(StorageError) {
        guard let full = builder, full.rowCount > 0 else { return }
        let (entry, group) = try writer.write(full, dictionaries: dictionaries)
        builder = nil
        sealed.append(
            SealedGroup(
                entry: entry, group: group, deleted: Self.resized(full.deleted, rowCount: full.rowCount),
                before: before))
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

    private static func resized(_ rows: DeletedRows?, rowCount: Int) -> DeletedRows? {
        guard let rows, rows.count > 0 else { return nil }
        var exact = DeletedRows(rowCount: rowCount)
        for row in rows.rows { _ = exact.insert(Int(row)) }
        return exact
    }

    private func check(_ chunk: DataChunk) throws(StorageError) {
        let fields = definition.columns.fields
        guard chunk.columns.count == fields.count,
            zip(chunk.columns, fields).allSatisfy({ $0.type == $1.type })
        else {
            throw .wrongColumns(
                table: definition.name, wanted: fields.map(\.type.sqlName).joined(separator: ", "),
                got: chunk.columns.map(\.type.sqlName).joined(separator: ", "))
        }
        for (vector, field) in zip(chunk.columns, fields) where !field.isNullable && vector.validity != nil {
            let rows = chunk.selection.map { vector.gathered($0) } ?? vector
            if (0..<rows.count).contains(where: { rows.isNull($0) }) {
                throw .nullInColumn(table: definition.name, column: field.name)
            }
        }
        for (vector, field) in zip(chunk.columns, fields) where vector.physical == .string {
            let entries = vector.dictionary?.entries ?? vector
            let views = entries.pointer(as: StringView.self)
            for row in 0..<chunk.selectedCount {
                let index = chunk.selection.map { Int($0.rows[row]) } ?? row
                if vector.isNull(index) { continue }
                let bytes = views[vector.valueIndex(index)].count
                if bytes > RowGroupBuilder.valueBytesMax {
                    throw .valueTooLarge(table: definition.name, column: field.name, bytes: bytes)
                }
            }
        }
    }

    /// Bytes of the chunk's longest string column.
    private func stringBytes(of chunk: DataChunk) -> Int {
        var most = 0
        for vector in chunk.columns where vector.physical == .string {
            let views = (vector.dictionary?.entries ?? vector).pointer(as: StringView.self)
            var total = 0
            for row in 0..<chunk.selectedCount {
                let index = chunk.selection.map { Int($0.rows[row]) } ?? row
                if !vector.isNull(index) { total += views[vector.valueIndex(index)].count }
            }
            most = max(most, total)
        }
        return most
    }
}
