import Columns

/// Values as numbers that are ordered as the values are.
enum OrderWords {
    /// Whether values of the type have such numbers; texts have none.
    static func exist(for type: DataType) -> Bool { type.physical != .string }

    /// One number a row; those of NULL rows mean nothing.
    static func of(_ vector: Vector, count: Int) -> [UInt128] {
        let flat = vector.flat(count: count)
        func each(_ word: (Int) -> UInt128) -> [UInt128] { (0..<count).map(word) }
        let sign: UInt128 = 1 << 127
        switch flat.physical {
        case .bool:
            let values = flat.pointer(as: UInt8.self)
            return each { UInt128(values[$0]) }
        case .int16, .int32, .int64:
            return each { UInt128(bitPattern: Int128(flat.wholeNumber(at: $0))) ^ sign }
        case .float32:
            let values = flat.pointer(as: Float.self)
            return each { ordered(Double(values[$0])) }
        case .float64:
            let values = flat.pointer(as: Double.self)
            return each { ordered(values[$0]) }
        case .int128:
            let values = flat.pointer(as: Int128.self)
            return each { UInt128(bitPattern: values[$0]) ^ sign }
        case .uint128:
            let values = flat.pointer(as: UInt128.self)
            return each { values[$0] }
        case .interval:
            let values = flat.pointer(as: Interval.self)
            return each { UInt128(bitPattern: Int128(values[$0].comparisonKey)) ^ sign }
        case .string: preconditionFailure("texts have no order words")
        }
    }

    /// NaN is the greatest, both zeros are equal.
    private static func ordered(_ value: Double) -> UInt128 {
        let bits = KeyEncoder.canonical(value).bitPattern
        return UInt128(bits >> 63 == 0 ? bits | 1 << 63 : ~bits)
    }
}

/// Numbers in ascending order.
struct SortedWords: Sendable {
    let words: [UInt128]

    /// The first place in the range whose number is not below `word`.
    func first(notBelow word: UInt128, in range: Range<Int>) -> Int { search(range) { $0 < word } }

    /// The first place in the range whose number is above `word`.
    func first(above word: UInt128, in range: Range<Int>) -> Int { search(range) { $0 <= word } }

    @inline(__always) private func search(_ range: Range<Int>, _ isBefore: (UInt128) -> Bool) -> Int {
        words.withUnsafeBufferPointer { words in
            var low = range.lowerBound
            var high = range.upperBound
            while low < high {
                let middle = (low &+ high) / 2
                if isBefore(words[middle]) { low = middle &+ 1 } else { high = middle }
            }
            return low
        }
    }
}
