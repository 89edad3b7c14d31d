import Columns

extension SegmentFilter {
    /// Tests plain values of up to 8 bytes.
    func narrow(_ rows: RowBitmap, _ values: UnsafeRawPointer, _ set: WordSet) {
        let count = rows.rowCount
        let words = scratch.words
        switch segment.type.physical {
        case .int64:
            FilterKernels.filter(values.assumingMemoryBound(to: Int64.self), count: count, set, scratch)
            return rows.keep(scratch.bits)
        case .bool: FilterKernels.widen(values.assumingMemoryBound(to: UInt8.self), count: count, into: words)
        case .int16:
            FilterKernels.widen(values.assumingMemoryBound(to: Int16.self), count: count, into: words)
        case .int32:
            FilterKernels.widen(values.assumingMemoryBound(to: Int32.self), count: count, into: words)
        case .float32:
            let numbers = values.assumingMemoryBound(to: Float.self)
            for row in 0..<count { words[row] = OrderKey.key(Double(numbers[row])) }
        case .float64:
            let numbers = values.assumingMemoryBound(to: Double.self)
            for row in 0..<count { words[row] = OrderKey.key(numbers[row]) }
        case .int128, .uint128, .interval, .string: preconditionFailure("wide values have their own function")
        }
        FilterKernels.filter(words, count: count, set, scratch)
        rows.keep(scratch.bits)
    }

    /// Tests plain values of 16 bytes.
    func narrow(_ rows: RowBitmap, wide values: UnsafeRawPointer, _ keys: KeySet<Int128>) {
        switch segment.type.physical {
        case .int128:
            let numbers = values.assumingMemoryBound(to: Int128.self)
            fill(rows.rowCount, keys) { numbers[$0] }
        case .uint128:
            let numbers = values.assumingMemoryBound(to: UInt128.self)
            fill(rows.rowCount, keys) { OrderKey.key(numbers[$0]) }
        default:
            let intervals = values.assumingMemoryBound(to: Interval.self)
            fill(rows.rowCount, keys) { intervals[$0].comparisonKey }
        }
        rows.keep(scratch.bits)
    }

    @inline(__always) private func fill(_ count: Int, _ keys: KeySet<Int128>, _ key: (Int) -> Int128) {
        switch keys {
        case .range(let low, let high):
            FilterKernels.fill(count: count, scratch) {
                let key = key($0)
                return key >= low && key <= high
            }
        case .outside(let other): FilterKernels.fill(count: count, scratch) { key($0) != other }
        case .oneOf: FilterKernels.fill(count: count, scratch) { keys.contains(key($0)) }
        }
    }

    /// Tests a decoded vector of any form. Strings are looked at only where a row is still wanted.
    func narrow(_ rows: RowBitmap, decoded vector: Vector) {
        let flat = vector.form == .flat ? vector : vector.flattened()
        switch test.form {
        case .words(let keys): narrow(rows, UnsafeRawPointer(flat.values.base), WordSet(keys))
        case .wide(let keys): narrow(rows, wide: UnsafeRawPointer(flat.values.base), keys)
        case .strings(let strings):
            let views = flat.pointer(as: StringView.self)
            for index in 0..<rows.wordCount {
                var left = rows.words[index]
                var kept: UInt64 = 0
                while left != 0 {
                    let bit = left & (0 &- left)
                    if strings.passes(views[index &* 64 &+ left.trailingZeroBitCount]) { kept |= bit }
                    left ^= bit
                }
                rows.words[index] = kept
            }
        case .never, .isNull, .isNotNull: preconditionFailure("tests of NULL alone decode nothing")
        }
        withExtendedLifetime(flat) {}
    }
}

extension FilterKernels {
    @inline(__always) static func widen<Number: FixedWidthInteger>(
        _ values: UnsafePointer<Number>, count: Int, into words: UnsafeMutablePointer<Int64>
    ) {
        for row in 0..<count { words[row] = Int64(truncatingIfNeeded: values[row]) }
    }

    /// Turns the bits of floating-point numbers into order keys.
    static func order(
        _ source: UnsafePointer<Int64>, count: Int, _ physical: PhysicalType,
        into words: UnsafeMutablePointer<Int64>
    ) {
        if physical == .float64 {
            for row in 0..<count { words[row] = OrderKey.key(word: source[row], .float64) }
        } else {
            for row in 0..<count { words[row] = OrderKey.key(word: source[row], .float32) }
        }
    }
}
