import Columns

/// Rows of one vector, a bit each: those that still may be wanted. Owned by one reader, reused for every
/// vector.
///
/// Invariants: `words` has 32 words and one of slack; bits at and beyond `rowCount` are 0.
public final class RowBitmap {
    public private(set) var rowCount = 0
    public let words: UnsafeMutablePointer<UInt64>

    static let wordCountMax = DataChunk.capacity / 64

    public init() {
        words = .allocate(capacity: Self.wordCountMax + 1)
        words.initialize(repeating: 0, count: Self.wordCountMax + 1)
    }

    deinit { words.deallocate() }

    /// Takes in the first `rowCount` rows, at most 2,048.
    public func fill(rowCount: Int) {
        precondition(rowCount >= 0 && rowCount <= DataChunk.capacity, "rows of one vector")
        self.rowCount = rowCount
        words.update(repeating: ~0, count: Self.wordCountMax)
        clearTail()
    }

    /// Takes in the first `rowCount` rows whose bit in `removed` is 0.
    public func fill(rowCount: Int, without removed: UnsafePointer<UInt64>) {
        fill(rowCount: rowCount)
        for word in 0..<wordCount { words[word] &= ~removed[word] }
    }

    public var count: Int {
        var total = 0
        for word in 0..<Self.wordCountMax { total &+= words[word].nonzeroBitCount }
        return total
    }

    /// The rows as a selection.
    public func selection() -> SelectionVector { SelectionVector(bitmap: words, rowCount: rowCount) }

    var wordCount: Int { ValidityMask.wordCount(for: rowCount) }

    func removeAll() { words.update(repeating: 0, count: Self.wordCountMax) }

    func keep(_ bits: UnsafePointer<UInt64>) {
        for word in 0..<wordCount { words[word] &= bits[word] }
    }

    func remove(_ bits: UnsafePointer<UInt64>) {
        for word in 0..<wordCount { words[word] &= ~bits[word] }
    }

    /// Sets bits `rows` in a bitmap of any kind.
    static func set(_ rows: Range<Int>, in words: UnsafeMutablePointer<UInt64>) {
        guard !rows.isEmpty else { return }
        let first = rows.lowerBound &>> 6
        let last = (rows.upperBound &- 1) &>> 6
        let low: UInt64 = ~0 &<< UInt64(truncatingIfNeeded: rows.lowerBound & 63)
        let high: UInt64 = ~0 &>> UInt64(truncatingIfNeeded: 63 &- ((rows.upperBound &- 1) & 63))
        if first == last {
            words[first] |= low & high
            return
        }
        words[first] |= low
        for word in (first &+ 1)..<last { words[word] = ~0 }
        words[last] |= high
    }

    private func clearTail() {
        let full = rowCount / 64
        if rowCount % 64 != 0 { words[full] &= (1 &<< UInt64(rowCount % 64)) &- 1 }
        for word in wordCount..<Self.wordCountMax { words[word] = 0 }
    }
}
