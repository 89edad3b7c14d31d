import Columns
import TableCatalog

extension ColumnStore {
    /// Merges small adjacent row groups of a table, and rewrites groups that have lost half their rows, until
    /// none are left to do; each merge is a commit. Cheap when there is nothing to do: O(row groups).
    /// Snapshots keep the old ones.
    ///
    /// - Returns: Row groups rewritten.
    /// - Throws: As `begin`, and `.tableMissing`, `.files`, `.damagedFile`.
    @discardableResult
    public func compactIfNeeded(_ table: TableID) throws(StorageError) -> Int {
        var rewritten = 0
        // Each round leaves fewer groups or fewer deleted rows; the bound only guards against our own
        // mistakes.
        for _ in 0..<Self.compactionRoundsMax {
            guard let state = snapshot().state.tables[table] else { throw .tableMissing(id: table) }
            guard CompactionPolicy.next(Self.sizes(of: state)) != nil else { break }
            let transaction = try begin()
            defer { transaction.rollback() }
            // Another commit may have come in between.
            guard let current = transaction.base.tables[table] else { throw .tableMissing(id: table) }
            guard let range = CompactionPolicy.next(Self.sizes(of: current)) else { break }
            try transaction.rewrite(table, Array(current.rowGroups[range]))
            _ = try transaction.commit()
            rewritten += range.count
        }
        return rewritten
    }

    static let compactionRoundsMax = 1000

    private static func sizes(of table: TableState) -> [CompactionPolicy.Size] {
        table.rowGroups.map { CompactionPolicy.Size(liveRows: $0.liveCount, allRows: $0.group.rowCount) }
    }
}

extension StoreTransaction {
    /// Writes the rows of adjacent row groups anew in their place. The transaction does nothing else to the
    /// table.
    func rewrite(_ table: TableID, _ groups: [LiveRowGroup]) throws(StorageError) {
        let writer = try writer(of: table)
        try writer.lock.withLock { () throws(StorageError) in try writer.rewrite(groups) }
    }
}

extension TableWriter {
    func rewrite(_ groups: [LiveRowGroup]) throws(StorageError) {
        precondition(!hasChanges, "a rewriting transaction changes nothing else")
        guard let place = groups.first?.group.id else { return }
        var part = base
        part.rowGroups = groups
        let columns = Array(0..<definition.columns.count)
        let scan = TableScan(
            table: part, columns: columns, predicates: [], includesRowLocator: false, cache: cache)
        let reader = scan.makeReader()
        for morsel in 0..<scan.morselCount where try reader.open(morsel: morsel) {
            while let chunk = try reader.next() { try appendRewritten(chunk, before: place) }
        }
        try seal(before: place)
        rewritten = groups.map(\.group)
    }

    private func appendRewritten(_ chunk: DataChunk, before place: RowGroupID) throws(StorageError) {
        var first = 0
        while first < chunk.selectedCount {
            let target = builder ?? RowGroupBuilder(id: nextRowGroup(), types: definition.columns.types)
            builder = target
            first += target.append(chunk, from: first, limit: chunk.selectedCount)
            if target.isFull { try seal(before: place) }
        }
    }
}
