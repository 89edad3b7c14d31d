import Columns
import Encodings

/// Reads morsels of a scan, a vector at a time. Owned by one worker.
///
/// Either call `next` for whole chunks, or `advance` and then `column` for only the columns that are needed:
/// a column that is never asked for is never read or decoded. Vectors and chunks stay valid for as long as
/// they are held; letting go of them before the next call lets the reader use their buffers again.
///
/// Rows that fail an exact predicate are left out: by a selection, or, when few of a vector are left, by
/// decoding those alone.
public final class MorselReader {
    public let scan: TableScan
    /// What could be skipped so far.
    public internal(set) var counters = SkipCounters()
    /// Rows that columns of the current vector have; those that `selection` leaves out among them.
    public private(set) var rowCount = 0
    /// Rows of the current vector that are wanted; nil when all are.
    public private(set) var selection: SelectionVector?

    private var live: LiveRowGroup?
    private var deletes: DeletionVector?
    private var vector = -1
    private var vectorCount = 0
    /// Bit v is set when vector v has to be read.
    private var wanted: UInt64 = 0
    /// Rows of the vector that columns are decoded for; nil for all.
    private var decodedRows: SelectionVector?
    private var segments: [EncodedSegment?]
    private var scratch: [DecodeScratch?]
    private let tests: MorselTests
    private let readAhead: ReadAhead
    private let alive = RowBitmap()
    private let filterScratch = FilterScratch()
    private let fileBytes = RawBytes(capacity: 1 << 16)
    private let locatorPool = VectorBufferPool(byteCount: DataChunk.capacity * 8)

    /// When fewer than one row in this many is left, only those are decoded.
    private static let sparseShare = 16

    init(_ scan: TableScan) {
        self.scan = scan
        segments = Array(repeating: nil, count: scan.slots.count)
        scratch = Array(repeating: nil, count: scan.slots.count)
        tests = MorselTests(scan.tests)
        readAhead = ReadAhead(scan)
    }

    /// Begins a morsel.
    ///
    /// - Returns: false when zone maps, Bloom filters or deletions rule out every row.
    /// - Throws: `.files`, `.damagedFile`.
    public func open(morsel: Int) throws(StorageError) -> Bool {
        let live = scan.rowGroups[morsel]
        self.live = live
        readAhead.opened(morsel)
        deletes = nil
        vector = -1
        vectorCount = live.group.vectorCount
        for index in segments.indices { segments[index] = nil }
        counters.rowGroups += 1
        counters.vectors += vectorCount
        wanted = vectorCount == 64 ? ~0 : (1 << UInt64(vectorCount)) - 1
        if live.liveCount == 0 { wanted = 0 }
        if wanted != 0 && !scan.predicates.isEmpty { try applyZones(of: live.group) }
        if wanted != 0,
            try live.group.isExcluded(byBloomFiltersFor: scan.bloomPredicates, cache: scan.cache)
        {
            counters.rowGroupsSkippedByBloom += 1
            wanted = 0
        }
        if let deletes = live.deletes, wanted != 0 {
            let rows = try deletes.vector()
            dropDeletedVectors(rows, of: live.group)
            self.deletes = rows
        }
        counters.vectorsSkipped += vectorCount - wanted.nonzeroBitCount
        if wanted == 0 { counters.rowGroupsSkipped += 1 }
        if wanted != 0 && !scan.tests.isEmpty { tests.begin(try live.group.footer(), columns: scan.slots) }
        return wanted != 0
    }

    /// Goes to the next vector that holds wanted rows; false at the end of the morsel.
    ///
    /// - Throws: `.files`, `.damagedFile` when a segment has to be read for the predicates.
    public func advance() throws(StorageError) -> Bool {
        guard let live else { return false }
        while true {
            vector += 1
            while vector < vectorCount && wanted & (1 << UInt64(vector)) == 0 { vector += 1 }
            guard vector < vectorCount else {
                self.live = nil
                return false
            }
            rowCount = min(DataChunk.capacity, live.group.rowCount - vector * DataChunk.capacity)
            selection = nil
            decodedRows = nil
            if try select(live) { return true }
        }
    }

    /// Finds the current vector's rows that exist and pass the tests; false when there is none.
    private func select(_ live: LiveRowGroup) throws(StorageError) -> Bool {
        if deletes == nil && tests.areProved(vector: vector) { return true }
        fillAlive()
        var left = alive.count
        let existing = left
        for index in tests.order where left > 0 && !tests.isProved(index, vector: vector) {
            let filter = try filter(index, of: live.group)
            filter.narrow(alive, vector: vector)
            let passed = alive.count
            tests.records[index].add(tested: left, passed: passed)
            left = passed
        }
        counters.rowsFiltered += existing - left
        if left == 0 { return false }
        if left == rowCount { return true }
        let rows = alive.selection()
        if left * Self.sparseShare < rowCount {
            decodedRows = rows
            rowCount = left
        } else {
            selection = rows
        }
        return true
    }

    /// Leaves out all rows of the current vector but these, which are rows of it, in order, and among those
    /// that `selection` has. When few are left, `rowCount` and `selection` change: columns asked for from now
    /// on have the chosen rows alone.
    public func narrow(to rows: SelectionVector) {
        guard rows.count * Self.sparseShare < rowCount else {
            selection = rows
            return
        }
        if let decoded = decodedRows {
            let buffer = VectorBuffer(byteCount: rows.count * 4)
            let target = buffer.pointer(as: UInt32.self)
            for index in 0..<rows.count { target[index] = decoded.rows[Int(rows.rows[index])] }
            decodedRows = SelectionVector(buffer: buffer, count: rows.count)
        } else {
            decodedRows = rows
        }
        rowCount = rows.count
        selection = nil
    }

    private func fillAlive() {
        guard let deletes else { return alive.fill(rowCount: rowCount) }
        let firstWord = vector * (DataChunk.capacity / 64)
        deletes.words.withUnsafeBufferPointer { words in
            guard let base = words.baseAddress else { return }
            alive.fill(rowCount: rowCount, without: base + firstWord)
        }
    }

    private func filter(_ index: Int, of group: RowGroup) throws(StorageError) -> SegmentFilter {
        if let made = tests.filters[index] { return made }
        let slot = scan.tests[index].slot
        let segment = try segment(slot, of: group)
        let filter = SegmentFilter(
            segment, scan.tests[index].test, tableDictionary: scan.dictionaries[slot]?.vector,
            tableAnswers: tests.tableAnswers[index], decodeScratch: scratch(slot),
            scratch: filterScratch)
        tests.use(filter, for: index)
        return filter
    }

    /// Decodes output column `index` of the current vector: `rowCount` rows, those that `selection` leaves
    /// out among them.
    ///
    /// - Throws: `.files`, `.damagedFile` when the segment has to be read first.
    public func column(_ index: Int) throws(StorageError) -> Vector {
        guard let live else { preconditionFailure("columns are read after advance() returned true") }
        if index == scan.columns.count && scan.includesRowLocator { return locators(of: live.group) }
        if let decoded = tests.decoded(slot: index, vector: vector) {
            return decodedRows.map { decoded.gathered($0) } ?? decoded
        }
        let segment = try segment(index, of: live.group)
        let dictionary = scan.dictionaries[index]?.vector
        if let decodedRows {
            return segment.decode(
                vector: vector, rows: decodedRows, tableDictionary: dictionary, scratch: scratch(index))
        }
        return segment.decode(vector: vector, tableDictionary: dictionary, scratch: scratch(index))
    }

    /// The next chunk with all output columns and, where rows were left out, a selection; nil at the morsel's
    /// end.
    public func next() throws(StorageError) -> DataChunk? {
        guard try advance() else { return nil }
        var vectors: [Vector] = []
        vectors.reserveCapacity(scan.types.count)
        for index in scan.types.indices { vectors.append(try column(index)) }
        return DataChunk(columns: vectors, rowCount: rowCount, selection: selection)
    }

    /// Buffers that decoding made so far.
    var buffersMade: Int {
        locatorPool.madeCount + scratch.reduce(0) { $0 + ($1?.madeCount ?? 0) }
    }

    private func scratch(_ slot: Int) -> DecodeScratch {
        if let made = scratch[slot] { return made }
        let fresh = DecodeScratch(physical: scan.slotTypes[slot].physical)
        scratch[slot] = fresh
        return fresh
    }

    private func segment(_ slot: Int, of group: RowGroup) throws(StorageError) -> EncodedSegment {
        if let loaded = segments[slot] { return loaded }
        let column = scan.slots[slot]
        readAhead.needsColumn(slot, of: group)
        let segment = try group.segment(
            column: column, type: scan.slotTypes[slot], cache: scan.cache, buffer: fileBytes)
        guard segment.tableEntryCount <= scan.dictionaries[slot]?.count ?? 0 else {
            throw .damagedFile(
                path: group.file.path, byteOffset: try group.footer().columns[column].byteOffset,
                reason: "codes beyond the table's dictionary")
        }
        segments[slot] = segment
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

    private func locators(of group: RowGroup) -> Vector {
        let buffer = locatorPool.take()
        let output = buffer.pointer(as: Int64.self)
        let first = Int64(group.id.rawValue) << 16 | Int64(vector * DataChunk.capacity)
        if let rows = decodedRows?.rows {
            for index in 0..<rowCount { output[index] = first &+ Int64(rows[index]) }
        } else {
            for row in 0..<rowCount { output[row] = first &+ Int64(truncatingIfNeeded: row) }
        }
        return Vector(flat: buffer, type: .bigint, count: rowCount)
    }
}
