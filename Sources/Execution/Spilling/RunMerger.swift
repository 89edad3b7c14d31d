import Columns

/// Merges sorted runs into one order; of equal rows those of the earlier run come first.
///
/// Holds a chunk of each run, and costs O(log runs) comparisons a row.
final class RunMerger {
    private let keys: [SortKey]
    private let types: [DataType]
    private let columnCount: Int
    private var cursors: [Cursor] = []
    /// Cursors with rows left as a binary heap, the one with the next row first.
    private var heap: [Int] = []

    /// Where the merge stands in a run.
    private final class Cursor {
        let run: SpilledRows
        var block = 0
        var chunk = DataChunk(columns: [], rowCount: 0)
        var keys = MergeKeys([], [], rowCount: 0)
        var row = 0

        init(_ run: SpilledRows) { self.run = run }
    }

    /// - Parameter columnCount: Columns before the key columns.
    init(_ runs: [SpilledRows], keys: [SortKey], columnCount: Int) throws(ExecutionError) {
        self.keys = keys
        self.columnCount = columnCount
        types = runs.first?.types ?? []
        for run in runs {
            let cursor = Cursor(run)
            cursors.append(cursor)
            if try advance(cursor) { heap.append(cursors.count - 1) }
        }
        for place in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(place) }
    }

    /// Loads the next chunk of a run; false at its end.
    private func advance(_ cursor: Cursor) throws(ExecutionError) -> Bool {
        guard cursor.block < cursor.run.blocks.count else { return false }
        cursor.chunk = try cursor.run.chunk(cursor.block)
        cursor.block += 1
        cursor.keys = MergeKeys(
            Array(cursor.chunk.columns[columnCount...]), keys, rowCount: cursor.chunk.rowCount)
        cursor.row = 0
        return true
    }

    private func isBefore(_ first: Int, _ second: Int) -> Bool {
        let (one, two) = (cursors[first], cursors[second])
        let order = one.keys.compare(one.row, two.keys, two.row)
        return order == 0 ? first < second : order < 0
    }

    private func sink(_ start: Int) {
        var place = start
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
                if isBefore(heap[child], heap[least]) { least = child }
            }
            if least == place { return }
            heap.swapAt(place, least)
            place = least
        }
    }

    /// The next rows with their key columns, at most a chunk; nil at the end.
    func next() throws(ExecutionError) -> DataChunk? {
        var sources: [DataChunk] = []
        var rowsOf: [[UInt32]] = []
        var sourceOfCursor = [Int](repeating: -1, count: cursors.count)
        var picks: [(source: Int, place: Int)] = []
        while picks.count < DataChunk.capacity, let best = heap.first {
            let cursor = cursors[best]
            if sourceOfCursor[best] < 0 {
                sourceOfCursor[best] = sources.count
                sources.append(cursor.chunk)
                rowsOf.append([])
            }
            let source = sourceOfCursor[best]
            picks.append((source, rowsOf[source].count))
            rowsOf[source].append(UInt32(truncatingIfNeeded: cursor.row))
            cursor.row += 1
            if cursor.row == cursor.chunk.rowCount {
                sourceOfCursor[best] = -1
                if try !advance(cursor) {
                    heap[0] = heap[heap.count - 1]
                    heap.removeLast()
                }
            }
            sink(0)
        }
        return picks.isEmpty ? nil : gather(sources, rowsOf, picks)
    }

    /// The picked rows: those of each source behind one another, then in the order of the picks.
    private func gather(
        _ sources: [DataChunk], _ rowsOf: [[UInt32]], _ picks: [(source: Int, place: Int)]
    ) -> DataChunk {
        var starts: [Int] = []
        var total = 0
        for rows in rowsOf {
            starts.append(total)
            total += rows.count
        }
        let order = SelectionVector(picks.map { UInt32(truncatingIfNeeded: starts[$0.source] + $0.place) })
        let selections = rowsOf.map { SelectionVector($0) }
        let columns = types.indices.map { index in
            let parts = zip(sources, selections).map { $0.columns[index].gathered($1) }
            return VectorConcatenation.concatenate(parts, type: types[index]).gathered(order)
        }
        return DataChunk(columns: columns, rowCount: picks.count)
    }
}

extension SelectionVector {
    /// The rows of an array.
    init(_ rows: [UInt32]) {
        let buffer = VectorBuffer(byteCount: rows.count * 4)
        rows.withUnsafeBufferPointer { source in
            if let base = source.baseAddress {
                buffer.pointer(as: UInt32.self).update(from: base, count: source.count)
            }
        }
        self.init(buffer: buffer, count: rows.count)
    }
}
