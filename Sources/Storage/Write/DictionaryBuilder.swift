import Columns
import Encodings

/// Gives strings of a column their table-wide codes and takes in new ones. Owned by the store's writer.
///
/// Invariants: entries below `committedCount` are those of the published dictionary and never change; memory
/// that a published dictionary shows is never written again.
final class DictionaryBuilder {
    private(set) var committed: TableDictionary
    private let type: DataType
    private var views: VectorBuffer
    private let heap = StringHeap()
    private var slots: [UInt32]
    private(set) var count = 0
    private var byteCount = 0
    private var rowsOffered = 0
    private var isClosed = false

    /// Entries that any column may have, however few its rows.
    private static let entriesFree = 256
    /// Beyond them, rows that an entry must stand for on average.
    private static let rowsPerEntry = 8

    init(_ dictionary: TableDictionary, type: DataType) {
        committed = dictionary
        self.type = type
        views = VectorBuffer(byteCount: 1024 * MemoryLayout<StringView>.stride)
        slots = [UInt32](repeating: 0, count: 4096)
        restore()
    }

    /// Entries of a transaction that are not published yet, or other news for the manifest.
    var hasChanges: Bool {
        count != committed.count || isClosed != committed.isClosed || rowsOffered != committed.rowsOffered
    }

    /// The dictionary with the transaction's entries.
    func snapshot() -> TableDictionary {
        TableDictionary(
            identity: committed.identity, views: views, heap: heap, type: type, count: count,
            byteCount: byteCount,
            rowsOffered: rowsOffered, isClosed: isClosed)
    }

    /// What `snapshot` gave has become part of the store.
    func published(_ dictionary: TableDictionary) { committed = dictionary }

    /// Forgets the transaction's entries.
    func rollback() { restore() }

    /// Writes a code for each row (0 for NULL rows) if the column's strings fit the dictionary, taking new
    /// ones in.
    ///
    /// - Returns: false if they do not; then nothing has changed but that the dictionary may be closed.
    func encode(_ column: ColumnValues, into codes: UnsafeMutablePointer<UInt32>) -> Bool {
        if isClosed && count == 0 { return false }
        let before = (count: count, bytes: byteCount)
        let rows = rowsOffered + column.rowCount
        let limit = min(TableDictionary.entryCountMax, max(Self.entriesFree, rows / Self.rowsPerEntry))
        let last = isClosed ? count : limit
        var previous = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        var previousCode: UInt32 = 0
        for row in 0..<column.rowCount {
            guard column.isValid(row) else {
                codes[row] = 0
                continue
            }
            let string = column.string(row)
            // Runs of one string are common: loads come sorted by something.
            if previous.baseAddress != nil, string.count == previous.count, string.elementsEqual(previous) {
                codes[row] = previousCode
                continue
            }
            guard let code = code(of: string, entriesMax: last) else {
                if !isClosed {
                    forget(from: before.count, bytes: before.bytes)
                    isClosed = true
                }
                return false
            }
            codes[row] = code
            previous = string
            previousCode = code
        }
        if !isClosed { rowsOffered = rows }
        return count > 0
    }

    private func code(of string: UnsafeBufferPointer<UInt8>, entriesMax: Int) -> UInt32? {
        let hash = Hashing.hash(string)
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        let entries = views.pointer(as: StringView.self)
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            let matches = entries[index].withBytes { $0.count == string.count && $0.elementsEqual(string) }
            if matches { return UInt32(index) }
            slot = (slot + 1) & mask
        }
        guard count < entriesMax, byteCount + string.count <= TableDictionary.bytesMax else { return nil }
        append(heap.add(string), slot: slot)
        return UInt32(count - 1)
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
        count = committed.count
        byteCount = committed.byteCount
        rowsOffered = committed.rowsOffered
        isClosed = committed.isClosed
        if let vector = committed.vector {
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
