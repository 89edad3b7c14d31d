import Columns

/// Computes the output columns.
struct ProjectStep: PipelineStep {
    let expressions: [Expression]

    func makeConsumer(next: ChunkConsumer, _ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        Consumer(try ExpressionCompiler(context: EvaluationContext(context)).compile(expressions), next)
    }

    private final class Consumer: ChunkConsumer {
        private let computed: ComputedColumns
        private let next: ChunkConsumer

        init(_ nodes: [ExpressionNode], _ next: ChunkConsumer) {
            computed = ComputedColumns(nodes)
            self.next = next
        }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            try next.consume(try computed.project(chunk))
        }

        override func finish() throws(ExecutionError) { try next.finish() }
    }
}

/// Evaluates several expressions over a chunk, of which only some rows may be selected.
struct ComputedColumns {
    let nodes: [ExpressionNode]
    private let usedColumns: Set<Int>
    private let areColumnsOnly: Bool

    init(_ nodes: [ExpressionNode]) {
        self.nodes = nodes
        usedColumns = nodes.reduce(into: []) { $0.formUnion($1.usedColumns) }
        areColumnsOnly = nodes.allSatisfy { $0 is ColumnNode }
    }

    /// The expressions as columns. Where they are no more than columns the selection stays a selection.
    func project(_ chunk: DataChunk) throws(ExecutionError) -> DataChunk {
        if areColumnsOnly {
            var columns: [Vector] = []
            for node in nodes { columns.append(try node.evaluate(chunk)) }
            return DataChunk(columns: columns, rowCount: chunk.rowCount, selection: chunk.selection)
        }
        let rowCount = chunk.selectedCount
        return DataChunk(columns: try evaluate(chunk), rowCount: rowCount)
    }

    /// The expressions' values for the selected rows alone: vectors of `selectedCount` rows.
    func evaluate(_ chunk: DataChunk) throws(ExecutionError) -> [Vector] {
        let compact = compacted(chunk)
        var vectors: [Vector] = []
        vectors.reserveCapacity(nodes.count)
        for node in nodes { vectors.append(try node.evaluate(compact)) }
        return vectors
    }

    /// The selected rows of the used columns; other columns are NULL.
    private func compacted(_ chunk: DataChunk) -> DataChunk {
        guard let selection = chunk.selection, selection.count < chunk.rowCount else {
            return chunk.selection == nil ? chunk : DataChunk(columns: chunk.columns, rowCount: chunk.rowCount)
        }
        return DataChunk(
            columns: chunk.columns.enumerated().map { index, column in
                usedColumns.contains(index)
                    ? column.gathered(selection) : Vector.null(type: column.type, count: selection.count)
            }, rowCount: selection.count)
    }
}
