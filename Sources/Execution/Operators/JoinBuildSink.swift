import Columns
import Synchronization

/// Collects the build side of a join and makes its table.
final class JoinBuildSink: PipelineSink {
    private let types: [DataType]
    private let keys: [Expression]
    /// By key: where the probe side's scans look for the keys that are there.
    private let filters: [Int: JoinKeyFilterSlot]
    private let memory: OperatorMemory
    private let rows = SharedRows()
    private let made = Mutex<JoinTable?>(nil)

    init(
        types: [DataType], keys: [Expression], filters: [Int: JoinKeyFilterSlot] = [:],
        _ memory: OperatorMemory
    ) {
        self.types = types
        self.memory = memory
        self.keys = keys
        self.filters = filters
    }

    /// The finished table.
    var table: JoinTable {
        guard let table = made.withLock({ $0 }) else {
            preconditionFailure("a join's build side runs before its probe side")
        }
        return table
    }

    func makeConsumer(_ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        Worker(
            try ComputedColumns(keys, context), hasKeys: !keys.isEmpty,
            RowCollection(types: types + keys.map(\.type), memory))
    }

    func combine(_ consumer: ChunkConsumer) throws(ExecutionError) {
        guard let worker = consumer as? Worker else { preconditionFailure("the sink made its consumers") }
        try rows.absorb(worker.rows)
    }

    func finalize(_ context: QueryContext) throws(ExecutionError) {
        let rows = rows.take() ?? RowCollection(types: types + keys.map(\.type), memory)
        let rowCount = rows.rowCount
        precondition(rowCount < Int(UInt32.max), "rows of a build side are numbered by 32 bits")
        let columns = try rows.concatenated()
        for (number, slot) in filters {
            slot.set(JoinKeyFilter(columns[types.count + number], rowCount: rowCount))
        }
        let table = JoinTable(
            columns: Array(columns[0..<types.count]), keys: Array(columns[types.count...]), rowCount: rowCount
        )
        try memory.reserve(table.indexBytes)
        memory.release(table.indexBytes)
        made.withLock { $0 = table }
    }

    private final class Worker: ChunkConsumer {
        private let keys: ComputedColumns
        private let hasKeys: Bool
        let rows: RowCollection

        init(_ keys: ComputedColumns, hasKeys: Bool, _ rows: RowCollection) {
            self.keys = keys
            self.hasKeys = hasKeys
            self.rows = rows
        }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            let compact = chunk.compacted()
            let values = hasKeys ? try keys.evaluate(compact) : []
            try rows.append(DataChunk(columns: compact.columns + values, rowCount: compact.rowCount))
        }
    }
}
