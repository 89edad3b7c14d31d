import Columns

/// Rows in temporary files, in the order in which they were written; a source that may be read several times.
///
/// Invariant: written by one thread at a time, and read only once nothing is written.
final class SpilledRows: ChunkSource, @unchecked Sendable {
    let types: [DataType]
    private(set) var blocks: [SpillBlock] = []
    private(set) var rowCount = 0
    private(set) var rawBytes = 0

    init(types: [DataType]) { self.types = types }

    /// Writes a chunk without a selection to the end.
    func append(_ chunk: DataChunk, to file: SpillFile) throws(ExecutionError) {
        if chunk.rowCount == 0 { return }
        let block = try file.append(chunk)
        blocks.append(block)
        rowCount += block.rowCount
        rawBytes += block.rawBytes
    }

    /// Writes several small chunks as few large ones.
    func append(_ chunks: [DataChunk], to file: SpillFile) throws(ExecutionError) {
        var start = 0
        while start < chunks.count {
            var end = start + 1
            var count = chunks[start].rowCount
            while end < chunks.count, count + chunks[end].rowCount <= DataChunk.capacity {
                count += chunks[end].rowCount
                end += 1
            }
            let part = chunks[start..<end]
            let columns = types.indices.map { index in
                VectorConcatenation.concatenate(part.map { $0.columns[index] }, type: types[index])
            }
            try append(DataChunk(columns: columns, rowCount: count), to: file)
            start = end
        }
    }

    /// Puts another's rows behind these.
    func absorb(_ other: SpilledRows) {
        blocks += other.blocks
        rowCount += other.rowCount
        rawBytes += other.rawBytes
    }

    func chunk(_ index: Int) throws(ExecutionError) -> DataChunk {
        try blocks[index].file.read(blocks[index], types: types)
    }

    var morselCount: Int { blocks.count }
    var isOrdered: Bool { false }

    func makeReader() -> any ChunkReader { Reader(self) }

    private final class Reader: ChunkReader {
        private let rows: SpilledRows
        private var index: Int?

        init(_ rows: SpilledRows) { self.rows = rows }

        func open(morsel: Int) -> Bool {
            index = morsel
            return true
        }

        func next() throws(ExecutionError) -> DataChunk? {
            guard let current = index else { return nil }
            index = nil
            return try rows.chunk(current)
        }
    }
}
