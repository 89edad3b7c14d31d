import Columns

/// Fixed-width values of up to 8 bytes (and 16-byte integers that fit 8) as whole numbers: what packing, runs
/// and dictionaries work on. Floating-point values take part by their bits.
enum WordColumn {
    /// Whether columns of that physical type can be widened to words at all.
    static func supports(_ physical: PhysicalType) -> Bool {
        switch physical {
        case .bool, .int16, .int32, .int64, .float32, .float64, .int128: true
        case .interval, .uint128, .string: false
        }
    }

    /// Writes a word a row. NULL rows repeat the value before them (the first valid one at the start), so
    /// that they widen no range and break no run.
    ///
    /// - Returns: false if a 16-byte value does not fit.
    static func widen(_ column: ColumnValues, into words: UnsafeMutablePointer<Int64>) -> Bool {
        let count = column.rowCount
        switch column.physical {
        case .bool: widen(column.fixed.assumingMemoryBound(to: UInt8.self), count, words)
        case .int16: widen(column.fixed.assumingMemoryBound(to: Int16.self), count, words)
        case .int32, .float32: widen(column.fixed.assumingMemoryBound(to: Int32.self), count, words)
        case .int64, .float64: widen(column.fixed.assumingMemoryBound(to: Int64.self), count, words)
        case .int128:
            let wide = column.fixed.assumingMemoryBound(to: Int128.self)
            var lost: Int128 = 0
            for row in 0..<count {
                let word = Int64(truncatingIfNeeded: wide[row])
                lost |= wide[row] ^ Int128(word)
                words[row] = word
            }
            if lost != 0 { return false }
        case .interval, .uint128, .string: return false
        }
        if column.validity != nil { fillNulls(column, words) }
        return true
    }

    private static func widen<Number: FixedWidthInteger>(
        _ source: UnsafePointer<Number>, _ count: Int, _ words: UnsafeMutablePointer<Int64>
    ) {
        for row in 0..<count { words[row] = Int64(truncatingIfNeeded: source[row]) }
    }

    private static func fillNulls(_ column: ColumnValues, _ words: UnsafeMutablePointer<Int64>) {
        guard let first = (0..<column.rowCount).first(where: { column.isValid($0) }) else { return }
        var last = words[first]
        for row in 0..<column.rowCount {
            if column.isValid(row) { last = words[row] } else { words[row] = last }
        }
    }

    /// Writes words back as values of the physical type.
    static func narrow(
        _ words: UnsafePointer<Int64>, count: Int, physical: PhysicalType,
        into output: UnsafeMutableRawPointer
    ) {
        switch physical.byteCount {
        case 1: narrow(words, count, output.assumingMemoryBound(to: UInt8.self))
        case 2: narrow(words, count, output.assumingMemoryBound(to: Int16.self))
        case 4: narrow(words, count, output.assumingMemoryBound(to: Int32.self))
        case 8: output.copyMemory(from: words, byteCount: count * 8)
        default:
            let wide = output.assumingMemoryBound(to: Int128.self)
            for row in 0..<count { wide[row] = Int128(words[row]) }
        }
    }

    private static func narrow<Number: FixedWidthInteger>(
        _ words: UnsafePointer<Int64>, _ count: Int, _ output: UnsafeMutablePointer<Number>
    ) {
        for row in 0..<count { output[row] = Number(truncatingIfNeeded: words[row]) }
    }
}
