import DurableIO

/// How a commit says which rows of a row group are deleted.
struct PlacedDeletions {
    /// Every row of the row group is gone, and with them the group.
    var isWhole = false
    /// All deleted rows, also those of earlier commits.
    var block: DeletionBlock?
    /// Few rows, beside what was deleted before.
    var inline: [UInt16] = []
}

extension TableWriter {
    /// Decides how each row group's deletions are said. Where the rows that the manifest names itself would
    /// become more than a few, all of the group's deletions go into a block of a file.
    ///
    /// - Parameter target: Gives the file, before it is synced.
    /// - Throws: `.files`; `.damagedFile` when earlier deletions cannot be read.
    func placeDeletions(in target: RowGroupWriter) throws(StorageError) {
        for own in sealed {
            guard let deleted = own.deleted, deleted.count < own.group.rowCount else { continue }
            placedDeletions[own.group.id] = try placed(deleted, after: nil, of: own.group.id, in: target)
        }
        for (group, rows) in deletes.sorted(by: { $0.key < $1.key }) where rows.count > 0 {
            guard let live = committedGroup(group) else { continue }
            placedDeletions[group] =
                rows.count == live.liveCount
                ? PlacedDeletions(isWhole: true)
                : try placed(rows, after: live.deletes, of: group, in: target)
        }
    }

    private func placed(
        _ rows: DeletedRows, after old: RowDeletions?, of group: RowGroupID, in target: RowGroupWriter
    ) throws(StorageError) -> PlacedDeletions {
        if (old?.inline.count ?? 0) + rows.count <= RowDeletions.inlineCountMax {
            return PlacedDeletions(inline: rows.rows)
        }
        let before = try old?.vector()
        let words = before.map { zip($0.words, rows.words).map { $0 | $1 } } ?? rows.words
        let all = DeletionVector(words: words, rowCount: rows.rowCount)
        let bytes = DeletionBlock.encoded(all, of: group)
        let (file, byteOffset) = try target.append(bytes)
        return PlacedDeletions(
            block: DeletionBlock(
                file: file, byteOffset: byteOffset, byteCount: bytes.count, deletedCount: all.count))
    }

    /// What the manifest says of the row group's deletions.
    func deletionOperations(of group: RowGroupID) -> [ManifestOperation] {
        guard let placed = placedDeletions[group] else { return [] }
        if placed.isWhole { return [.removeRowGroup(base.id, group)] }
        guard let block = placed.block else { return [.deleteRows(base.id, group, placed.inline)] }
        let entry = DeletionBlockEntry(
            file: block.file.id, byteOffset: block.byteOffset, byteCount: block.byteCount,
            deletedCount: block.deletedCount)
        return [.setDeletions(base.id, group, entry)]
    }
}
