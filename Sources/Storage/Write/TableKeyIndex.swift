import TableCatalog

/// The key index of a table's committed rows, built on first use and kept in step by commits. Owned by
/// whichever transaction holds the writer's gate.
final class TableKeyIndex {
    private(set) var index: KeyIndex?
    /// The version of the table that `index` describes.
    private(set) var version: UInt64 = 0

    var memoryBytes: Int { index?.memoryBytes ?? 0 }

    /// Makes the index describe `table`, reading all key columns if it does not yet.
    func prepare(for table: TableState, reader: KeyReader) throws(StorageError) {
        if index != nil && version == table.version { return }
        var fresh = KeyIndex(capacity: table.rowCount)
        for live in table.rowGroups {
            let deleted = try live.deletes?.vector()
            try Self.add(live.group, to: &fresh, table: table, reader: reader) { row in
                !(deleted?.contains(row) ?? false)
            }
        }
        index = fresh
        version = table.version
    }

    /// Brings the index from the version before a commit to the one after; gives it up if that fails, to be
    /// built anew.
    func follow(
        from old: UInt64, to table: TableState, added: [(group: RowGroup, deleted: DeletedRows?)],
        removedKeys: [(hash: UInt32, locator: RowLocator)], removedGroups: [RowGroup], reader: KeyReader
    ) {
        guard var changed = index, version == old else {
            index = nil
            return
        }
        // The index must have one owner while it changes, or each change would copy it.
        index = nil
        for (hash, locator) in removedKeys { changed.remove(hash: hash, locator) }
        do {
            for group in removedGroups {
                try reader.forEachVector(of: group, dictionaries: table.dictionaries) { firstRow, hashes in
                    for (offset, hash) in hashes.enumerated() {
                        changed.remove(hash: hash, RowLocator(rowGroup: group.id, row: firstRow + offset))
                    }
                }
                changed.removeGroup(group.id)
            }
            for (group, deleted) in added {
                try Self.add(group, to: &changed, table: table, reader: reader) { row in
                    !(deleted?.contains(row) ?? false)
                }
            }
        } catch {
            // The commit stands; the next lookup reads the keys again and reports what is wrong.
            return
        }
        index = changed
        version = table.version
    }

    private static func add(
        _ group: RowGroup, to index: inout KeyIndex, table: TableState, reader: KeyReader,
        isWanted: (Int) -> Bool
    ) throws(StorageError) {
        if !index.addGroup(group.id, rowCount: group.rowCount) {
            throw .damagedFile(
                path: group.file.path, byteOffset: group.footerOffset, reason: "row ordinals used up")
        }
        try reader.forEachVector(of: group, dictionaries: table.dictionaries) { firstRow, hashes in
            index.insert(hashes, group: group.id, firstRow: firstRow, isWanted: isWanted)
        }
        reader.forget()
    }
}
