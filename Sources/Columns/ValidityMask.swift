/// Which rows of a vector hold a value: bit 1 is a value, bit 0 is NULL; row `r` is bit `r % 64` of word `r /
/// 64`.
///
/// Invariants: bits at and beyond `count` are 0. A mask is written only by its maker before others see it.
public final class ValidityMask: @unchecked Sendable {
    public let words: UnsafeMutablePointer<UInt64>
    public let count: Int

    /// Makes a mask with every row NULL (`allValid` false) or valid.
    public init(count: Int, allValid: Bool) {
        precondition(count >= 0, "a mask has no negative length")
        self.count = count
        let wordCount = Self.wordCount(for: count)
        words = .allocate(capacity: wordCount + 1)
        words.initialize(repeating: allValid ? ~0 : 0, count: wordCount + 1)
        if allValid { clearTail() }
    }

    deinit { words.deallocate() }

    @inlinable public static func wordCount(for count: Int) -> Int { (count + 63) / 64 }

    @inlinable public func isValid(_ row: Int) -> Bool {
        (words[row &>> 6] &>> UInt64(truncatingIfNeeded: row & 63)) & 1 != 0
    }

    @inlinable public func setValid(_ row: Int) {
        words[row &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: row & 63)
    }

    @inlinable public func setNull(_ row: Int) {
        words[row &>> 6] &= ~(1 &<< UInt64(truncatingIfNeeded: row & 63))
    }

    /// Rows that hold a value. O(count / 64).
    public var validCount: Int {
        var total = 0
        for word in 0..<Self.wordCount(for: count) { total &+= words[word].nonzeroBitCount }
        return total
    }

    public var nullCount: Int { count - validCount }

    /// Zeroes the bits beyond the last row, which whoever writes whole words must do at the end.
    public func clearTail() {
        let wordCount = Self.wordCount(for: count)
        words[wordCount] = 0
        if count & 63 != 0 { words[wordCount - 1] &= (1 &<< UInt64(count & 63)) &- 1 }
    }

    /// The rows valid in both masks; nil stands for a mask without NULLs. Masks have the same length.
    public static func intersection(_ first: ValidityMask?, _ second: ValidityMask?) -> ValidityMask? {
        guard let first else { return second }
        guard let second else { return first }
        precondition(first.count == second.count, "masks of one chunk have its length")
        let result = ValidityMask(count: first.count, allValid: false)
        for word in 0..<wordCount(for: first.count) {
            result.words[word] = first.words[word] & second.words[word]
        }
        return result
    }
}
