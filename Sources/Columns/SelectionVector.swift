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

    /// For each byte, the positions of its set bits, then whatever.
    private static let positions: [SIMD8<UInt32>] = (0..<256).map { byte in
        var lanes = SIMD8<UInt32>.zero
        var count = 0
        for bit in 0..<8 where byte & (1 << bit) != 0 {
            lanes[count] = UInt32(bit)
            count += 1
        }
        return lanes
    }

    /// The set bits of a bitmap of `rowCount` rows, in order; bits at and beyond `rowCount` are 0.
    /// O(rowCount / 8): each byte's positions come from a table, eight stores at once of which only the set
    /// ones count.
    public init(bitmap words: UnsafePointer<UInt64>, rowCount: Int) {
        // The last store may reach seven rows beyond the last one: the buffer's slack takes them.
        let buffer = VectorBuffer(byteCount: rowCount * 4)
        let target = buffer.base
        var count = 0
        Self.positions.withUnsafeBufferPointer { positions in
            for wordIndex in 0..<ValidityMask.wordCount(for: rowCount) {
                var word = words[wordIndex]
                var base = UInt32(truncatingIfNeeded: wordIndex &* 64)
                while word != 0 {
                    let byte = Int(truncatingIfNeeded: word & 0xFF)
                    let rows = positions[byte] &+ SIMD8<UInt32>(repeating: base)
                    target.storeBytes(of: rows, toByteOffset: count &* 4, as: SIMD8<UInt32>.self)
                    count &+= byte.nonzeroBitCount
                    word &>>= 8
                    base &+= 8
                }
            }
        }
        self.init(buffer: buffer, count: count)
    }
}
