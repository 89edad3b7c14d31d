import Columns

/// What a row must not be behind to be among the first rows of a sort, judged by the first key alone.
struct TopThreshold {
    private let key: SortKey
    /// The first key of the last row that is kept so far; a constant.
    private let bound: Vector

    init(key: SortKey, bound: Vector) {
        self.key = key
        self.bound = bound
    }

    /// Rows that may still be among the first; nil when none is.
    func candidates(_ values: Vector, count: Int) -> SelectionVector? {
        let isBoundNull = bound.validity != nil
        if isBoundNull, !key.nullsFirst { return SelectionVector(0..<count) }
        let flat = values.flat(count: count)
        let live = ValidityMask(count: count, allValid: false)
        if isBoundNull {
            for word in 0..<ValidityMask.wordCount(for: count) { live.words[word] = ~flat.validWord(word) }
            if count > 0 { live.clearTail() }
        } else {
            let wanted: Comparison = key.isDescending ? .greaterOrEqual : .lessOrEqual
            let bits = ComparisonKernels.bits(wanted, flat, bound.repeated(count: count), count: count)
            for word in 0..<ValidityMask.wordCount(for: count) {
                let valid = flat.validWord(word)
                live.words[word] = (bits.words[word] & valid) | (key.nullsFirst ? ~valid : 0)
            }
            if count > 0 { live.clearTail() }
        }
        let kept = SelectionVector(bitmap: live.words, rowCount: count)
        return kept.count == 0 ? nil : kept
    }
}

extension SelectionVector {
    /// All rows of a range.
    init(_ range: Range<Int>) {
        let buffer = VectorBuffer(byteCount: range.count * 4)
        let rows = buffer.pointer(as: UInt32.self)
        for index in 0..<range.count { rows[index] = UInt32(truncatingIfNeeded: range.lowerBound &+ index) }
        self.init(buffer: buffer, count: range.count)
    }
}
