import Columns
import Synchronization

/// Build rows that some probe row has matched, over all workers.
final class MatchedRows: Sendable {
    private let bits = Mutex<[UInt64]>([])

    func add(_ words: [UInt64]) {
        bits.withLock { bits in
            if bits.isEmpty {
                bits = words
            } else {
                for index in words.indices { bits[index] |= words[index] }
            }
        }
    }

    func isMatched(_ words: [UInt64], _ row: Int) -> Bool {
        !words.isEmpty && (words[row &>> 6] &>> UInt64(row & 63)) & 1 != 0
    }

    var words: [UInt64] { bits.withLock { $0 } }
}

/// The second part of joins that mark build rows: those without a match beside NULLs (RIGHT, FULL), or alone
/// those with one (right semi join) or without (right anti join).
struct MarkedRowsSource: ChunkSource {
    let table: JoinTable
    let matched: MatchedRows
    let kind: JoinKind
    let leftTypes: [DataType]

    var morselCount: Int { (table.rowCount + DataChunk.capacity - 1) / DataChunk.capacity }
    var isOrdered: Bool { false }

    func makeReader() -> any ChunkReader { Reader(self) }

    private final class Reader: ChunkReader {
        private let source: MarkedRowsSource
        private let words: [UInt64]
        private var start: Int?

        init(_ source: MarkedRowsSource) {
            self.source = source
            words = source.matched.words
        }

        func open(morsel: Int) -> Bool {
            start = morsel * DataChunk.capacity
            return true
        }

        func next() -> DataChunk? {
            guard let first = start else { return nil }
            start = nil
            let table = source.table
            let buffer = VectorBuffer(byteCount: DataChunk.capacity * 4)
            let rows = buffer.pointer(as: UInt32.self)
            var count = 0
            for row in first..<min(first + DataChunk.capacity, table.rowCount)
            where source.matched.isMatched(words, row) == (source.kind == .rightSemi) {
                rows[count] = UInt32(truncatingIfNeeded: row)
                count += 1
            }
            let hasLeft = source.kind == .right || source.kind == .full
            let left = hasLeft ? source.leftTypes.map { Vector.null(type: $0, count: count) } : []
            let right = table.columns.indices.map { index in
                table.gather(index, rows, count: count, missing: nil, keep: buffer)
            }
            return DataChunk(columns: left + right, rowCount: count)
        }
    }
}
