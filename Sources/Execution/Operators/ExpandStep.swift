import Columns

/// Repeats each chunk for every grouping set: the keys of the set as they are, the others NULL.
struct ExpandStep: PipelineStep {
    let node: ExpandNode
    let counter: RowCounter

    func makeConsumer(next: ChunkConsumer, _ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        Consumer(node, try ComputedColumns(node.keys, context), next, counter.worker())
    }

    private final class Consumer: ChunkConsumer {
        private let node: ExpandNode
        private let keys: ComputedColumns
        private let next: ChunkConsumer
        private let counter: RowCounter.Worker

        init(_ node: ExpandNode, _ keys: ComputedColumns, _ next: ChunkConsumer, _ counter: RowCounter.Worker)
        {
            self.node = node
            self.keys = keys
            self.next = next
            self.counter = counter
        }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            let compact = chunk.compacted()
            let count = compact.rowCount
            let values = try keys.evaluate(compact)
            let nulls = values.map { Vector.constant(.null, type: $0.type, count: count) }
            for (number, set) in node.sets.enumerated() {
                let columns = values.indices.map { set.contains($0) ? values[$0] : nulls[$0] }
                let number = Vector.constant(.integer(Int32(number)), type: .integer, count: count)
                counter.rows += count
                try next.consume(
                    DataChunk(columns: compact.columns + columns + [number], rowCount: count))
            }
        }

        override func finish() throws(ExecutionError) {
            counter.flush()
            try next.finish()
        }
    }
}
