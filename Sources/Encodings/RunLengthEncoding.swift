import Columns

/// Runs of equal whole numbers: the values, and the row at which each run ends.
struct RunLengthEncoding {
    static let runBytes = 12

    let values: UnsafePointer<Int64>
    let ends: UnsafePointer<UInt32>
    /// The run that holds the first row of each vector.
    let firstRuns: [UInt32]
    private let runCount: Int

    /// Bytes that `encode` would append to both targets.
    static func analyse(_ values: UnsafePointer<Int64>, count: Int) -> Int {
        var changes = 0
        for row in 1..<max(1, count) {
            changes &+= Int(unsafeBitCast(values[row] != values[row &- 1], to: UInt8.self))
        }
        return (changes + 1) * runBytes
    }

    static func encode(_ values: UnsafePointer<Int64>, count: Int, values runValues: RawBytes, ends: RawBytes)
    {
        for row in 0..<count where row == count &- 1 || values[row &+ 1] != values[row] {
            runValues.append(number: values[row])
            ends.append(number: UInt32(truncatingIfNeeded: row &+ 1))
        }
    }

    /// Checks that the ends ascend to `rowCount`.
    init(values: UnsafeRawBufferPointer, ends: UnsafeRawBufferPointer, rowCount: Int) throws(EncodingError) {
        guard let valueBase = values.baseAddress, let endBase = ends.baseAddress, ends.count >= 4,
            ends.count / 4 == values.count / 8
        else { throw .truncated(what: "runs") }
        self.values = valueBase.assumingMemoryBound(to: Int64.self)
        self.ends = endBase.assumingMemoryBound(to: UInt32.self)
        runCount = ends.count / 4
        var firstRuns: [UInt32] = []
        var row = 0
        for run in 0..<runCount {
            let end = Int(self.ends[run])
            guard end > row, end <= rowCount else { throw .malformed(what: "run end", value: end) }
            while firstRuns.count * DataChunk.capacity < end { firstRuns.append(UInt32(run)) }
            row = end
        }
        guard row == rowCount else { throw .truncated(what: "runs") }
        self.firstRuns = firstRuns
    }

    /// Writes the values of rows `start..<start + count`, where `start` begins a vector.
    func decode(vector: Int, count: Int, into output: UnsafeMutablePointer<Int64>) {
        var run = Int(firstRuns[vector])
        let start = vector &* DataChunk.capacity
        var row = 0
        while row < count {
            let end = min(count, Int(ends[run]) &- start)
            (output + row).update(repeating: values[run], count: end &- row)
            row = end
            run &+= 1
        }
    }

    func value(at row: Int) -> Int64 {
        var low = Int(firstRuns[row / DataChunk.capacity])
        var high = runCount - 1
        while low < high {
            let middle = (low + high) / 2
            if Int(ends[middle]) > row { high = middle } else { low = middle + 1 }
        }
        return values[low]
    }
}
