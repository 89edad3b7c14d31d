import Columns
import Encodings
import Glibc

/// The distinct strings of one column of a row group in order of appearance, how often each comes, and a code
/// for each row. Buffers are reused between columns; one thread at a time.
///
/// Invariants: `codes` of valid rows are below `count`, those of NULL rows 0; `hashes` are `Hashing.hash`.
final class DistinctStrings {
    private(set) var count = 0
    /// One a row.
    let codes = UnsafeMutablePointer<UInt32>.allocate(capacity: ColumnValues.rowCountMax)
    /// The row at which each entry was first seen.
    let firstRows = UnsafeMutablePointer<UInt32>.allocate(capacity: ColumnValues.rowCountMax)
    let hashes = UnsafeMutablePointer<UInt64>.allocate(capacity: ColumnValues.rowCountMax)
    /// Rows that hold each entry.
    let rowCounts = UnsafeMutablePointer<UInt32>.allocate(capacity: ColumnValues.rowCountMax)
    /// An entry and 1 in each; 0 is free. At most half of them are taken.
    private var slots = [UInt32](repeating: 0, count: 1024)
    private var slotCount = 0

    private static let slotCountMin = 256

    deinit {
        codes.deallocate()
        firstRows.deallocate()
        hashes.deallocate()
        rowCounts.deallocate()
    }

    /// Finds the distinct strings of the valid rows.
    ///
    /// - Parameter column: Strings with at least 8 readable bytes behind the last.
    /// - Returns: false when there are more than `limit`; then the rest means nothing.
    ///
    /// About 10 ns a row, 2 where a row repeats the one before.
    func find(in column: ColumnValues, limit: Int) -> Bool {
        count = 0
        slotCount = Self.slotCountMin
        clearSlots()
        var previous: UInt32 = 0
        var previousStart = 0
        var previousLength = -1
        var start = 0
        for row in 0..<column.rowCount {
            let end = Int(column.stringEnds[row])
            defer { start = end }
            guard column.isValid(row) else {
                codes[row] = 0
                continue
            }
            let length = end &- start
            let bytes = column.stringBytes
            // Runs of one string are common: loads come sorted by something.
            if length != previousLength || !Self.same(bytes + start, bytes + previousStart, length) {
                guard let code = code(of: column, row: row, start: start, length: length, limit: limit) else {
                    return false
                }
                previous = code
                previousStart = start
                previousLength = length
            }
            codes[row] = previous
            rowCounts[Int(previous)] &+= 1
        }
        return true
    }

    /// The bytes of entry `index`.
    func entry(_ index: Int, of column: ColumnValues) -> UnsafeBufferPointer<UInt8> {
        column.string(Int(firstRows[index]))
    }

    @inline(__always) private func code(
        of column: ColumnValues, row: Int, start: Int, length: Int, limit: Int
    ) -> UInt32? {
        let bytes = column.stringBytes
        let hash = Hashing.hash(UnsafeBufferPointer(start: bytes + start, count: length))
        var slot = Int(truncatingIfNeeded: hash) & (slotCount &- 1)
        while slots[slot] != 0 {
            let index = Int(slots[slot]) &- 1
            if hashes[index] == hash {
                let known = column.string(Int(firstRows[index]))
                if known.count == length, let base = known.baseAddress,
                    Self.same(base, bytes + start, length)
                {
                    return UInt32(truncatingIfNeeded: index)
                }
            }
            slot = (slot &+ 1) & (slotCount &- 1)
        }
        guard count < limit else { return nil }
        let index = count
        hashes[index] = hash
        firstRows[index] = UInt32(truncatingIfNeeded: row)
        rowCounts[index] = 0
        count += 1
        slots[slot] = UInt32(truncatingIfNeeded: count)
        if count * 2 > slotCount { growSlots() }
        return UInt32(truncatingIfNeeded: index)
    }

    private func growSlots() {
        slotCount *= 4
        clearSlots()
        for index in 0..<count {
            var slot = Int(truncatingIfNeeded: hashes[index]) & (slotCount - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slotCount - 1) }
            slots[slot] = UInt32(index + 1)
        }
    }

    private func clearSlots() {
        if slots.count < slotCount {
            slots = [UInt32](repeating: 0, count: slotCount)
        } else {
            slots.withUnsafeMutableBufferPointer { $0[..<slotCount].update(repeating: 0) }
        }
    }

    /// Whether two strings of `count` bytes are equal, eight bytes at a time; the last step reads beyond
    /// them.
    @inline(__always) private static func same(
        _ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int
    ) -> Bool {
        let first = UnsafeRawPointer(left)
        let second = UnsafeRawPointer(right)
        var offset = 0
        while offset &+ 8 <= count {
            let difference =
                first.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                ^ second.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            if difference != 0 { return false }
            offset &+= 8
        }
        let rest = count &- offset
        if rest == 0 { return true }
        let difference =
            first.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            ^ second.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        return difference &<< UInt64(truncatingIfNeeded: (8 &- rest) &* 8) == 0
    }
}
