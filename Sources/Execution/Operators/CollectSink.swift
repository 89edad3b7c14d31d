import Columns
import Synchronization

/// Keeps all rows, for readers that may come several times: CTEs and scalar subqueries.
final class CollectSink: PipelineSink {
    private let types: [DataType]
    private let rows = SharedRows()
    private let made = Mutex<Collected?>(nil)

    private struct Collected: @unchecked Sendable {
        // Read-only once made; holds the memory reservation.
        let rows: RowCollection
    }

    init(types: [DataType]) { self.types = types }

    func makeConsumer(_ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        Worker(RowCollection(types: types, context))
    }

    func combine(_ consumer: ChunkConsumer) throws(ExecutionError) {
        guard let worker = consumer as? Worker else { preconditionFailure("the sink made its consumers") }
        try rows.absorb(worker.rows)
    }

    func finalize(_ context: QueryContext) throws(ExecutionError) {
        let collected = Collected(rows: rows.take() ?? RowCollection(types: types, context))
        made.withLock { $0 = collected }
    }

    var chunks: [DataChunk] {
        guard let collected = made.withLock({ $0 }) else {
            preconditionFailure("rows are read after the sink's pipeline has run")
        }
        return collected.rows.chunks
    }

    private final class Worker: ChunkConsumer {
        let rows: RowCollection

        init(_ rows: RowCollection) { self.rows = rows }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) { try rows.append(chunk) }
    }
}

/// Appends a scalar subquery's value as a constant column.
struct AppendScalarStep: PipelineStep {
    let scalar: CollectSink
    let type: DataType

    func makeConsumer(next: ChunkConsumer, _ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        let chunks = scalar.chunks
        let rowCount = chunks.reduce(0) { $0 + $1.rowCount }
        if rowCount > 1 { throw .cardinalityViolation }
        let value = chunks.first { $0.rowCount > 0 }?.columns[0].constantOfFirstRow(count: 1)
        return Consumer(value ?? Vector.null(type: type, count: 1), next)
    }

    private final class Consumer: ChunkConsumer {
        private let value: Vector
        private let next: ChunkConsumer

        init(_ value: Vector, _ next: ChunkConsumer) {
            self.value = value
            self.next = next
        }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            try next.consume(
                DataChunk(
                    columns: chunk.columns + [value.repeated(count: chunk.rowCount)],
                    rowCount: chunk.rowCount,
                    selection: chunk.selection))
        }

        override func finish() throws(ExecutionError) { try next.finish() }
    }
}

/// Rows of constant expressions.
enum ValuesRows {
    static func chunks(
        _ rows: [[Expression]], types: [DataType], _ context: QueryContext
    ) throws(ExecutionError) -> [DataChunk] {
        let compiler = ExpressionCompiler(context: EvaluationContext(context))
        let empty = DataChunk(columns: [], rowCount: 1)
        var chunks: [DataChunk] = []
        var start = 0
        while start < rows.count {
            let part = rows[start..<min(start + DataChunk.capacity, rows.count)]
            var columns: [[Vector]] = types.map { _ in [] }
            for row in part {
                for (column, expression) in row.enumerated() {
                    columns[column].append(try compiler.compile(expression).evaluate(empty))
                }
            }
            let vectors = zip(columns, types).map {
                VectorConcatenation.concatenate($0, type: $1).flattened()
            }
            chunks.append(DataChunk(columns: vectors, rowCount: part.count))
            start += part.count
        }
        return chunks
    }
}
