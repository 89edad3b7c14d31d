import Columns

/// Answers of a predicate for the rows of a chunk in SQL's three-valued logic, a bit a row.
///
/// Invariants: no row is both true and unknown; bits at and beyond `count` are 0.
struct TruthMask {
    let count: Int
    let isTrue: ValidityMask
    /// nil when no row is unknown.
    let isUnknown: ValidityMask?

    init(count: Int, isTrue: ValidityMask, isUnknown: ValidityMask? = nil) {
        self.count = count
        self.isTrue = isTrue
        self.isUnknown = isUnknown
    }

    /// The same answer for every row; nil for unknown.
    init(count: Int, repeating answer: Bool?) {
        self.count = count
        isTrue = ValidityMask(count: count, allValid: answer == true)
        isUnknown = answer == nil ? ValidityMask(count: count, allValid: true) : nil
    }

    /// `bits` where the operands are valid, unknown elsewhere.
    init(count: Int, bits: ValidityMask, validity: ValidityMask?) {
        self.count = count
        guard let validity else {
            isTrue = bits
            isUnknown = nil
            return
        }
        let unknown = ValidityMask(count: count, allValid: false)
        for word in 0..<ValidityMask.wordCount(for: count) {
            bits.words[word] &= validity.words[word]
            unknown.words[word] = ~validity.words[word]
        }
        if count > 0 { unknown.clearTail() }
        isTrue = bits
        isUnknown = unknown
    }

    private var wordCount: Int { ValidityMask.wordCount(for: count) }

    var trueCount: Int { isTrue.validCount }

    func negated() -> TruthMask {
        let result = ValidityMask(count: count, allValid: false)
        for word in 0..<wordCount {
            result.words[word] = ~(isTrue.words[word] | (isUnknown?.words[word] ?? 0))
        }
        if count > 0 { result.clearTail() }
        return TruthMask(count: count, isTrue: result, isUnknown: isUnknown)
    }

    func and(_ other: TruthMask) -> TruthMask {
        let result = ValidityMask(count: count, allValid: false)
        for word in 0..<wordCount { result.words[word] = isTrue.words[word] & other.isTrue.words[word] }
        if isUnknown == nil && other.isUnknown == nil { return TruthMask(count: count, isTrue: result) }
        let unknown = ValidityMask(count: count, allValid: false)
        for word in 0..<wordCount {
            // Unknown unless one is false: each is true or unknown, and not both are true.
            let first = isTrue.words[word] | (isUnknown?.words[word] ?? 0)
            let second = other.isTrue.words[word] | (other.isUnknown?.words[word] ?? 0)
            unknown.words[word] = first & second & ~result.words[word]
        }
        return TruthMask(count: count, isTrue: result, isUnknown: unknown)
    }

    func or(_ other: TruthMask) -> TruthMask {
        let result = ValidityMask(count: count, allValid: false)
        for word in 0..<wordCount { result.words[word] = isTrue.words[word] | other.isTrue.words[word] }
        if isUnknown == nil && other.isUnknown == nil { return TruthMask(count: count, isTrue: result) }
        let unknown = ValidityMask(count: count, allValid: false)
        for word in 0..<wordCount {
            let either = (isUnknown?.words[word] ?? 0) | (other.isUnknown?.words[word] ?? 0)
            unknown.words[word] = either & ~result.words[word]
        }
        return TruthMask(count: count, isTrue: result, isUnknown: unknown)
    }

    /// As a BOOLEAN vector: a byte a row, NULL where unknown.
    func vector() -> Vector {
        let buffer = VectorBuffer(byteCount: count)
        let bytes = buffer.pointer(as: UInt8.self)
        for row in 0..<count {
            bytes[row] = UInt8(truncatingIfNeeded: (isTrue.words[row &>> 6] &>> UInt64(row & 63)) & 1)
        }
        var validity: ValidityMask?
        if let isUnknown {
            let mask = ValidityMask(count: count, allValid: false)
            for word in 0..<wordCount { mask.words[word] = ~isUnknown.words[word] }
            if count > 0 { mask.clearTail() }
            validity = mask
        }
        return Vector(flat: buffer, type: .boolean, count: count, validity: validity)
    }

    /// The answers that a BOOLEAN vector holds.
    init(_ vector: Vector) {
        let count = vector.count
        switch vector.form {
        case .constant:
            let answer: Bool? = vector.validity == nil ? vector.values.pointer(as: UInt8.self)[0] != 0 : nil
            self.init(count: count, repeating: answer)
        case .flat, .dictionary:
            let flat = vector.flattened()
            let bytes = flat.values.pointer(as: UInt8.self)
            let bits = ValidityMask(count: count, allValid: false)
            BitFill.fill(bits.words, count: count) { bytes[$0] != 0 }
            self.init(count: count, bits: bits, validity: flat.validity)
        }
    }
}

/// Makes bitmaps of tests of rows.
enum BitFill {
    /// Sets bit `row` to `test(row)`. The test must be cheap and without side effects; full words are tested
    /// without a branch.
    @inline(__always) static func fill(
        _ words: UnsafeMutablePointer<UInt64>, count: Int, _ test: (Int) -> Bool
    ) {
        let fullWords = count &>> 6
        for word in 0..<fullWords {
            let base = word &<< 6
            var bits: UInt64 = 0
            for bit in 0..<64 {
                bits |=
                    UInt64(unsafeBitCast(test(base &+ bit), to: UInt8.self))
                    &<< UInt64(truncatingIfNeeded: bit)
            }
            words[word] = bits
        }
        if count & 63 != 0 {
            var bits: UInt64 = 0
            for row in (fullWords &<< 6)..<count {
                bits |=
                    UInt64(unsafeBitCast(test(row), to: UInt8.self)) &<< UInt64(truncatingIfNeeded: row & 63)
            }
            words[fullWords] = bits
        }
    }
}
