import Columns
import Encodings
import Glibc

/// Gives strings of a column their table-wide codes and takes in new ones. Owned by the store's writer, whose
/// threads may encode at the same time.
///
/// Invariants: entries below `committedCount` are those of the published dictionary and never change; memory
/// that a published dictionary shows is never written again.
final class DictionaryBuilder: @unchecked Sendable {
    /// Guards everything below.
    private let lock = Lock()
    private var published: TableDictionary
    private let type: DataType
    private var views: VectorBuffer
    private let heap = StringHeap()
    private var slots: [UInt32]
    private var count = 0
    private var byteCount = 0
    private var rowsOffered = 0
    private var isClosed = false

    /// Entries that any column may have, however few its rows.
    private static let entriesFree = 256
    /// Beyond them, rows that an entry must stand for on average.
    private static let rowsPerEntry = 8
    private static let sampleRows = 64

    init(_ dictionary: TableDictionary, type: DataType) {
        published = dictionary
        self.type = type
        views = VectorBuffer(byteCount: 1024 * MemoryLayout<StringView>.stride)
        slots = [UInt32](repeating: 0, count: 4096)
        restore()
    }

    /// What readers of the store's version see.
    var committed: TableDictionary { lock.withLock { published } }

    /// Entries of a transaction that are not published yet, or other news for the manifest.
    var hasChanges: Bool {
        lock.withLock {
            count != published.count || isClosed != published.isClosed
                || rowsOffered != published.rowsOffered
        }
    }

    /// The dictionary with the transaction's entries.
    func snapshot() -> TableDictionary {
        lock.withLock {
            TableDictionary(
                identity: published.identity, views: views, heap: heap, type: type, count: count,
                byteCount: byteCount, rowsOffered: rowsOffered, isClosed: isClosed)
        }
    }

    /// What `snapshot` gave has become part of the store.
    func publish(_ dictionary: TableDictionary) { lock.withLock { published = dictionary } }

    /// Forgets the transaction's entries.
    func rollback() { lock.withLock { restore() } }

    /// Entries that a row group of `rowCount` rows may bring at most; nil when the column does not repeat, so
    /// that it has no dictionary.
    func entriesMax(forRows rowCount: Int) -> Int? {
        lock.withLock {
            if isClosed && count == 0 { return nil }
            return isClosed ? count : limit(rows: rowsOffered + rowCount)
        }
    }

    /// Whether every one of a few rows, spread over the column, has a code already: what a closed dictionary
    /// asks before the column's strings are looked at. An open one says yes.
    func mayCover(_ column: ColumnValues) -> Bool {
        lock.withLock {
            if !isClosed { return true }
            let sampled = min(Self.sampleRows, column.rowCount)
            for index in 0..<sampled {
                let row = index * column.rowCount / sampled
                guard column.isValid(row) else { continue }
                let string = column.string(row)
                if find(string, hash: Hashing.hash(string)).entry == nil { return false }
            }
            return true
        }
    }

    /// Writes the code of each distinct string of a row group to `codes`, taking new ones in, if they all fit
    /// the dictionary.
    ///
    /// - Returns: Entries that the dictionary must have for these codes, or nil if the strings do not fit;
    ///   then nothing has changed but that the dictionary may be closed.
    ///
    /// Safe from several threads; each waits for the time of its distinct strings, not of its rows.
    func encode(
        _ strings: DistinctStrings, of column: ColumnValues, into codes: UnsafeMutablePointer<UInt32>
    ) -> Int? {
        lock.withLock {
            if isClosed && count == 0 { return nil }
            let before = (count: count, bytes: byteCount)
            let rows = rowsOffered + column.rowCount
            let last = isClosed ? count : limit(rows: rows)
            for index in 0..<strings.count {
                let string = strings.entry(index, of: column)
                guard let code = code(of: string, hash: strings.hashes[index], entriesMax: last) else {
                    if !isClosed {
                        forget(from: before.count, bytes: before.bytes)
                        isClosed = true
                    }
                    return nil
                }
                codes[index] = code
            }
            if !isClosed { rowsOffered = rows }
            return count > 0 ? count : nil
        }
    }

    /// Takes no more entries: a row group has more distinct strings than fit.
    func close() { lock.withLock { isClosed = true } }

    private func limit(rows: Int) -> Int {
        min(TableDictionary.entryCountMax, max(Self.entriesFree, rows / Self.rowsPerEntry))
    }

    private func code(of string: UnsafeBufferPointer<UInt8>, hash: UInt64, entriesMax: Int) -> UInt32? {
        let (found, slot) = find(string, hash: hash)
        if let found { return UInt32(found) }
        guard count < entriesMax, byteCount + string.count <= TableDictionary.bytesMax else { return nil }
        append(heap.add(string), slot: slot)
        return UInt32(count - 1)
    }

    /// The entry of a string, or the free slot where it would go.
    private func find(_ string: UnsafeBufferPointer<UInt8>, hash: UInt64) -> (entry: Int?, slot: Int) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        let entries = views.pointer(as: StringView.self)
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if Self.same(entries[index], string) { return (index, slot) }
            slot = (slot + 1) & mask
        }
        return (nil, slot)
    }

    private static func same(_ view: StringView, _ string: UnsafeBufferPointer<UInt8>) -> Bool {
        guard view.count == string.count else { return false }
        guard let base = string.baseAddress, string.count > 0 else { return true }
        return view.withBytes { bytes in
            bytes.baseAddress.map { memcmp($0, base, string.count) == 0 } ?? false
        }
    }

    private func append(_ view: StringView, slot: Int) {
        if (count + 1) * MemoryLayout<StringView>.stride > views.byteCount { growViews() }
        views.pointer(as: StringView.self)[count] = view
        count += 1
        byteCount += view.count
        slots[slot] = UInt32(count)
        if count * 4 > slots.count { rebuildSlots(count: slots.count * 2) }
    }

    private func growViews() {
        // Published dictionaries keep the old buffer.
        let larger = VectorBuffer(byteCount: views.byteCount * 2)
        larger.base.copyMemory(from: views.base, byteCount: count * MemoryLayout<StringView>.stride)
        views = larger
    }

    private func rebuildSlots(count slotCount: Int) {
        slots = [UInt32](repeating: 0, count: slotCount)
        let entries = views.pointer(as: StringView.self)
        for index in 0..<count {
            var slot = Int(truncatingIfNeeded: Hashing.hash(entries[index])) & (slotCount - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slotCount - 1) }
            slots[slot] = UInt32(index + 1)
        }
    }

    private func forget(from first: Int, bytes: Int) {
        count = first
        byteCount = bytes
        rebuildSlots(count: slots.count)
    }

    private func restore() {
        count = published.count
        byteCount = published.byteCount
        rowsOffered = published.rowsOffered
        isClosed = published.isClosed
        if let vector = published.vector {
            if views.byteCount < count * MemoryLayout<StringView>.stride {
                views = VectorBuffer(byteCount: 2 * count * MemoryLayout<StringView>.stride)
            }
            if let owner = vector.entries.heap, owner !== heap { heap.keep(owner) }
            if vector.entries.values !== views {
                views.base.copyMemory(
                    from: vector.entries.values.base, byteCount: count * MemoryLayout<StringView>.stride)
            }
        }
        var slotCount = slots.count
        while slotCount < count * 4 { slotCount *= 2 }
        rebuildSlots(count: slotCount)
    }
}
