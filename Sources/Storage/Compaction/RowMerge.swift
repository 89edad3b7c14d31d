import Columns

/// Merges sorted sources into one order, a chunk at a time: rows with equal keys in the order of their
/// sources. Holds a chunk of each source.
final class RowMerge {
    static let sourcesMax = 255

    private final class Cursor {
        let source: any RowSource
        var columns: [Vector] = []
        let keys = SortKeys()
        var rowCount = 0
        var row = 0

        init(_ source: any RowSource) { self.source = source }

        /// Goes to the next chunk; false at the end.
        func refill(_ keyColumns: [Int]) throws(StorageError) -> Bool {
            guard let chunk = try source.next() else {
                columns = []
                return false
            }
            columns = chunk.columns
            rowCount = chunk.rowCount
            row = 0
            keys.removeAll()
            keys.append(keyColumns.map { chunk.columns[$0] }, rowCount: chunk.rowCount)
            return true
        }
    }

    private let cursors: [Cursor]
    private let keyColumns: [Int]
    /// Cursors that have rows, as a heap with the one of the first row on top.
    private var heap: [Int] = []
    private var isStarted = false
    private var picks = RowPicks()
    /// The source of each row so far, in output order; empty while there is only one source.
    private(set) var trace: [UInt8] = []

    init(_ sources: [any RowSource], keyColumns: [Int]) {
        precondition(sources.count <= Self.sourcesMax, "the trace has a byte a row")
        cursors = sources.map { Cursor($0) }
        self.keyColumns = keyColumns
    }

    /// The next rows; nil at the end.
    func next() throws(StorageError) -> DataChunk? {
        if cursors.count == 1 { return try cursors[0].source.next() }
        try start()
        picks.removeAll()
        while let top = heap.first, picks.count < DataChunk.capacity {
            let cursor = cursors[top]
            take(top, cursor)
            if cursor.row < cursor.rowCount {
                sift(0)
                continue
            }
            // What has been picked of the chunk must be copied before the next one takes its place.
            let chunk = picked()
            if try cursor.refill(keyColumns) {
                sift(0)
            } else {
                heap[0] = heap[heap.count - 1]
                heap.removeLast()
                sift(0)
            }
            return chunk
        }
        return picks.count == 0 ? nil : picked()
    }

    /// Takes rows of the top cursor while they come before those of all others.
    private func take(_ top: Int, _ cursor: Cursor) {
        var second: Int?
        if heap.count > 1 { second = heap[1] }
        if heap.count > 2, let other = second, comesBefore(heap[2], other) { second = heap[2] }
        repeat {
            picks.append(chunk: top, row: cursor.row)
            trace.append(UInt8(truncatingIfNeeded: top))
            cursor.row += 1
        } while cursor.row < cursor.rowCount && picks.count < DataChunk.capacity
            && (second.map { comesBefore(top, $0) } ?? true)
    }

    private func picked() -> DataChunk {
        // A cursor that has ended stands for no picked row: another's columns take its place.
        guard let some = cursors.first(where: { !$0.columns.isEmpty })?.columns else {
            preconditionFailure("picked rows come from a cursor that has not ended")
        }
        let columns = some.indices.map { column in
            cursors.map { $0.columns.isEmpty ? some[column] : $0.columns[column] }
        }
        return RowPicker.pick(picks, from: columns)
    }

    private func start() throws(StorageError) {
        guard !isStarted else { return }
        isStarted = true
        for (index, cursor) in cursors.enumerated() where try cursor.refill(keyColumns) { heap.append(index) }
        for place in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sift(place) }
    }

    @inline(__always) private func comesBefore(_ left: Int, _ right: Int) -> Bool {
        let first = cursors[left]
        let second = cursors[right]
        let order = first.keys.compare(first.row, second.keys, second.row)
        return order != 0 ? order < 0 : left < right
    }

    private func sift(_ from: Int) {
        var place = from
        while true {
            var child = 2 * place + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count && comesBefore(heap[child + 1], heap[child]) { child += 1 }
            guard comesBefore(heap[child], heap[place]) else { return }
            heap.swapAt(child, place)
            place = child
        }
    }
}
