import Columns

/// Sort keys as words whose unsigned order is the wanted order of rows.
///
/// Each key column gives, for a row: a word that puts NULLs first or last (only if the column has any), then
/// its value's words; strings give their first eight bytes and are compared whole when those are equal.
struct SortKeys {
    /// One key column's part of the comparison.
    private struct Part {
        var words: [[UInt64]]
        var strings: Vector?
        var isDescending: Bool
    }

    let rowCount: Int
    private var parts: [Part] = []

    /// - Parameter columns: The key columns of all rows, flat or codes.
    init(_ columns: [Vector], _ keys: [SortKey], rowCount: Int) {
        self.rowCount = rowCount
        for (column, key) in zip(columns, keys) { parts.append(Self.part(column, key, rowCount)) }
    }

    private static func part(_ column: Vector, _ key: SortKey, _ rowCount: Int) -> Part {
        let flip: UInt64 = key.isDescending ? ~0 : 0
        let flat = column.flattened()
        var values = Self.words(flat, rowCount, flip)
        guard let validity = flat.validity else {
            return Part(words: values, strings: strings(flat), isDescending: key.isDescending)
        }
        for index in values.indices {
            for row in 0..<rowCount where !validity.isValid(row) { values[index][row] = 0 }
        }
        let nullWord: UInt64 = key.nullsFirst ? 0 : 2
        let nulls = (0..<rowCount).map { validity.isValid($0) ? UInt64(1) : nullWord }
        return Part(words: [nulls] + values, strings: strings(flat), isDescending: key.isDescending)
    }

    private static func strings(_ flat: Vector) -> Vector? { flat.physical == .string ? flat : nil }

    /// The words of a flat column's values, each inverted by `flip`; NULLs give some word.
    static func words(_ flat: Vector, _ count: Int, _ flip: UInt64) -> [[UInt64]] {
        let sign: UInt64 = 1 << 63
        func one(_ word: (Int) -> UInt64) -> [[UInt64]] { [(0..<count).map { word($0) ^ flip }] }
        switch flat.physical {
        case .bool:
            let values = flat.pointer(as: UInt8.self)
            return one { UInt64(values[$0]) }
        case .int16, .int32, .int64: return one { UInt64(bitPattern: flat.wholeNumber(at: $0)) ^ sign }
        case .float32:
            let values = flat.pointer(as: Float.self)
            return one { ordered(Double(values[$0])) }
        case .float64:
            let values = flat.pointer(as: Double.self)
            return one { ordered(values[$0]) }
        case .int128:
            let values = flat.pointer(as: Int128.self)
            return two(count, flip) { UInt128(bitPattern: values[$0]) ^ (1 << 127) }
        case .uint128:
            let values = flat.pointer(as: UInt128.self)
            return two(count, flip) { values[$0] }
        case .interval:
            let values = flat.pointer(as: Interval.self)
            return two(count, flip) { UInt128(bitPattern: values[$0].comparisonKey) ^ (1 << 127) }
        case .string:
            let values = flat.pointer(as: StringView.self)
            return one { prefix(values[$0]) }
        }
    }

    private static func two(_ count: Int, _ flip: UInt64, _ value: (Int) -> UInt128) -> [[UInt64]] {
        let wide = (0..<count).map(value)
        return [
            wide.map { UInt64(truncatingIfNeeded: $0 >> 64) ^ flip },
            wide.map { UInt64(truncatingIfNeeded: $0) ^ flip },
        ]
    }

    /// A word that is ordered as the number is; NaN is the greatest, both zeros are equal.
    private static func ordered(_ value: Double) -> UInt64 {
        let bits = KeyEncoder.canonical(value).bitPattern
        return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
    }

    /// The first eight bytes, the first one highest.
    private static func prefix(_ view: StringView) -> UInt64 {
        view.withBytes { bytes in
            var word: UInt64 = 0
            for index in 0..<min(8, bytes.count) { word |= UInt64(bytes[index]) &<< UInt64(56 &- index &* 8) }
            return word
        }
    }

    /// Whether row `first` comes before row `second`; equal rows keep their order.
    func isBefore(_ first: UInt32, _ second: UInt32) -> Bool {
        let order = compare(Int(first), Int(second))
        return order == 0 ? first < second : order < 0
    }

    private func compare(_ first: Int, _ second: Int) -> Int {
        for part in parts {
            for words in part.words where words[first] != words[second] {
                return words[first] < words[second] ? -1 : 1
            }
            if let strings = part.strings, !strings.isNull(first) {
                let views = strings.pointer(as: StringView.self)
                let order = StringView.compare(views[first], views[second])
                if order != 0 { return part.isDescending ? -order : order }
            }
        }
        return 0
    }

    /// The row numbers in sorted order. O(n log n), and O(n) for one key of one word.
    func sortedRows() -> [UInt32] {
        guard let first = parts.first, let leading = first.words.first else {
            return (0..<rowCount).map { UInt32(truncatingIfNeeded: $0) }
        }
        var entries = (0..<rowCount).map { Entry(word: leading[$0], row: UInt32(truncatingIfNeeded: $0)) }
        let isComplete = parts.count == 1 && first.words.count == 1 && first.strings == nil
        Self.sort(&entries)
        if !isComplete { sortTies(&entries) }
        return entries.map(\.row)
    }

    private struct Entry {
        var word: UInt64
        var row: UInt32
    }

    /// Orders runs of equal leading words by the whole key.
    private func sortTies(_ entries: inout [Entry]) {
        var start = 0
        while start < entries.count {
            var end = start + 1
            while end < entries.count, entries[end].word == entries[start].word { end += 1 }
            if end - start > 1 {
                entries[start..<end].sort { isBefore($0.row, $1.row) }
            }
            start = end
        }
    }

    /// Stable sort by word: least significant byte first, bytes that are the same everywhere left out.
    private static func sort(_ entries: inout [Entry]) {
        if entries.count < 256 {
            entries.sort { $0.word == $1.word ? $0.row < $1.row : $0.word < $1.word }
            return
        }
        var differing: UInt64 = 0
        let sample = entries[0].word
        for entry in entries { differing |= entry.word ^ sample }
        var other = entries
        for shift in stride(from: UInt64(0), to: 64, by: 8) where (differing >> shift) & 0xFF != 0 {
            var starts = [Int](repeating: 0, count: 257)
            entries.withUnsafeBufferPointer { source in
                other.withUnsafeMutableBufferPointer { target in
                    starts.withUnsafeMutableBufferPointer { starts in
                        for entry in source { starts[Int((entry.word &>> shift) & 0xFF) &+ 1] &+= 1 }
                        for digit in 1...256 { starts[digit] &+= starts[digit &- 1] }
                        for entry in source {
                            let digit = Int((entry.word &>> shift) & 0xFF)
                            target[starts[digit]] = entry
                            starts[digit] &+= 1
                        }
                    }
                }
            }
            swap(&entries, &other)
        }
    }
}
