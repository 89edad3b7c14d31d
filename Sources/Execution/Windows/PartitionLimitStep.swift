import Columns

/// Drops rows that cannot be among the first rows of their partition, before a window sorts what is left.
///
/// Each worker holds the first rows of the partitions that it has met and hands them on at its end, so that
/// a partition may have that many rows from each. Where memory is short, or partitions are too small for
/// many rows to be dropped, rows pass as they are. One worker keeps the order of rows with equal keys.
struct PartitionLimitStep: PipelineStep {
    let node: WindowNode
    /// Rows of a partition that are wanted, at least one.
    let limit: Int
    let memory: OperatorMemory

    func makeConsumer(next: ChunkConsumer, _ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        let computed = try ComputedColumns(node.partition + node.order.map(\.expression), context)
        let types = node.partition.map(\.type)
        let ranking: any PartitionRanking =
            limit == 1 && FirstRowRanking.takes(node.order)
            ? FirstRowRanking(partition: types, order: node.order)
            : SortedRanking(partition: types, order: node.order, limit: limit)
        return Consumer(computed, ranking, MemoryReservation(memory), next)
    }

    /// Rows after which it is judged whether holding them back is worth its cost.
    private static let trialRows = 1 << 20
    /// Rows are held at least until there are so many.
    private static let heldRowsMin = 1 << 13

    private final class Consumer: ChunkConsumer {
        private let computed: ComputedColumns
        private let ranking: any PartitionRanking
        private let reservation: MemoryReservation
        private let next: ChunkConsumer
        /// The input's columns, then those of the ranking.
        private var held: [DataChunk] = []
        private var heldRows = 0
        private var heldBytes = 0
        private var consumedRows = 0
        private var pruneAt = PartitionLimitStep.heldRowsMin
        /// Whether rows pass as they are.
        private var isGivenUp = false

        init(
            _ computed: ComputedColumns, _ ranking: any PartitionRanking, _ reservation: MemoryReservation,
            _ next: ChunkConsumer
        ) {
            self.computed = computed
            self.ranking = ranking
            self.reservation = reservation
            self.next = next
        }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            if isGivenUp { return try next.consume(chunk) }
            let count = chunk.selectedCount
            let values = try computed.evaluate(chunk)
            consumedRows += count
            let admitted = ranking.admit(values, count: count, heldRows: heldRows)
            if admitted.rows?.count == 0 { return }
            let rows = admitted.rows.map { $0.within(chunk.selection) } ?? chunk.selection
            let kept = DataChunk(columns: chunk.columns, rowCount: chunk.rowCount, selection: rows)
                .compacted()
            hold(DataChunk(columns: kept.columns + admitted.columns, rowCount: kept.rowCount))
            let bytes = heldBytes + ranking.bytes
            if bytes > reservation.bytes, !reservation.resizeIfPlentiful(to: bytes) { return try giveUp() }
            if heldRows > pruneAt {
                prune()
                pruneAt = max(heldRows * 2, PartitionLimitStep.heldRowsMin)
                if consumedRows >= PartitionLimitStep.trialRows, heldRows > consumedRows / 2 { try giveUp() }
            }
        }

        private func hold(_ chunk: DataChunk) {
            held.append(chunk)
            heldRows += chunk.rowCount
            heldBytes += RowCollection.bytes(of: chunk)
        }

        /// Drops the rows that others have displaced since they came.
        private func prune() {
            let first = ranking.first(held, heldRows: heldRows)
            let chunks = held
            held = []
            heldRows = 0
            heldBytes = 0
            var parts: [DataChunk] = []
            var partRows = 0
            var start = 0
            for chunk in chunks {
                let kept = first.rows(start..<(start + chunk.rowCount))
                start += chunk.rowCount
                if kept.count == 0 { continue }
                if partRows + kept.count > DataChunk.capacity {
                    hold(Self.joined(parts))
                    parts = []
                    partRows = 0
                }
                let selected = DataChunk(columns: chunk.columns, rowCount: chunk.rowCount, selection: kept)
                parts.append(selected.compacted())
                partRows += kept.count
            }
            if partRows > 0 { hold(Self.joined(parts)) }
        }

        /// One chunk of several, with texts of its own: those that were dropped are not kept alive.
        private static func joined(_ parts: [DataChunk]) -> DataChunk {
            let columns = parts[0].columns.indices.map { index in
                VectorConcatenation.concatenate(
                    parts.map { $0.columns[index] }, type: parts[0].columns[index].type
                ).withOwnTexts()
            }
            return DataChunk(columns: columns, rowCount: parts.reduce(0) { $0 + $1.rowCount })
        }

        /// Hands on what is held, and everything that comes as it is.
        private func giveUp() throws(ExecutionError) {
            isGivenUp = true
            try handOn()
        }

        private func handOn() throws(ExecutionError) {
            let width = ranking.columnCount
            while !held.isEmpty {
                let chunks = held
                held = []
                for chunk in chunks {
                    let columns = Array(chunk.columns.dropLast(width))
                    try next.consume(DataChunk(columns: columns, rowCount: chunk.rowCount))
                }
            }
            ranking.removeAll()
            try reservation.resize(to: 0)
        }

        override func finish() throws(ExecutionError) {
            if heldRows > 0, !isGivenUp {
                prune()
                try handOn()
            }
            try next.finish()
        }
    }
}

extension SelectionVector {
    /// The chosen ones of the rows that `outer` chooses; itself when that is nil.
    func within(_ outer: SelectionVector?) -> SelectionVector {
        guard let outer else { return self }
        let buffer = VectorBuffer(byteCount: count * 4)
        let target = buffer.pointer(as: UInt32.self)
        for index in 0..<count { target[index] = outer.rows[Int(rows[index])] }
        return SelectionVector(buffer: buffer, count: count)
    }
}

extension Vector {
    /// The same values; texts are copied, so that those of other rows need not stay in memory. O(bytes).
    func withOwnTexts() -> Vector {
        guard physical == .string, form == .flat else { return self }
        let heap = StringHeap()
        let buffer = VectorBuffer(byteCount: max(count, 1) * MemoryLayout<StringView>.stride)
        let source = pointer(as: StringView.self)
        let target = buffer.pointer(as: StringView.self)
        for row in 0..<count { target[row] = isNull(row) ? .empty : heap.add(source[row]) }
        return Vector(flat: buffer, type: type, count: count, validity: validity, heap: heap)
    }
}
