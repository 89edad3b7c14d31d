import Columns
import Synchronization

/// The rows that the last step of a recursion gave, which the next step reads.
final class WorkingTable: Sendable {
    private let held = Mutex<[DataChunk]>([])

    var chunks: [DataChunk] { held.withLock { $0 } }

    func replace(by chunks: [DataChunk]) { held.withLock { $0 = chunks } }
}

/// Runs a plan within a query and gives its rows.
protocol NestedPlan: Sendable {
    func rows(_ context: QueryContext) throws(ExecutionError) -> CollectSink
}

/// The rows of a recursive common table: a step runs when a reader asks for more rows than there are, so a
/// LIMIT ends a recursion that would not end by itself.
struct RecursiveSource: ChunkSource {
    let seed: any NestedPlan
    let step: any NestedPlan
    let working: WorkingTable
    let types: [DataType]
    let isDistinct: Bool
    let memory: OperatorMemory
    let context: QueryContext

    var morselCount: Int { 1 }
    var isOrdered: Bool { true }

    func makeReader() -> any ChunkReader { Reader(self) }

    private final class Reader: ChunkReader {
        private let source: RecursiveSource
        private let seen: SeenRows?
        /// Holds the memory of the rows that the working table shows.
        private var last: RowCollection?
        private var isStarted = false
        private var position = 0

        init(_ source: RecursiveSource) {
            self.source = source
            seen = source.isDistinct ? SeenRows(types: source.types, source.memory) : nil
        }

        func open(morsel: Int) -> Bool { true }

        func next() throws(ExecutionError) -> DataChunk? {
            while true {
                let chunks = last?.chunks ?? []
                if position < chunks.count {
                    position += 1
                    return chunks[position - 1]
                }
                if isStarted, chunks.isEmpty { return nil }
                try source.context.checkpoint()
                let plan = isStarted ? source.step : source.seed
                isStarted = true
                let rows = RowCollection(types: source.types, source.memory)
                try collect(try plan.rows(source.context).source, into: rows)
                last = rows
                position = 0
                source.working.replace(by: rows.chunks)
            }
        }

        private func collect(
            _ made: any ChunkSource, into rows: RowCollection
        ) throws(ExecutionError) {
            let reader = try made.makeReader()
            for morsel in 0..<made.morselCount where try reader.open(morsel: morsel) {
                while let chunk = try reader.next() {
                    if let seen {
                        if let fresh = try seen.fresh(chunk) { try rows.append(fresh) }
                    } else {
                        try rows.append(chunk)
                    }
                }
            }
        }
    }
}

/// Rows that have been met, of which each counts once. Belongs to one reader.
private final class SeenRows {
    private let grouping: Grouping?
    private var hasEmptyRow = false
    private let groups = VectorBuffer(byteCount: DataChunk.capacity * 4)
    private let reservation: MemoryReservation

    init(types: [DataType], _ memory: OperatorMemory) {
        grouping = types.isEmpty ? nil : Grouping(types: types, stateBytes: 0)
        reservation = MemoryReservation(memory)
    }

    /// The rows of the chunk that are met for the first time; nil for none.
    func fresh(_ chunk: DataChunk) throws(ExecutionError) -> DataChunk? {
        let compact = chunk.compacted()
        let count = compact.rowCount
        guard let grouping else {
            defer { hasEmptyRow = true }
            return hasEmptyRow || count == 0 ? nil : DataChunk(columns: [], rowCount: 1)
        }
        let known = grouping.count
        let numbers = groups.pointer(as: UInt32.self)
        grouping.assign(compact.columns, count: count, into: numbers)
        if grouping.bytes != reservation.bytes { try reservation.resize(to: grouping.bytes) }
        let kept = VectorBuffer(byteCount: max(count, 1) * 4)
        let rows = kept.pointer(as: UInt32.self)
        var keptCount = 0
        var isTaken = [Bool](repeating: false, count: grouping.count - known)
        for row in 0..<count where Int(numbers[row]) >= known && !isTaken[Int(numbers[row]) - known] {
            isTaken[Int(numbers[row]) - known] = true
            rows[keptCount] = UInt32(truncatingIfNeeded: row)
            keptCount += 1
        }
        if keptCount == 0 { return nil }
        let selection = SelectionVector(buffer: kept, count: keptCount)
        return DataChunk(columns: compact.columns, rowCount: count, selection: selection).compacted()
    }
}
