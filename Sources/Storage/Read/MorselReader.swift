import Columns
import Encodings

/// Reads morsels of a scan, a vector at a time. Owned by one worker.
///
/// Either call `next` for whole chunks, or `advance` and then `column` for only the columns that are needed:
/// a column that is never asked for is never read or decoded. Vectors and chunks stay valid for as long as
/// they are held; letting go of them before the next call lets the reader use their buffers again.
public final class MorselReader {
    public let scan: TableScan
    /// What could be skipped so far.
    public private(set) var counters = SkipCounters()
    /// Rows of the current vector, with deleted ones.
    public private(set) var rowCount = 0
    /// Rows of the current vector that exist; nil when all do.
    public private(set) var selection: SelectionVector?

    private var live: LiveRowGroup?
    private var vector = -1
    private var vectorCount = 0
    /// Bit v is set when vector v has to be read.
    private var wanted: UInt64 = 0
    private var segments: [EncodedSegment?]
    private var scratch: [DecodeScratch?]
    private let fileBytes = RawBytes(capacity: 1 << 16)
    private let locatorPool = VectorBufferPool(byteCount: DataChunk.capacity * 8)

    init(_ scan: TableScan) {
        self.scan = scan
        segments = Array(repeating: nil, count: scan.columns.count)
        scratch = Array(repeating: nil, count: scan.columns.count)
    }

    /// Begins a morsel.
    ///
    /// - Returns: false when zone maps or deletions rule out every row.
    /// - Throws: `.files`, `.damagedFile`.
    public func open(morsel: Int) throws(StorageError) -> Bool {
        let live = scan.rowGroups[morsel]
        self.live = live
        vector = -1
        vectorCount = live.group.vectorCount
        for index in segments.indices { segments[index] = nil }
        counters.rowGroups += 1
        counters.vectors += vectorCount
        wanted = vectorCount == 64 ? ~0 : (1 << UInt64(vectorCount)) - 1
        if live.liveCount == 0 { wanted = 0 }
        if wanted != 0 && !scan.predicates.isEmpty { try applyZones(of: live.group) }
        if let deletes = live.deletes, wanted != 0 { dropDeletedVectors(deletes, of: live.group) }
        counters.vectorsSkipped += vectorCount - wanted.nonzeroBitCount
        if wanted == 0 { counters.rowGroupsSkipped += 1 }
        return wanted != 0
    }

    /// Goes to the next vector that may hold wanted rows; false at the end of the morsel.
    public func advance() -> Bool {
        guard let live else { return false }
        vector += 1
        while vector < vectorCount && wanted & (1 << UInt64(vector)) == 0 { vector += 1 }
        guard vector < vectorCount else {
            self.live = nil
            return false
        }
        rowCount = min(DataChunk.capacity, live.group.rowCount - vector * DataChunk.capacity)
        selection = live.deletes.flatMap { Self.survivors($0, vector: vector, rowCount: rowCount) }
        return true
    }

    /// Decodes output column `index` of the current vector: `rowCount` rows, deleted ones among them.
    ///
    /// - Throws: `.files`, `.damagedFile` when the segment has to be read first.
    public func column(_ index: Int) throws(StorageError) -> Vector {
        guard let live else { preconditionFailure("columns are read after advance() returned true") }
        if index == scan.columns.count && scan.includesRowLocator { return locators(of: live.group) }
        let segment = try segment(index, of: live.group)
        let memory = scratch[index] ?? DecodeScratch(physical: segment.type.physical)
        scratch[index] = memory
        return segment.decode(
            vector: vector, tableDictionary: scan.dictionaries[index]?.vector, scratch: memory)
    }

    /// The next chunk with all output columns and, where rows were deleted, a selection; nil at the morsel's
    /// end.
    public func next() throws(StorageError) -> DataChunk? {
        guard advance() else { return nil }
        var vectors: [Vector] = []
        vectors.reserveCapacity(scan.types.count)
        for index in scan.types.indices { vectors.append(try column(index)) }
        return DataChunk(columns: vectors, rowCount: rowCount, selection: selection)
    }

    private func segment(_ index: Int, of group: RowGroup) throws(StorageError) -> EncodedSegment {
        if let loaded = segments[index] { return loaded }
        let column = scan.columns[index]
        let segment = try group.segment(
            column: column, type: scan.columnTypes[index], cache: scan.cache, buffer: fileBytes)
        guard segment.tableEntryCount <= scan.dictionaries[index]?.count ?? 0 else {
            throw .damagedFile(
                path: group.file.path, byteOffset: try group.footer().columns[column].byteOffset,
                reason: "codes beyond the table's dictionary")
        }
        segments[index] = segment
        return segment
    }

    private func applyZones(of group: RowGroup) throws(StorageError) {
        let footer = try group.footer()
        for predicate in scan.predicates {
            let summary = footer.columns[predicate.column]
            if predicate.excludes(summary.zone) {
                wanted = 0
                return
            }
            for vector in 0..<vectorCount where predicate.excludes(summary.vectorZones[vector]) {
                wanted &= ~(1 << UInt64(vector))
            }
        }
    }

    private func dropDeletedVectors(_ deletes: DeletionVector, of group: RowGroup) {
        for vector in 0..<vectorCount {
            let start = vector * DataChunk.capacity
            let end = min(start + DataChunk.capacity, group.rowCount)
            if deletes.count(in: start..<end) == end - start { wanted &= ~(1 << UInt64(vector)) }
        }
    }

    private static func survivors(_ deletes: DeletionVector, vector: Int, rowCount: Int) -> SelectionVector? {
        let firstWord = vector * (DataChunk.capacity / 64)
        let wordCount = (rowCount + 63) / 64
        var any: UInt64 = 0
        for word in 0..<wordCount { any |= deletes.words[firstWord + word] }
        if any == 0 { return nil }
        var alive = [UInt64](repeating: 0, count: wordCount)
        for word in 0..<wordCount { alive[word] = ~deletes.words[firstWord + word] }
        if rowCount % 64 != 0 { alive[wordCount - 1] &= (1 << UInt64(rowCount % 64)) - 1 }
        return alive.withUnsafeBufferPointer { words in
            words.baseAddress.map { SelectionVector(bitmap: $0, rowCount: rowCount) }
        }
    }

    private func locators(of group: RowGroup) -> Vector {
        let buffer = locatorPool.take()
        let output = buffer.pointer(as: Int64.self)
        let first = Int64(group.id.rawValue) << 16 | Int64(vector * DataChunk.capacity)
        for row in 0..<rowCount { output[row] = first &+ Int64(truncatingIfNeeded: row) }
        return Vector(flat: buffer, type: .bigint, count: rowCount)
    }
}
