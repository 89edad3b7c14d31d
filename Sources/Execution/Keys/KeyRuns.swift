/// Runs of rows with equal keys, in words as `KeyEncoder` writes them.
enum KeyRuns {
    /// Whether at least a quarter of the rows has the key of the row before.
    static func areWorthwhile(_ words: [UnsafeMutablePointer<UInt64>], count: Int) -> Bool {
        if count < 64 { return false }
        var repeats = 0
        let first = words[0]
        for row in 1..<count {
            repeats &+= Int(unsafeBitCast(first[row] == first[row &- 1], to: UInt8.self))
        }
        if repeats * 4 < count { return false }
        if words.count == 1 { return true }
        repeats = 0
        for row in 1..<count where words.allSatisfy({ $0[row] == $0[row &- 1] }) { repeats &+= 1 }
        return repeats * 4 >= count
    }

    /// Writes the first row of each run, then `count`; room for `count` + 1.
    ///
    /// - Returns: The number of runs.
    static func find(
        _ words: [UnsafeMutablePointer<UInt64>], count: Int, into starts: UnsafeMutableBufferPointer<UInt32>
    ) -> Int {
        if count == 0 { return 0 }
        starts[0] = 0
        var runCount = 1
        if words.count == 1 {
            let word = words[0]
            for row in 1..<count {
                starts[runCount] = UInt32(truncatingIfNeeded: row)
                runCount &+= Int(unsafeBitCast(word[row] != word[row &- 1], to: UInt8.self))
            }
        } else {
            for row in 1..<count where words.contains(where: { $0[row] != $0[row &- 1] }) {
                starts[runCount] = UInt32(truncatingIfNeeded: row)
                runCount &+= 1
            }
        }
        starts[runCount] = UInt32(truncatingIfNeeded: count)
        return runCount
    }
}
