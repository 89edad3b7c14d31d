import Columns

/// Rows dealt out to files by keys among their last columns, or all in one file when there are none. Belongs
/// to one worker.
final class DealtRows {
    private let keyCount: Int
    private let partitioner: RowPartitioner?
    private let whole: SpilledRows
    private let file: SpillFile?
    /// Whether some key was NULL.
    private(set) var hasNullKey = false

    /// - Parameter level: How many times the rows have been dealt out before.
    init(
        types: [DataType], keyCount: Int, level: Int = 0, _ space: SpillSpace, _ memory: OperatorMemory
    ) throws(ExecutionError) {
        self.keyCount = keyCount
        whole = SpilledRows(types: types)
        if keyCount > 0 {
            partitioner = try RowPartitioner(types: types, level: level, space, memory)
            file = nil
        } else {
            partitioner = nil
            file = try SpillFile(space, memory)
        }
    }

    /// Adds rows whose last columns are the keys, without a selection.
    func append(_ chunk: DataChunk) throws(ExecutionError) {
        try append(chunk, keys: Array(chunk.columns.suffix(keyCount)))
    }

    /// Adds rows with keys that are not kept.
    func append(_ chunk: DataChunk, keys: [Vector]) throws(ExecutionError) {
        if let file { return try whole.append(chunk, to: file) }
        for key in keys where key.validity != nil {
            if key.isConstantNull || (key.rowValidity.map { $0.nullCount > 0 } ?? false) { hasNullKey = true }
        }
        try partitioner?.append(chunk.columns, keys: keys, count: chunk.rowCount)
    }

    /// Writes what waits; called before the parts are read.
    func flush() throws(ExecutionError) { try partitioner?.flush() }

    var parts: [SpilledRows] { partitioner?.parts ?? [whole] }
}
