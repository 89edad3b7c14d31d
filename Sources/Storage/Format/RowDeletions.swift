/// The deleted rows of a row group in one version: a block in a data file, a few rows that the manifest names
/// itself, or both. Never changes. The block is read on first use, so that opening a store reads none.
final class RowDeletions: @unchecked Sendable {
    /// More rows than this are written as a block.
    static let inlineCountMax = 32

    let rowGroup: RowGroupID
    let rowCount: Int
    let block: DeletionBlock?
    /// Ascending, and none of the block's.
    let inline: [UInt16]
    private let lock = Lock()
    /// Guarded by `lock`.
    private var known: DeletionVector?

    init(rowGroup: RowGroupID, rowCount: Int, block: DeletionBlock?, inline: [UInt16]) {
        self.rowGroup = rowGroup
        self.rowCount = rowCount
        self.block = block
        self.inline = inline
    }

    /// Deleted rows. O(1).
    var count: Int { (block?.deletedCount ?? 0) + inline.count }

    /// All deleted rows.
    ///
    /// - Throws: `.files`, `.damagedFile` when the block has to be read.
    func vector() throws(StorageError) -> DeletionVector {
        if let known = lock.withLock({ known }) { return known }
        let made = try read()
        lock.withLock { known = made }
        return made
    }

    /// The same from the file, whatever is known.
    func read() throws(StorageError) -> DeletionVector {
        var words =
            try block?.read(rowGroup: rowGroup, rowCount: rowCount)
            ?? [UInt64](repeating: 0, count: (rowCount + 63) / 64)
        for row in inline { words[Int(row) >> 6] |= 1 << UInt64(row & 63) }
        let vector = DeletionVector(words: words, rowCount: rowCount)
        if let block, vector.count != count {
            throw .damagedFile(
                path: block.file.path, byteOffset: block.byteOffset, reason: "a row is deleted twice")
        }
        return vector
    }

    func contains(_ row: Int) throws(StorageError) -> Bool { try vector().contains(row) }
}
