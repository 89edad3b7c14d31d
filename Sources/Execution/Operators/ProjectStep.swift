import Columns

/// Computes the output columns.
struct ProjectStep: PipelineStep {
    let expressions: [Expression]
    let counter: RowCounter

    func makeConsumer(next: ChunkConsumer, _ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        Consumer(try ComputedColumns(expressions, context), next, counter.worker())
    }

    private final class Consumer: ChunkConsumer {
        private let computed: ComputedColumns
        private let next: ChunkConsumer
        private let counter: RowCounter.Worker

        init(_ computed: ComputedColumns, _ next: ChunkConsumer, _ counter: RowCounter.Worker) {
            self.computed = computed
            self.next = next
            self.counter = counter
        }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            counter.rows += chunk.selectedCount
            try next.consume(try computed.project(chunk))
        }

        override var needsNoMore: Bool { next.needsNoMore }

        override func finish() throws(ExecutionError) {
            counter.flush()
            try next.finish()
        }
    }
}

/// Evaluates several expressions over a chunk, of which only some rows may be selected. Belongs to one
/// worker.
struct ComputedColumns {
    /// Compiled against the used columns alone.
    private let nodes: [ExpressionNode]
    /// Columns of the input that some expression reads, ascending.
    private let usedColumns: [Int]
    /// The input column that each expression is, when all are no more than columns.
    private let plainColumns: [Int]?

    init(_ expressions: [Expression], _ context: QueryContext) throws(ExecutionError) {
        let used = expressions.reduce(into: Set<Int>()) { $0.formUnion($1.columns) }.sorted()
        let places = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
        nodes = try ExpressionCompiler(context: EvaluationContext(context)).compile(
            expressions.map { $0.mappingColumns(places) })
        usedColumns = used
        let plain = expressions.compactMap { expression -> Int? in
            if case .column(let index, _) = expression { index } else { nil }
        }
        plainColumns = plain.count == expressions.count ? plain : nil
    }

    /// The expressions as columns. Where they are no more than columns the selection stays a selection.
    func project(_ chunk: DataChunk) throws(ExecutionError) -> DataChunk {
        if let plainColumns { return chunk.projected(plainColumns) }
        return DataChunk(columns: try evaluate(chunk), rowCount: chunk.selectedCount)
    }

    /// The expressions' values for the selected rows alone: vectors of `selectedCount` rows.
    func evaluate(_ chunk: DataChunk) throws(ExecutionError) -> [Vector] {
        let compact = chunk.projected(usedColumns).compacted()
        var vectors: [Vector] = []
        vectors.reserveCapacity(nodes.count)
        for node in nodes { vectors.append(try node.evaluate(compact)) }
        return vectors
    }
}

extension Expression {
    /// The same with the column numbers that `places` gives; every column has a place.
    func mappingColumns(_ places: [Int: Int]) -> Expression {
        func map(_ parts: [Expression]) -> [Expression] { parts.map { $0.mappingColumns(places) } }
        switch self {
        case .column(let index, let type): return .column(places[index] ?? index, type)
        case .constant: return self
        case .comparison(let comparison, let left, let right):
            return .comparison(comparison, left.mappingColumns(places), right.mappingColumns(places))
        case .and(let parts): return .and(map(parts))
        case .or(let parts): return .or(map(parts))
        case .not(let operand): return .not(operand.mappingColumns(places))
        case .isNull(let operand): return .isNull(operand.mappingColumns(places))
        case .isNotNull(let operand): return .isNotNull(operand.mappingColumns(places))
        case .call(let function, let arguments): return .call(function, map(arguments))
        case .cast(let operand, let type): return .cast(operand.mappingColumns(places), type)
        case .caseWhen(let branches, let otherwise, let type):
            let mapped = branches.map { branch in
                WhenBranch(
                    condition: branch.condition.mappingColumns(places),
                    result: branch.result.mappingColumns(places))
            }
            return .caseWhen(mapped, otherwise: otherwise?.mappingColumns(places), type)
        case .inList(let operand, let values): return .inList(operand.mappingColumns(places), values)
        case .coalesce(let parts, let type): return .coalesce(map(parts), type)
        }
    }
}
