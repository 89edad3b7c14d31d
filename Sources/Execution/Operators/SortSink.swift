import Columns
import Synchronization

/// ORDER BY, whole or the first rows only. Rows beyond the budget are sorted in runs, written to temporary
/// files and merged. Equal rows keep the order in which they came when one worker reads
/// them.
final class SortSink: PipelineSink {
    private let types: [DataType]
    private let keys: [SortKey]
    /// Rows wanted from the front; nil for all.
    private let keptMax: Int?
    private let offset: Int
    private let memory: OperatorMemory
    private let rows = SharedRows()
    private let runs = SortedRuns()
    private let made = Mutex<SortedRows?>(nil)

    init(types: [DataType], keys: [SortKey], limit: Int?, offset: Int, _ memory: OperatorMemory) {
        self.types = types
        self.memory = memory
        self.keys = keys
        self.offset = max(0, offset)
        keptMax = limit.map {
            max(0, $0).addingReportingOverflow(max(0, offset)).overflow ? .max : max(0, $0) + max(0, offset)
        }
    }

    private var allTypes: [DataType] { types + keys.map(\.expression.type) }

    func makeConsumer(_ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        Worker(self, try ComputedColumns(keys.map(\.expression), context), makeRows())
    }

    /// Sorting takes the keys' words, twice the leading one with the row's number, and one column's copy.
    private func makeRows() -> RowCollection {
        RowCollection(types: allTypes, memory, workBytes: 56 + 16 * keys.count)
    }

    func combine(_ consumer: ChunkConsumer) throws(ExecutionError) {
        guard let worker = consumer as? Worker else { preconditionFailure("the sink made its consumers") }
        try worker.finishRuns()
        runs.absorb(worker.runs)
        try rows.absorb(worker.rows)
    }

    func finalize(_ context: QueryContext) throws(ExecutionError) {
        let rows = rows.take() ?? makeRows()
        if !runs.all.isEmpty, rows.rowCount > 0, let space = memory.space {
            // Workers that had room for all of their rows join those that had not.
            runs.absorb([try write(rows, SpillFile(space, memory))])
        }
        let sorted = try sort(rows)
        made.withLock { $0 = sorted }
    }

    /// Writes rows as a sorted run and gives them up.
    private func write(_ rows: RowCollection, _ file: SpillFile) throws(ExecutionError) -> SpilledRows {
        let sorted = try sort(rows)
        let run = SpilledRows(types: rows.types)
        let reader = sorted.makeReader()
        for morsel in 0..<sorted.morselCount {
            _ = try reader.open(morsel: morsel)
            while let chunk = try reader.next() { try run.append(chunk, to: file) }
        }
        try rows.removeAll()
        return run
    }

    private func sort(_ rows: RowCollection) throws(ExecutionError) -> SortedRows {
        let rowCount = rows.rowCount
        precondition(rowCount < Int(UInt32.max), "sorted rows are numbered by 32 bits")
        let columns = try rows.concatenated()
        let order = SortKeys(Array(columns[types.count...]), keys, rowCount: rowCount).sortedRows()
        let buffer = VectorBuffer(byteCount: order.count * 4)
        order.withUnsafeBufferPointer { source in
            if let base = source.baseAddress {
                buffer.pointer(as: UInt32.self).update(from: base, count: source.count)
            }
        }
        return SortedRows(
            columns: columns, order: buffer, range: 0..<min(rowCount, keptMax ?? rowCount), owner: rows)
    }

    /// The rows in order, without the key columns.
    func source() throws(ExecutionError) -> any ChunkSource {
        let runs = runs.all
        if !runs.isEmpty {
            return MergeSource(
                runs: runs, keys: keys, columnCount: types.count,
                range: offset..<max(offset, keptMax ?? .max),
                memory: memory)
        }
        guard var sorted = made.withLock({ $0 }) else {
            preconditionFailure("a source is made after the sink's pipeline has run")
        }
        sorted.range = min(offset, sorted.range.upperBound)..<sorted.range.upperBound
        sorted.columnCount = types.count
        return sorted
    }

    private final class Worker: ChunkConsumer {
        private let sink: SortSink
        private let keys: ComputedColumns
        let rows: RowCollection
        /// Sorted runs that were written, in the order of their rows.
        private(set) var runs: [SpilledRows] = []
        private var file: SpillFile?
        private let pruneAt: Int?
        private var threshold: TopThreshold?

        init(_ sink: SortSink, _ keys: ComputedColumns, _ rows: RowCollection) {
            self.sink = sink
            self.keys = keys
            self.rows = rows
            // Beyond this many rows the rest is dropped; large limits are sorted once at the end.
            pruneAt = sink.keptMax.flatMap { $0 < 1 << 20 ? max($0 * 4, 4_096) : nil }
        }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            let values = try keys.evaluate(chunk)
            let count = chunk.selectedCount
            guard let threshold else { return try keep(chunk.compacted(), values) }
            guard let candidates = threshold.candidates(values[0], count: count) else { return }
            if candidates.count == count { return try keep(chunk.compacted(), values) }
            let rows = candidates.within(chunk.selection)
            let kept = DataChunk(columns: chunk.columns.map { $0.gathered(rows) }, rowCount: rows.count)
            try keep(kept, values.map { $0.gathered(candidates) })
        }

        private func keep(_ compact: DataChunk, _ values: [Vector]) throws(ExecutionError) {
            let chunk = DataChunk(columns: compact.columns + values, rowCount: compact.rowCount)
            if !rows.appendIfPlentiful(chunk) {
                guard let space = rows.memory.space else { return try rows.append(chunk) }
                try spill(space)
                try rows.append(chunk)
            }
            if let pruneAt, rows.rowCount > pruneAt { try prune() }
        }

        private func spill(_ space: SpillSpace) throws(ExecutionError) {
            if rows.rowCount == 0 { return }
            runs.append(try sink.write(rows, SpillFile.open(&file, space, rows.memory)))
        }

        /// A worker that has written a run writes all of its rows.
        func finishRuns() throws(ExecutionError) {
            if !runs.isEmpty, let space = rows.memory.space { try spill(space) }
        }

        /// Keeps the rows that can still be among the first.
        private func prune() throws(ExecutionError) {
            let sorted = try sink.sort(rows)
            try rows.removeAll()
            let reader = sorted.makeReader()
            var last: DataChunk?
            for morsel in 0..<sorted.morselCount {
                _ = try reader.open(morsel: morsel)
                while let chunk = try reader.next() {
                    try rows.append(chunk)
                    last = chunk
                }
            }
            guard let last, rows.rowCount == sink.keptMax, let key = sink.keys.first else { return }
            let bound = last.columns[sink.types.count].slice((last.rowCount - 1)..<last.rowCount)
            threshold = TopThreshold(key: key, bound: bound.constantOfFirstRow(count: 1))
        }
    }
}

/// Columns read in another order.
struct SortedRows: ChunkSource, @unchecked Sendable {
    // Read-only once made.
    let columns: [Vector]
    let order: VectorBuffer
    var range: Range<Int>
    /// Holds the memory reservation of the rows.
    let owner: RowCollection
    /// Leading columns that are handed on; nil for all.
    var columnCount: Int?

    init(columns: [Vector], order: VectorBuffer, range: Range<Int>, owner: RowCollection) {
        self.columns = columns
        self.order = order
        self.range = range
        self.owner = owner
    }

    var morselCount: Int { (range.count + DataChunk.capacity - 1) / DataChunk.capacity }
    var isOrdered: Bool { true }

    func makeReader() -> any ChunkReader { Reader(self) }

    private final class Reader: ChunkReader {
        private let rows: SortedRows
        private var start: Int?

        init(_ rows: SortedRows) { self.rows = rows }

        func open(morsel: Int) -> Bool {
            start = rows.range.lowerBound + morsel * DataChunk.capacity
            return true
        }

        func next() -> DataChunk? {
            guard let first = start else { return nil }
            start = nil
            let count = min(DataChunk.capacity, rows.range.upperBound - first)
            let slice = VectorBuffer(
                borrowing: UnsafeRawPointer(rows.order.base + first * 4), byteCount: count * 4,
                owner: rows.order)
            let selection = SelectionVector(buffer: slice, count: count)
            let columns = rows.columns.prefix(rows.columnCount ?? rows.columns.count)
            return DataChunk(columns: columns.map { $0.gathered(selection) }, rowCount: count)
        }
    }
}
