import DurableIO
import TableCatalog

extension RowGroupRewrite {
    /// Puts what was written in the place of the rewritten groups, in a commit of its own. Rows deleted since
    /// the pinned version are deleted in the new groups too.
    ///
    /// - Returns: false when a group is gone (its table was truncated, dropped or has other columns, or its
    ///   last rows were deleted): then nothing has changed, and what was written is removed.
    /// - Throws: As `begin` and `commit`.
    func install(in transaction: StoreTransaction) throws(StorageError) -> Bool {
        do {
            guard let current = transaction.base.tables[table.id],
                current.definition.clusteringKey == table.definition.clusteringKey,
                current.shapeNumber == table.shapeNumber,
                let deleted = try deletedSince(current)
            else {
                transaction.rollback()
                discard()
                return false
            }
            let writer = try transaction.writer(of: table.id)
            let places = try placesWritten(of: deleted)
            writer.lock.withLock { install(in: writer, transaction, deleted: places) }
            transaction.lock.withLock { transaction.madeFiles += files }
            _ = try transaction.commit()
        } catch {
            // After an unknown outcome the files must stay: the record may be on the disk.
            if case .needsReopening = error {} else { discard() }
            throw error
        }
        return true
    }

    /// Rows of the inputs that were deleted since, by place of the input; nil when an input is gone.
    private func deletedSince(_ current: TableState) throws(StorageError) -> [Int: [Int]]? {
        var live: [RowGroupID: LiveRowGroup] = [:]
        for group in current.rowGroups { live[group.group.id] = group }
        var deleted: [Int: [Int]] = [:]
        for (index, input) in table.rowGroups.enumerated() {
            guard let now = live[input.group.id] else { return nil }
            guard let deletes = now.deletes, deletes.count > input.deletes?.count ?? 0 else { continue }
            var rows: [Int] = []
            let before = try input.deletes?.vector()
            for (place, word) in try deletes.vector().words.enumerated() {
                var rest = word & ~(before?.words[place] ?? 0)
                while rest != 0 {
                    rows.append(place * 64 + rest.trailingZeroBitCount)
                    rest &= rest - 1
                }
            }
            deleted[index] = rows
        }
        return deleted
    }

    private func install(in writer: TableWriter, _ transaction: StoreTransaction, deleted: [Int: [Int]]) {
        precondition(!writer.hasChanges, "a rewriting transaction changes nothing else")
        guard let place = table.rowGroups.first?.group.id else { return }
        let filesByID = Dictionary(files.map { ($0.id, $0) }) { first, _ in first }
        var run = sortedRun
        for (index, made) in written.enumerated() {
            guard let file = filesByID[made.entry.file] else {
                preconditionFailure("a written row group lies in a file of its rewriting")
            }
            var entry = made.entry
            entry.id = writer.nextRowGroup()
            if run == 0 { run = entry.id.rawValue }
            entry.form.sortedRun = run ?? 0
            let group = RowGroup(
                id: entry.id, file: file, footerOffset: entry.footerOffset, footerBytes: entry.footerBytes,
                rowCount: entry.rowCount, columnCount: table.definition.columns.count, footer: made.footer)
            var gone: DeletedRows?
            if let rows = deleted[index] {
                var all = DeletedRows(rowCount: entry.rowCount)
                for row in rows { _ = all.insert(row) }
                gone = all
            }
            writer.sealed.append(
                TableWriter.SealedGroup(entry: entry, group: group, deleted: gone, before: place))
        }
        writer.rewritten = table.rowGroups.map(\.group)
    }
}
