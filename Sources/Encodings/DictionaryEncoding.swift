import Columns

/// Finds the distinct values of a column and codes for its rows, in order of appearance. Reused between
/// columns.
final class DictionaryEncoding {
    static let entryCountMax = 65_536
    private static let sampleRows = 1024

    /// One code a row; rows that are NULL have that of the row before.
    private(set) var codes = [UInt32](repeating: 0, count: ColumnValues.rowCountMax)
    /// The row at which each entry was first seen.
    private(set) var firstRows: [UInt32] = []
    private var slots: [UInt32] = []

    /// Codes for whole numbers, or false when there are more than `limit` of them.
    func encode(_ values: UnsafePointer<Int64>, count: Int, limit: Int) -> Bool {
        encode(count: count, limit: limit) { row in
            Hashing.hash(UInt64(bitPattern: values[row]))
        } equals: {
            values[$0] == values[$1]
        }
    }

    /// Codes for strings, or false when there are more than `limit` of them. NULL rows have no entry of their
    /// own; at least one row must not be NULL.
    func encode(_ column: ColumnValues, limit: Int) -> Bool {
        encode(count: column.rowCount, limit: limit, column.validity == nil ? nil : column.isValid) { row in
            Hashing.hash(column.string(row))
        } equals: { first, second in
            let left = column.string(first)
            let right = column.string(second)
            return left.count == right.count && left.elementsEqual(right)
        }
    }

    /// Whether a sample spread over the rows repeats enough for a dictionary to pay.
    func looksRepetitive(_ column: ColumnValues, share: Double) -> Bool {
        looksRepetitive(count: column.rowCount, share: share) { Hashing.hash(column.string($0)) }
    }

    func looksRepetitive(_ values: UnsafePointer<Int64>, count: Int, share: Double) -> Bool {
        looksRepetitive(count: count, share: share) { Hashing.hash(UInt64(bitPattern: values[$0])) }
    }

    @inline(__always) private func looksRepetitive(count: Int, share: Double, hash: (Int) -> UInt64) -> Bool {
        let sampled = min(count, Self.sampleRows)
        var seen: Set<UInt64> = []
        for index in 0..<sampled { seen.insert(hash(index * count / sampled)) }
        return Double(seen.count) <= Double(sampled) * share
    }

    @inline(__always) private func encode(
        count: Int, limit: Int, _ isValid: ((Int) -> Bool)? = nil, hash: (Int) -> UInt64,
        equals: (Int, Int) -> Bool
    ) -> Bool {
        firstRows.removeAll(keepingCapacity: true)
        // A quarter full at most: probes stay short.
        var slotCount = 1024
        while slotCount < 4 * min(limit, count) { slotCount *= 2 }
        if slots.count < slotCount { slots = [UInt32](repeating: 0, count: slotCount) }
        let mask = slotCount - 1
        var entryCount = 0
        let fits = slots.withUnsafeMutableBufferPointer { slots in
            slots.update(repeating: 0)
            return codes.withUnsafeMutableBufferPointer { codes in
                for row in 0..<count {
                    if let isValid, !isValid(row) {
                        codes[row] = row > 0 ? codes[row &- 1] : 0
                        continue
                    }
                    var slot = Int(truncatingIfNeeded: hash(row)) & mask
                    while true {
                        let entry = slots[slot]
                        if entry == 0 {
                            if entryCount == limit { return false }
                            firstRows.append(UInt32(truncatingIfNeeded: row))
                            entryCount &+= 1
                            slots[slot] = UInt32(truncatingIfNeeded: entryCount)
                            codes[row] = UInt32(truncatingIfNeeded: entryCount &- 1)
                            break
                        }
                        if equals(Int(firstRows[Int(entry) &- 1]), row) {
                            codes[row] = entry &- 1
                            break
                        }
                        slot = (slot &+ 1) & mask
                    }
                }
                return true
            }
        }
        return fits
    }
}
