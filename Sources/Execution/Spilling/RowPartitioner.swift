import Columns

/// Deals rows out to parts by the hash of their keys and writes each part to a temporary file: rows with
/// equal keys come to lie in one part, in their order. Belongs to one worker.
///
/// Source: Graefe, "Query Evaluation Techniques for Large Databases", ACM Computing Surveys 25, 1993.
final class RowPartitioner {
    /// Parts that one pass makes.
    static let partCount = 16
    private static let partBits = 4
    /// Times that rows are dealt out at most: parts of parts of ….
    static let levelMax = 5
    /// Bytes of rows that wait to be written, over all parts.
    private static let waitingBytesMax = 1 << 20

    let level: Int
    private let types: [DataType]
    private let file: SpillFile
    private(set) var parts: [SpilledRows]
    private var waiting: [[DataChunk]]
    private var waitingRows = [Int](repeating: 0, count: partCount)
    private var waitingBytes = 0
    private let hashes = VectorBuffer(byteCount: DataChunk.capacity * 8)

    /// - Parameter level: How many times the rows have been dealt out before.
    init(types: [DataType], level: Int, _ space: SpillSpace, _ memory: OperatorMemory) throws(ExecutionError)
    {
        precondition(level < Self.levelMax, "rows are dealt out a few times only")
        self.types = types
        self.level = level
        file = try SpillFile(space, memory)
        parts = (0..<Self.partCount).map { _ in SpilledRows(types: types) }
        waiting = (0..<Self.partCount).map { _ in [] }
    }

    /// The part of a key at a level.
    @inline(__always) static func part(_ hash: UInt64, level: Int) -> Int {
        Int(truncatingIfNeeded: hash &>> UInt64(60 - level * partBits)) & (partCount - 1)
    }

    /// Adds `count` rows, at most a chunk; the first `keys` columns decide where they go.
    func append(_ columns: [Vector], keys: [Vector], count: Int) throws(ExecutionError) {
        if count == 0 { return }
        let hashes = hashes.pointer(as: UInt64.self)
        KeyHash.hash(keys, count: count, into: hashes)
        var starts = [Int](repeating: 0, count: Self.partCount + 1)
        for row in 0..<count { starts[Self.part(hashes[row], level: level) + 1] += 1 }
        for part in 0..<Self.partCount { starts[part + 1] += starts[part] }
        let order = VectorBuffer(byteCount: count * 4)
        let rows = order.pointer(as: UInt32.self)
        var next = starts
        for row in 0..<count {
            let part = Self.part(hashes[row], level: level)
            rows[next[part]] = UInt32(truncatingIfNeeded: row)
            next[part] += 1
        }
        for part in 0..<Self.partCount where starts[part + 1] > starts[part] {
            let size = starts[part + 1] - starts[part]
            let slice = VectorBuffer(
                borrowing: UnsafeRawPointer(order.base + starts[part] * 4), byteCount: size * 4, owner: order)
            let selection = SelectionVector(buffer: slice, count: size)
            try add(DataChunk(columns: columns.map { $0.gathered(selection) }, rowCount: size), to: part)
        }
        if waitingBytes > Self.waitingBytesMax { try flush() }
    }

    private func add(_ chunk: DataChunk, to part: Int) throws(ExecutionError) {
        if waitingRows[part] + chunk.rowCount > DataChunk.capacity { try write(part) }
        waiting[part].append(chunk)
        waitingRows[part] += chunk.rowCount
        waitingBytes += RowCollection.bytes(of: chunk)
    }

    private func write(_ part: Int) throws(ExecutionError) {
        for chunk in waiting[part] { waitingBytes -= RowCollection.bytes(of: chunk) }
        try parts[part].append(waiting[part], to: file)
        waiting[part] = []
        waitingRows[part] = 0
    }

    /// Writes what waits; called before the parts are read.
    func flush() throws(ExecutionError) {
        for part in 0..<Self.partCount { try write(part) }
    }
}
