import Columns
import DurableIO
import Encodings

/// Up to 65,536 rows of a table in a data file, never changed. The footer is read on first use and kept.
final class RowGroup: @unchecked Sendable {
    static let rowCountMax = ColumnValues.rowCountMax
    /// A footer is at most a few kilobytes a column; more is damage.
    static let footerBytesMax = 64 * 1024 * 1024

    let id: RowGroupID
    let file: DataFile
    let footerOffset: Int
    let footerBytes: Int
    let rowCount: Int
    /// Columns that the file has.
    let columnCount: Int
    /// Where each of the table's columns comes from; nil when they are those of the file.
    let layout: [StoredColumn]?
    private let lock = Lock()
    /// Guarded by `lock`.
    private var knownFooter: RowGroupFooter?

    init(
        id: RowGroupID, file: DataFile, footerOffset: Int, footerBytes: Int, rowCount: Int, columnCount: Int,
        layout: [StoredColumn]? = nil, footer: RowGroupFooter? = nil
    ) {
        self.layout = layout
        self.id = id
        self.file = file
        self.footerOffset = footerOffset
        self.footerBytes = footerBytes
        self.rowCount = rowCount
        self.columnCount = columnCount
        knownFooter = footer
    }

    var vectorCount: Int { (rowCount + DataChunk.capacity - 1) / DataChunk.capacity }

    /// The directory of segments, by the table's columns.
    func footer() throws(StorageError) -> RowGroupFooter {
        if let known = lock.withLock({ knownFooter }) { return known }
        let footer = try readFooter()
        lock.withLock { knownFooter = footer }
        return footer
    }

    /// The directory of segments as it is in the file now.
    func readFooter() throws(StorageError) -> RowGroupFooter {
        let opened = try file.opened()
        let bytes = try StorageError.files { () throws(DurableIOError) in
            try opened.readBytes(atByteOffset: footerOffset, byteCount: footerBytes)
        }
        do {
            let stored = try RowGroupFooter(
                bytes, columnCount: columnCount, rowCount: rowCount, limit: footerOffset)
            return try arranged(stored)
        } catch let error as StorageError {
            throw error
        } catch {
            throw .damagedFile(path: file.path, byteOffset: footerOffset, reason: "\(error)")
        }
    }

    /// A column of the group, from the cache or the file. `buffer` is scratch for the bytes of the file.
    func segment(
        column: Int, type: DataType, cache: BlockCache, buffer: RawBytes
    ) throws(StorageError) -> EncodedSegment {
        let summary = try footer().columns[column]
        if case .absent(let absent)? = layout?[column] { return try absent.segment(rowCount: rowCount) }
        let key = BlockCache.Key(file: file.cacheNumber, byteOffset: summary.byteOffset)
        if let cached = cache.segment(key) { return cached }
        let segment = try readSegment(summary, type: type, buffer: buffer)
        cache.insert(segment, key)
        return segment
    }

    /// A column of the group from the file. `buffer` is scratch for the bytes of the file.
    func readSegment(
        _ summary: SegmentSummary, type: DataType, buffer: RawBytes
    ) throws(StorageError) -> EncodedSegment {
        let opened = try file.opened()
        // The length comes from the disk: it must not decide how much memory is asked for.
        let fileBytes = try StorageError.files { () throws(DurableIOError) in try opened.byteCount() }
        guard summary.byteOffset <= fileBytes, summary.byteCount <= fileBytes - summary.byteOffset else {
            throw .damagedFile(
                path: file.path, byteOffset: summary.byteOffset, reason: "segment lies outside its file")
        }
        buffer.removeAll()
        let space = UnsafeMutableRawBufferPointer(
            start: buffer.extend(byBytes: summary.byteCount), count: summary.byteCount)
        do { try opened.readFully(into: space, atByteOffset: summary.byteOffset) } catch {
            throw .files(error)
        }
        let segment: EncodedSegment
        do {
            segment = try EncodedSegment(reading: UnsafeRawBufferPointer(space), type: type)
        } catch {
            throw .damagedFile(path: file.path, byteOffset: summary.byteOffset, reason: error.description)
        }
        guard segment.rowCount == rowCount else {
            throw .damagedFile(path: file.path, byteOffset: summary.byteOffset, reason: "row count differs")
        }
        return segment
    }
}

/// A row group of a version of a table with the rows deleted by then.
struct LiveRowGroup: Sendable {
    var group: RowGroup
    var deletes: RowDeletions?
    var form = RowGroupForm()

    var liveCount: Int { group.rowCount - (deletes?.count ?? 0) }
}
