import Columns
import Synchronization

/// Collects the build side of a join and makes its table. Rows that find no room are dealt out to temporary
/// files, all of them, and then there is no table.
final class JoinBuildSink: PipelineSink {
    private let types: [DataType]
    private let keys: [Expression]
    /// By key: where the probe side's scans look for the keys that are there.
    private let filters: [Int: JoinKeyFilterSlot]
    private let memory: OperatorMemory
    private let rows = SharedRows()
    private let made = Mutex<Made>(Made())

    private struct Made: @unchecked Sendable {
        // Guarded by the mutex until `finalize`, read-only afterwards.
        var table: JoinTable?
        /// Holds the memory reservation of the table.
        var owner: RowCollection?
        var filterMemory: MemoryReservation?
        var spilled: SpilledJoin?
    }

    init(
        types: [DataType], keys: [Expression], filters: [Int: JoinKeyFilterSlot] = [:],
        _ memory: OperatorMemory
    ) {
        self.types = types
        self.memory = memory
        self.keys = keys
        self.filters = filters
    }

    var keyTypes: [DataType] { keys.map(\.type) }

    /// The finished table, when the rows found room.
    var table: JoinTable {
        guard let table = made.withLock({ $0.table }) else {
            preconditionFailure("a join's build side runs before its probe side")
        }
        return table
    }

    /// The rows in files, when they found none.
    var spilled: SpilledJoin? { made.withLock { $0.spilled } }

    func makeConsumer(_ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        Worker(try ComputedColumns(keys, context), keyCount: keys.count, makeRows())
    }

    private func makeRows() -> RowCollection {
        let workBytes = keys.isEmpty ? 0 : JoinTable.indexBytesPerRow
        return RowCollection(types: types + keys.map(\.type), memory, workBytes: workBytes)
    }

    func combine(_ consumer: ChunkConsumer) throws(ExecutionError) {
        guard let worker = consumer as? Worker else { preconditionFailure("the sink made its consumers") }
        try rows.absorb(worker.rows)
        guard let parts = worker.parts else { return }
        try parts.flush()
        made.withLock { made in
            let spilled = made.spilled ?? SpilledJoin(keyCount: keys.count, memory)
            made.spilled = spilled
            spilled.addBuild(parts)
        }
    }

    func finalize(_ context: QueryContext) throws(ExecutionError) {
        let rows = rows.take() ?? makeRows()
        precondition(rows.rowCount < Int(UInt32.max), "rows of a build side are numbered by 32 bits")
        if let space = memory.space, spilled != nil || !rows.hasRoomToConcatenate {
            let parts = try DealtRows(types: rows.types, keyCount: keys.count, space, memory)
            for chunk in rows.chunks { try parts.append(chunk) }
            try rows.removeAll()
            try parts.flush()
            return made.withLock { made in
                let spilled = made.spilled ?? SpilledJoin(keyCount: keys.count, memory)
                made.spilled = spilled
                spilled.addBuild(parts)
            }
        }
        let rowCount = rows.rowCount
        let columns = try rows.concatenated()
        let filterMemory = MemoryReservation(memory)
        for (number, slot) in filters {
            guard let filter = JoinKeyFilter(columns[types.count + number], rowCount: rowCount),
                filterMemory.resizeIfPossible(to: filterMemory.bytes + filter.bytes)
            else { continue }
            slot.set(filter)
        }
        let table = JoinTable(
            columns: Array(columns[0..<types.count]), keys: Array(columns[types.count...]), rowCount: rowCount
        )
        made.withLock { made in
            made.table = table
            made.owner = rows
            made.filterMemory = filterMemory
        }
    }

    private final class Worker: ChunkConsumer {
        private let keys: ComputedColumns
        private let keyCount: Int
        let rows: RowCollection
        /// Takes all rows since there was no room for more.
        private(set) var parts: DealtRows?

        init(_ keys: ComputedColumns, keyCount: Int, _ rows: RowCollection) {
            self.keys = keys
            self.keyCount = keyCount
            self.rows = rows
        }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            let compact = chunk.compacted()
            let values = keyCount > 0 ? try keys.evaluate(compact) : []
            let row = DataChunk(columns: compact.columns + values, rowCount: compact.rowCount)
            if let parts { return try parts.append(row) }
            if rows.appendIfPlentiful(row) { return }
            guard let space = rows.memory.space else { return try rows.append(row) }
            let parts = try DealtRows(types: rows.types, keyCount: keyCount, space, rows.memory)
            self.parts = parts
            for kept in rows.chunks { try parts.append(kept) }
            try rows.removeAll()
            try parts.append(row)
        }
    }
}
