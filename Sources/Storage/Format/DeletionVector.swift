/// The deleted rows of a row group: a bitmap that never changes; deleting more rows makes another.
final class DeletionVector: Sendable {
    /// Bit `row % 64` of word `row / 64` is set when the row is deleted.
    let words: [UInt64]
    let count: Int
    let rowCount: Int

    init(words: [UInt64], rowCount: Int) {
        precondition(words.count == (rowCount + 63) / 64, "a bitmap has a bit a row")
        self.words = words
        self.rowCount = rowCount
        count = words.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    func contains(_ row: Int) -> Bool { words[row >> 6] >> UInt64(row & 63) & 1 != 0 }

    /// Deleted rows among `rows`.
    func count(in rows: Range<Int>) -> Int {
        var total = 0
        var row = rows.lowerBound
        while row < rows.upperBound {
            if row & 63 == 0 && row + 64 <= rows.upperBound {
                total += words[row >> 6].nonzeroBitCount
                row += 64
            } else {
                if contains(row) { total += 1 }
                row += 1
            }
        }
        return total
    }

    /// Row numbers in order.
    var rows: [UInt16] { RowBits.rows(of: words, count: count) }
}

/// Bitmaps of rows.
enum RowBits {
    /// The numbers of the bits that are set, in order.
    static func rows(of words: [UInt64], count: Int) -> [UInt16] {
        var rows: [UInt16] = []
        rows.reserveCapacity(count)
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                rows.append(UInt16(truncatingIfNeeded: index * 64 + rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
        return rows
    }
}

/// Rows of one row group that a transaction deletes.
struct DeletedRows: Sendable {
    let rowCount: Int
    private(set) var words: [UInt64]
    private(set) var count = 0

    init(rowCount: Int) {
        self.rowCount = rowCount
        words = [UInt64](repeating: 0, count: (rowCount + 63) / 64)
    }

    /// False when the row was in already.
    mutating func insert(_ row: Int) -> Bool {
        if contains(row) { return false }
        words[row >> 6] |= 1 << UInt64(row & 63)
        count += 1
        return true
    }

    func contains(_ row: Int) -> Bool { words[row >> 6] >> UInt64(row & 63) & 1 != 0 }

    /// Row numbers in order.
    var rows: [UInt16] { RowBits.rows(of: words, count: count) }
}
