/// Runs of rows with equal keys, in words as `KeyEncoder` writes them.
enum KeyRuns {
    /// Fewer rows are not worth looking for runs.
    static let rowsMin = 64

    /// Whether at least a quarter of the rows has the key of the row before.
    static func areWorthwhile(_ runCount: Int, count: Int) -> Bool { runCount * 4 <= count * 3 }

    /// Writes the first row of each run, then `count`; room for `count` + 1.
    ///
    /// - Returns: The number of runs.
    static func find(
        _ words: [UnsafeMutablePointer<UInt64>], count: Int, into starts: UnsafeMutableBufferPointer<UInt32>
    ) -> Int {
        if count == 0 { return 0 }
        let first = words[0]
        switch words.count {
        case 1: return find(count, starts) { first[$0] ^ first[$0 &- 1] }
        case 2:
            let second = words[1]
            return find(count, starts) {
                (first[$0] ^ first[$0 &- 1]) | (second[$0] ^ second[$0 &- 1])
            }
        default:
            return find(count, starts) { row in
                var difference: UInt64 = 0
                for word in words { difference |= word[row] ^ word[row &- 1] }
                return difference
            }
        }
    }

    /// - Parameter difference: 0 where a row's key is that of the row before.
    @inline(__always) private static func find(
        _ count: Int, _ starts: UnsafeMutableBufferPointer<UInt32>, _ difference: (Int) -> UInt64
    ) -> Int {
        starts[0] = 0
        var runCount = 1
        for row in 1..<count {
            starts[runCount] = UInt32(truncatingIfNeeded: row)
            runCount &+= Int(unsafeBitCast(difference(row) != 0, to: UInt8.self))
        }
        starts[runCount] = UInt32(truncatingIfNeeded: count)
        return runCount
    }
}
