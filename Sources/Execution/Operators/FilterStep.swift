import Columns

/// Keeps the rows for which a predicate is true, by selection vectors.
struct FilterStep: PipelineStep {
    let predicate: Expression
    let probe: RowCounter

    func makeConsumer(next: ChunkConsumer, _ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        let node = try ExpressionCompiler(context: EvaluationContext(context)).compile(predicate)
        return Consumer(node, next, probe.worker())
    }

    private final class Consumer: ChunkConsumer {
        private let node: ExpressionNode
        private let next: ChunkConsumer
        private let counter: RowCounter.Worker

        init(_ node: ExpressionNode, _ next: ChunkConsumer, _ counter: RowCounter.Worker) {
            self.node = node
            self.next = next
            self.counter = counter
        }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            guard let kept = try RowFilter.apply(node, to: chunk) else { return }
            counter.rows += kept.selectedCount
            try next.consume(kept)
        }

        override func finish() throws(ExecutionError) {
            counter.flush()
            try next.finish()
        }
    }
}

/// Applies compiled predicates to chunks.
enum RowFilter {
    /// The rows of the chunk for which the predicate is true; nil when there is none.
    static func apply(_ node: ExpressionNode, to chunk: DataChunk) throws(ExecutionError) -> DataChunk? {
        let whole = DataChunk(columns: chunk.columns, rowCount: chunk.rowCount)
        guard let selection = chunk.selection, selection.count < chunk.rowCount else {
            let mask = try node.truth(whole)
            let count = mask.trueCount
            if count == 0 { return nil }
            if count == chunk.rowCount { return whole }
            return DataChunk(
                columns: chunk.columns, rowCount: chunk.rowCount,
                selection: SelectionVector(bitmap: mask.isTrue.words, rowCount: chunk.rowCount))
        }
        let live = ValidityMask(count: chunk.rowCount, allValid: false)
        for index in 0..<selection.count { live.setValid(Int(selection.rows[index])) }
        let mask = try node.truth(whole, where: live)
        for word in 0..<ValidityMask.wordCount(for: chunk.rowCount) { live.words[word] &= mask.isTrue.words[word] }
        let kept = SelectionVector(bitmap: live.words, rowCount: chunk.rowCount)
        return kept.count == 0 ? nil : DataChunk(columns: chunk.columns, rowCount: chunk.rowCount, selection: kept)
    }
}
