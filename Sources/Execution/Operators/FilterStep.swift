import Columns

/// Keeps the rows for which a predicate is true, by selection vectors.
struct FilterStep: PipelineStep {
    let predicate: Expression
    let probe: RowCounter

    func makeConsumer(next: ChunkConsumer, _ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        Consumer(try RowFilter(predicate, EvaluationContext(context)), next, probe.worker())
    }

    private final class Consumer: ChunkConsumer {
        private let filter: RowFilter
        private let next: ChunkConsumer
        private let counter: RowCounter.Worker

        init(_ filter: RowFilter, _ next: ChunkConsumer, _ counter: RowCounter.Worker) {
            self.filter = filter
            self.next = next
            self.counter = counter
        }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            guard let kept = try filter.apply(to: chunk) else { return }
            counter.rows += kept.selectedCount
            try next.consume(kept)
        }

        override var needsNoMore: Bool { next.needsNoMore }

        override func finish() throws(ExecutionError) {
            counter.flush()
            try next.finish()
        }
    }
}

/// A compiled predicate, which finds the rows of chunks for which it is true. Belongs to one worker.
struct RowFilter {
    /// Compiled against the used columns alone.
    private let node: ExpressionNode
    /// Columns of the input that the predicate reads, ascending.
    let usedColumns: [Int]

    init(_ predicate: Expression, _ context: EvaluationContext) throws(ExecutionError) {
        usedColumns = predicate.columns.sorted()
        let places = Dictionary(uniqueKeysWithValues: usedColumns.enumerated().map { ($1, $0) })
        node = try ExpressionCompiler(context: context).compile(predicate.mappingColumns(places))
    }

    /// The rows of the chunk for which the predicate is true; nil when there is none.
    func apply(to chunk: DataChunk) throws(ExecutionError) -> DataChunk? {
        let columns = usedColumns.map { chunk.columns[$0] }
        switch try passing(columns, rowCount: chunk.rowCount, selection: chunk.selection) {
        case .none: return nil
        case .all: return chunk
        case .some(let kept):
            return DataChunk(columns: chunk.columns, rowCount: chunk.rowCount, selection: kept)
        }
    }

    enum Passing {
        case none
        /// All that were selected.
        case all
        case some(SelectionVector)
    }

    /// - Parameter columns: The used columns alone.
    func passing(
        _ columns: [Vector], rowCount: Int, selection: SelectionVector?
    ) throws(ExecutionError) -> Passing {
        let input = DataChunk(columns: columns, rowCount: rowCount)
        guard let selection, selection.count < rowCount else {
            let mask = try node.truth(input)
            let count = mask.trueCount
            if count == 0 { return .none }
            if count == rowCount { return .all }
            return .some(SelectionVector(bitmap: mask.isTrue.words, rowCount: rowCount))
        }
        let live = ValidityMask(count: rowCount, allValid: false)
        for index in 0..<selection.count { live.setValid(Int(selection.rows[index])) }
        let mask = try node.truth(input, where: live)
        for word in 0..<ValidityMask.wordCount(for: rowCount) { live.words[word] &= mask.isTrue.words[word] }
        let kept = SelectionVector(bitmap: live.words, rowCount: rowCount)
        return kept.count == 0 ? .none : .some(kept)
    }
}
