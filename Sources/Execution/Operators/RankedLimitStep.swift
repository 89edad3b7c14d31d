import Columns

/// Passes the rows of each partition whose number in it is within bounds. Takes all rows of a query, in
/// order, by one worker.
struct RankedLimitStep: PipelineStep {
    let node: RankedLimitNode
    let memory: OperatorMemory
    let counter: RowCounter

    func makeConsumer(next: ChunkConsumer, _ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        let none = Expression.constant(.null, .bigint)
        let keys = node.withTies ? node.keys : []
        let computed = try ComputedColumns(
            [node.count ?? none, node.offset ?? none] + node.partition + keys, context)
        return Consumer(node, computed, memory, next, counter.worker())
    }

    private final class Consumer: ChunkConsumer {
        private let node: RankedLimitNode
        private let computed: ComputedColumns
        private let next: ChunkConsumer
        private let counter: RowCounter.Worker
        private let partitions: Grouping?
        /// Numbers the different keys within partitions; nil where ties do not matter.
        private let ties: Grouping?
        private let reservation: MemoryReservation
        private let groups = VectorBuffer(byteCount: DataChunk.capacity * 4)
        private let tieGroups = VectorBuffer(byteCount: DataChunk.capacity * 4)
        /// Rows so far, by partition.
        private var counts: [Int64] = [0]
        /// The keys of the row last taken, by partition.
        private var lastTaken: [UInt32] = [.max]

        init(
            _ node: RankedLimitNode, _ computed: ComputedColumns, _ memory: OperatorMemory,
            _ next: ChunkConsumer, _ counter: RowCounter.Worker
        ) {
            self.node = node
            self.computed = computed
            self.next = next
            self.counter = counter
            let types = node.partition.map(\.type)
            partitions = types.isEmpty ? nil : Grouping(types: types, stateBytes: 0)
            ties = node.withTies ? Grouping(types: types + node.keys.map(\.type), stateBytes: 0) : nil
            reservation = MemoryReservation(memory)
        }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            let compact = chunk.compacted()
            let count = compact.rowCount
            let values = try computed.evaluate(compact)
            let limits = values[0].flat(count: count)
            let offsets = values[1].flat(count: count)
            let partitionColumns = Array(values[2..<(2 + node.partition.count)])
            let numbers = groups.pointer(as: UInt32.self)
            let tieNumbers = tieGroups.pointer(as: UInt32.self)
            numbers.update(repeating: 0, count: count)
            partitions?.assign(partitionColumns, count: count, into: numbers)
            ties?.assign(Array(values[2...]), count: count, into: tieNumbers)
            try account()
            let kept = VectorBuffer(byteCount: max(count, 1) * 4)
            let rows = kept.pointer(as: UInt32.self)
            var keptCount = 0
            for row in 0..<count {
                let limit = try bound(limits, row, "LIMIT") ?? .max
                let offset = try bound(offsets, row, "OFFSET") ?? 0
                let partition = Int(numbers[row])
                let number = counts[partition]
                counts[partition] += 1
                if number < offset { continue }
                let isWithin = number - offset < limit
                if isWithin {
                    lastTaken[partition] = ties == nil ? 0 : tieNumbers[row]
                } else if ties == nil || limit == 0 || lastTaken[partition] != tieNumbers[row] {
                    continue
                }
                rows[keptCount] = UInt32(truncatingIfNeeded: row)
                keptCount += 1
            }
            if keptCount == 0 { return }
            counter.rows += keptCount
            try next.consume(
                DataChunk(
                    columns: compact.columns, rowCount: count,
                    selection: SelectionVector(buffer: kept, count: keptCount)))
        }

        private func bound(
            _ vector: Vector, _ row: Int, _ clause: String
        ) throws(ExecutionError) -> Int64? {
            if vector.isNull(row) { return nil }
            let value = vector.pointer(as: Int64.self)[row]
            if value < 0 { throw .negativeRowCount(clause: clause) }
            return value
        }

        private func account() throws(ExecutionError) {
            if let partitions, partitions.count > counts.count {
                let added = partitions.count - counts.count
                counts.append(contentsOf: repeatElement(0, count: added))
                lastTaken.append(contentsOf: repeatElement(.max, count: added))
            }
            let bytes = (partitions?.bytes ?? 0) + (ties?.bytes ?? 0) + counts.count * 12
            if bytes != reservation.bytes { try reservation.resize(to: bytes) }
        }

        override func finish() throws(ExecutionError) {
            counter.flush()
            try next.finish()
        }
    }
}
