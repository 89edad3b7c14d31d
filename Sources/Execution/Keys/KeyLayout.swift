import Columns

/// Where each key column lies in the 64-bit words that stand for a key.
///
/// Two keys are equal (NULLs equal to each other) exactly when all their words are. Strings are represented
/// by codes of an interner, so equality of keys never looks at bytes.
struct KeyLayout: Sendable {
    struct Column: Sendable {
        let type: DataType
        let word: Int
        let shift: UInt64
        /// Bits of the value in its word; 128-bit values take this word and the next.
        let bits: Int
        /// Where the bit of NULL lies; -1 for a column without one.
        let nullWord: Int
        let nullShift: UInt64
    }

    let columns: [Column]
    let wordCount: Int
    /// The only column is 64 bits wide and fills the one word; a NULL is told apart by the caller.
    let isSingleWide: Bool

    /// - Parameter neverNull: By column, whether it is known to have no NULLs, and needs no bit for them;
    ///   empty where nothing is known.
    init(types: [DataType], neverNull: [Bool] = []) {
        precondition(neverNull.isEmpty || neverNull.count == types.count, "columns are known one by one")
        if types.count == 1, Self.bits(of: types[0].physical) == 64 {
            columns = [Column(type: types[0], word: 0, shift: 0, bits: 64, nullWord: -1, nullShift: 0)]
            wordCount = 1
            isSingleWide = true
            return
        }
        isSingleWide = false
        var packing = Packing()
        // Wide columns first, so that narrow ones and NULL bits fill the gaps.
        let order = types.indices.sorted {
            Self.bits(of: types[$0].physical) > Self.bits(of: types[$1].physical)
        }
        var placed: [Int: Column] = [:]
        for index in order {
            let bits = Self.bits(of: types[index].physical)
            let hasNull = neverNull.isEmpty || !neverNull[index]
            let value = packing.place(bits < 64 && hasNull ? bits + 1 : bits)
            var null = (word: -1, shift: 0)
            if hasNull { null = bits < 64 ? (value.word, value.shift + bits) : packing.place(1) }
            placed[index] = Column(
                type: types[index], word: value.word, shift: UInt64(value.shift), bits: bits,
                nullWord: null.word,
                nullShift: UInt64(null.shift))
        }
        columns = types.indices.compactMap { placed[$0] }
        wordCount = max(1, packing.used.count)
    }

    /// Finds room for fields, first fit.
    private struct Packing {
        var used: [Int] = []

        mutating func place(_ bits: Int) -> (word: Int, shift: Int) {
            if bits > 64 {
                used += [64, 64]
                return (used.count - 2, 0)
            }
            for word in used.indices where used[word] + bits <= 64 {
                defer { used[word] += bits }
                return (word, used[word])
            }
            used.append(bits)
            return (used.count - 1, 0)
        }
    }

    static func bits(of physical: PhysicalType) -> Int {
        switch physical {
        case .bool: 1
        case .int16: 16
        case .int32, .float32, .string: 32
        case .int64, .float64: 64
        case .int128, .uint128, .interval: 128
        }
    }

    /// The values of one column of `count` keys; key `k` begins at `keys + k × stride` bytes.
    ///
    /// - Parameter isNull: For a layout with one wide column: which key is the NULL, or -1.
    func decode(
        _ index: Int, _ keys: UnsafeRawPointer, stride: Int, count: Int, nullKey: Int,
        strings: StringInterner?
    ) -> Vector {
        let column = columns[index]
        var validity: ValidityMask?
        for key in 0..<count {
            let isNull: Bool
            if column.nullWord < 0 {
                isNull = key == nullKey
            } else {
                let word = keys.load(fromByteOffset: key &* stride &+ column.nullWord &* 8, as: UInt64.self)
                isNull = (word &>> column.nullShift) & 1 != 0
            }
            if isNull {
                let mask = validity ?? ValidityMask(count: count, allValid: true)
                validity = mask
                mask.setNull(key)
            }
        }
        let buffer = VectorBuffer(byteCount: count * column.type.physical.byteCount)
        func word(_ key: Int, _ offset: Int = 0) -> UInt64 {
            keys.load(fromByteOffset: key &* stride &+ (column.word &+ offset) &* 8, as: UInt64.self)
                &>> column.shift
        }
        switch column.type.physical {
        case .bool: for key in 0..<count { buffer.pointer(as: UInt8.self)[key] = UInt8(word(key) & 1) }
        case .int16:
            for key in 0..<count {
                buffer.pointer(as: UInt16.self)[key] = UInt16(truncatingIfNeeded: word(key))
            }
        case .int32, .float32:
            for key in 0..<count {
                buffer.pointer(as: UInt32.self)[key] = UInt32(truncatingIfNeeded: word(key))
            }
        case .int64, .float64: for key in 0..<count { buffer.pointer(as: UInt64.self)[key] = word(key) }
        case .int128, .uint128, .interval:
            let target = buffer.pointer(as: UInt64.self)
            for key in 0..<count {
                target[key &* 2] = word(key)
                target[key &* 2 &+ 1] = word(key, 1)
            }
        case .string:
            guard let strings else { preconditionFailure("string keys come with their interner") }
            let target = buffer.pointer(as: StringView.self)
            for key in 0..<count {
                let isValid = validity?.isValid(key) ?? true
                target[key] = isValid ? strings[Int(word(key) & 0xFFFF_FFFF)] : .empty
            }
            return Vector(
                flat: buffer, type: column.type, count: count, validity: validity,
                heap: StringHeap(keeping: [strings]))
        }
        return Vector(flat: buffer, type: column.type, count: count, validity: validity)
    }
}
