/// Rows of a chunk that survive, in ascending order: `rows[0..<count]`.
///
/// Invariant: every row is below the row count of the chunk that it selects from.
public struct SelectionVector: Sendable {
    public let buffer: VectorBuffer
    public let count: Int

    /// - Parameter buffer: `count` row numbers as `UInt32`.
    @inlinable public init(buffer: VectorBuffer, count: Int) {
        precondition(count * 4 <= buffer.byteCount, "a selection lies inside its buffer")
        self.buffer = buffer
        self.count = count
    }

    public init(_ rows: [Int]) {
        let buffer = VectorBuffer(byteCount: rows.count * 4)
        for (index, row) in rows.enumerated() { buffer.pointer(as: UInt32.self)[index] = UInt32(row) }
        self.init(buffer: buffer, count: rows.count)
    }

    @inlinable public var rows: UnsafeMutablePointer<UInt32> { buffer.pointer(as: UInt32.self) }

    /// The set bits of a bitmap of `rowCount` rows, in order. O(rowCount / 64 + survivors).
    public init(bitmap words: UnsafePointer<UInt64>, rowCount: Int) {
        let buffer = VectorBuffer(byteCount: rowCount * 4)
        let rows = buffer.pointer(as: UInt32.self)
        var count = 0
        for wordIndex in 0..<ValidityMask.wordCount(for: rowCount) {
            var word = words[wordIndex]
            let base = UInt32(truncatingIfNeeded: wordIndex &* 64)
            while word != 0 {
                rows[count] = base &+ UInt32(truncatingIfNeeded: word.trailingZeroBitCount)
                count &+= 1
                word &= word &- 1
            }
        }
        self.init(buffer: buffer, count: count)
    }
}
