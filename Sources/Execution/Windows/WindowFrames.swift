import Columns

/// The frame of each row: rows from `starts` to before `ends`, without those that are excluded.
struct WindowFrames {
    private(set) var starts: [Int]
    private(set) var ends: [Int]
    private let rows: WindowRows
    private let exclusion: WindowBounds.Exclusion

    /// Columns that the bounds read.
    struct Inputs {
        var startDistance: Vector?
        var startTarget: Vector?
        var endDistance: Vector?
        var endTarget: Vector?
        var rangeKey: Vector?
        var isDescending = false
    }

    /// - Throws: `.refused` with 22013 for an offset that is NULL or negative.
    init(_ bounds: WindowBounds, _ rows: WindowRows, _ inputs: Inputs) throws(ExecutionError) {
        self.rows = rows
        exclusion = bounds.exclusion
        starts = [Int](repeating: 0, count: rows.count)
        ends = starts
        let groups = bounds.unit == .groups ? Self.groups(rows) : ([], [])
        let search = inputs.rangeKey.map { RangeSearch($0, isDescending: inputs.isDescending, rows.count) }
        for range in rows.ranges {
            for (bound, isStart) in [(bounds.start, true), (bounds.end, false)] {
                let distance = isStart ? inputs.startDistance : inputs.endDistance
                let target = isStart ? inputs.startTarget : inputs.endTarget
                let places: [Int]
                switch bound {
                case .unbounded:
                    places = [Int](
                        repeating: isStart ? range.lowerBound : range.upperBound, count: range.count)
                case .currentRow: places = Self.current(bounds.unit, isStart, rows, range)
                case .preceding, .following:
                    guard let distance else { preconditionFailure("an offset has a column") }
                    let isBack = if case .preceding = bound { true } else { false }
                    try Self.check(distance, at: range.lowerBound, isStart, bounds.unit)
                    switch bounds.unit {
                    case .rows:
                        places = range.map { row in
                            let offset = Self.offset(distance, row, rows.count)
                            let place = isBack ? row - offset : row + offset
                            return min(max(isStart ? place : place + 1, range.lowerBound), range.upperBound)
                        }
                    case .groups:
                        places = range.map { row in
                            let offset = Self.offset(distance, row, rows.count)
                            let group = groups.0[row] + (isBack ? -offset : offset)
                            let first = groups.0[range.lowerBound]
                            let last = groups.0[range.upperBound - 1]
                            if group < first { return range.lowerBound }
                            if group > last { return range.upperBound }
                            return isStart ? groups.1[group] : groups.1[group + 1]
                        }
                    case .range:
                        guard let search, let target else { preconditionFailure("RANGE has a target") }
                        places = search.places(target, range, isStart: isStart, rows)
                    }
                }
                for (index, row) in range.enumerated() {
                    if isStart { starts[row] = places[index] } else { ends[row] = places[index] }
                }
            }
            for row in range where ends[row] < starts[row] { ends[row] = starts[row] }
        }
    }

    /// The group of each row, and the first row of each group, then the row count.
    private static func groups(_ rows: WindowRows) -> ([Int], [Int]) {
        var numbers = [Int](repeating: 0, count: rows.count)
        var firsts: [Int] = []
        for row in 0..<rows.count {
            if rows.peerStart[row] == row { firsts.append(row) }
            numbers[row] = firsts.count - 1
        }
        return (numbers, firsts + [rows.count])
    }

    private static func current(
        _ unit: WindowBounds.Unit, _ isStart: Bool, _ rows: WindowRows, _ range: Range<Int>
    ) -> [Int] {
        if unit == .rows { return isStart ? Array(range) : range.map { $0 + 1 } }
        return Array(isStart ? rows.peerStart[range] : rows.peerEnd[range])
    }

    /// Offsets beyond the rows are all the same.
    private static func offset(_ distance: Vector, _ row: Int, _ count: Int) -> Int {
        let values = distance.pointer(as: Int64.self)
        return Int(min(max(values[row], 0), Int64(count)))
    }

    private static func check(
        _ distance: Vector, at row: Int, _ isStart: Bool, _ unit: WindowBounds.Unit
    ) throws(ExecutionError) {
        let side = isStart ? "starting" : "ending"
        if distance.isNull(row) {
            throw .refused(code: "22004", reason: "frame \(side) offset must not be null")
        }
        let isNegative: Bool
        switch distance.physical {
        case .int16: isNegative = distance.pointer(as: Int16.self)[row] < 0
        case .int32: isNegative = distance.pointer(as: Int32.self)[row] < 0
        case .int64: isNegative = distance.pointer(as: Int64.self)[row] < 0
        case .int128: isNegative = distance.pointer(as: Int128.self)[row] < 0
        case .float32:
            let value = distance.pointer(as: Float.self)[row]
            isNegative = value < 0 || value.isNaN
        case .float64:
            let value = distance.pointer(as: Double.self)[row]
            isNegative = value < 0 || value.isNaN
        case .interval: isNegative = distance.pointer(as: Interval.self)[row].comparisonKey < 0
        case .bool, .uint128, .string: isNegative = false
        }
        guard isNegative else { return }
        let reason =
            unit == .range
            ? "invalid preceding or following size in window function"
            : "frame \(side) offset must not be negative"
        throw .refused(code: "22013", reason: reason)
    }

    /// The rows of a frame as three ranges in order, some of them empty.
    @inline(__always) func pieces(_ row: Int) -> (Range<Int>, Range<Int>, Range<Int>) {
        let start = starts[row]
        let end = ends[row]
        let empty = end..<end
        var low = row
        var high = row + 1
        switch exclusion {
        case .none: return (start..<end, empty, empty)
        case .currentRow: break
        case .group, .ties:
            low = rows.peerStart[row]
            high = rows.peerEnd[row]
        }
        let firstEnd = max(start, min(end, low))
        let lastStart = min(end, max(start, high))
        let keepsSelf = exclusion == .ties && row >= start && row < end
        return (start..<firstEnd, keepsSelf ? row..<(row + 1) : empty, lastStart..<end)
    }
}

/// Finds where targets of RANGE lie among the order keys.
private struct RangeSearch {
    let words: [UInt128]
    let key: Vector
    let flip: UInt128

    init(_ key: Vector, isDescending: Bool, _ count: Int) {
        self.key = key
        let flip: UInt128 = isDescending ? .max : 0
        self.flip = flip
        words = OrderWords.of(key, count: count).map { $0 ^ flip }
    }

    /// The place that each row's target has in its partition; rows whose key is NULL are with each other.
    func places(_ target: Vector, _ range: Range<Int>, isStart: Bool, _ rows: WindowRows) -> [Int] {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high, key.isNull(low) { low += 1 }
        while high > low, key.isNull(high - 1) { high -= 1 }
        let slice = target.slice(range)
        let targets = OrderWords.of(slice, count: range.count)
        let sorted = SortedWords(words: words)
        return range.enumerated().map { index, row in
            if key.isNull(row) { return isStart ? rows.peerStart[row] : rows.peerEnd[row] }
            let word = targets[index] ^ flip
            return isStart
                ? sorted.first(notBelow: word, in: low..<high) : sorted.first(above: word, in: low..<high)
        }
    }
}
