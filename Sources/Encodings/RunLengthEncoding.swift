import Columns

/// Runs of equal whole numbers: the values of the runs and their lengths, both as packed streams. In memory
/// the values and the row at which each run ends.
struct RunLengthEncoding {
    let values: UnsafePointer<Int64>
    let rows: RunRows
    private let owner: VectorBuffer

    /// Bytes that this form keeps in memory beyond its streams.
    var memoryBytes: Int { owner.byteCount + rows.memoryBytes }

    /// Runs in the values.
    static func analyse(_ values: UnsafePointer<Int64>, count: Int) -> Int {
        var changes = 0
        for row in 1..<max(1, count) {
            changes &+= Int(unsafeBitCast(values[row] != values[row &- 1], to: UInt8.self))
        }
        return changes + 1
    }

    /// Writes the value and the length of each run; the targets have room for `analyse` of them.
    static func encode(
        _ values: UnsafePointer<Int64>, count: Int, values runValues: UnsafeMutablePointer<Int64>,
        lengths: UnsafeMutablePointer<Int64>
    ) {
        var run = 0
        var start = 0
        for row in 0..<count where row == count &- 1 || values[row &+ 1] != values[row] {
            runValues[run] = values[row]
            lengths[run] = Int64(row &+ 1 &- start)
            start = row &+ 1
            run &+= 1
        }
    }

    init(values: PackedStream, rows: RunRows) {
        let buffer = VectorBuffer(byteCount: PackedStream.paddedBytes(values.rowCount))
        let target = buffer.pointer(as: Int64.self)
        for vector in 0..<PackedStream.vectorCount(rows: values.rowCount) {
            values.unpack(vector: vector, into: target + vector * DataChunk.capacity)
        }
        self.values = UnsafePointer(target)
        self.rows = rows
        owner = buffer
    }

    /// Writes the values of the rows of a vector of `count` rows. `output` has `RunRows.slack` more.
    func decode(vector: Int, count: Int, into output: UnsafeMutablePointer<Int64>) {
        rows.spread(values, vector: vector, count: count, into: output)
    }

    func value(at row: Int) -> Int64 { values[rows.run(at: row)] }
}

/// Which rows each run covers.
struct RunRows {
    /// The row behind the last of each run.
    let ends: UnsafePointer<UInt32>
    let runCount: Int
    /// Elements that spreading may write beyond the last.
    static let slack = 8
    /// The run that holds the first row of each vector.
    let firstRuns: [UInt32]
    private let owner: VectorBuffer

    var memoryBytes: Int { owner.byteCount + firstRuns.count * 4 }

    /// Checks that the lengths are positive and add up to `rowCount`.
    init(lengths: PackedStream, rowCount: Int) throws(EncodingError) {
        runCount = lengths.rowCount
        owner = VectorBuffer(byteCount: runCount * 4)
        let ends = owner.pointer(as: UInt32.self)
        self.ends = UnsafePointer(ends)
        let scratch = UnsafeMutablePointer<Int64>.allocate(capacity: DataChunk.capacity)
        defer { scratch.deallocate() }
        var firstRuns: [UInt32] = []
        var row = 0
        for run in 0..<runCount {
            if run % DataChunk.capacity == 0 {
                lengths.unpack(vector: run / DataChunk.capacity, into: scratch)
            }
            let length = scratch[run % DataChunk.capacity]
            guard length >= 1, length <= Int64(rowCount - row) else {
                throw .malformed(what: "run length", value: Int(length))
            }
            row += Int(length)
            ends[run] = UInt32(row)
            while firstRuns.count * DataChunk.capacity < row { firstRuns.append(UInt32(run)) }
        }
        guard row == rowCount else { throw .truncated(what: "runs") }
        self.firstRuns = firstRuns
    }

    /// Writes the element of its run for each row of a vector of `count` rows. `output` has room for `slack`
    /// elements more.
    ///
    /// 1.5 ns a run, and 0.1 ns a row of long runs.
    @inline(__always) func spread<Element: BitwiseCopyable>(
        _ elements: UnsafePointer<Element>, vector: Int, count: Int,
        into output: UnsafeMutablePointer<Element>
    ) {
        var run = Int(firstRuns[vector])
        let start = vector &* DataChunk.capacity
        let ends = self.ends
        var row = 0
        while row < count {
            let end = min(count, Int(ends[run]) &- start)
            let element = elements[run]
            let target = output + row
            // Most runs are short: what is written beyond one is overwritten by the next.
            for offset in 0..<Self.slack { target[offset] = element }
            let length = end &- row
            if length > Self.slack {
                for offset in Self.slack..<length { target[offset] = element }
            }
            row = end
            run &+= 1
        }
    }

    /// The run that holds `row`.
    func run(at row: Int) -> Int {
        var low = Int(firstRuns[row / DataChunk.capacity])
        var high = runCount - 1
        while low < high {
            let middle = (low + high) / 2
            if Int(ends[middle]) > row { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
