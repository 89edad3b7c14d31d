import Columns
import Synchronization

/// Keeps all rows, for readers that may come several times: CTEs and scalar subqueries. Beyond the budget
/// they go to temporary files.
final class CollectSink: PipelineSink {
    private let types: [DataType]
    private let memory: OperatorMemory
    private let rows = SharedRows()
    private let spilled = Mutex<SpilledRows?>(nil)
    private let made = Mutex<Collected?>(nil)

    private struct Collected: @unchecked Sendable {
        // Read-only once made; holds the memory reservation.
        let rows: RowCollection
        let spilled: SpilledRows?
    }

    init(types: [DataType], _ memory: OperatorMemory) {
        self.types = types
        self.memory = memory
    }

    func makeConsumer(_ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        Worker(RowCollection(types: types, memory))
    }

    func combine(_ consumer: ChunkConsumer) throws(ExecutionError) {
        guard let worker = consumer as? Worker else { preconditionFailure("the sink made its consumers") }
        try rows.absorb(worker.rows)
        guard let added = worker.spilled else { return }
        spilled.withLock { spilled in
            if let spilled { spilled.absorb(added) } else { spilled = added }
        }
    }

    func finalize(_ context: QueryContext) throws(ExecutionError) {
        let collected = Collected(
            rows: rows.take() ?? RowCollection(types: types, memory),
            spilled: spilled.withLock { $0 })
        made.withLock { $0 = collected }
    }

    private var collected: Collected {
        guard let collected = made.withLock({ $0 }) else {
            preconditionFailure("rows are read after the sink's pipeline has run")
        }
        return collected
    }

    var rowCount: Int { collected.rows.rowCount + (collected.spilled?.rowCount ?? 0) }

    /// The rows, in the order in which they came when one worker collected them.
    var source: any ChunkSource {
        let collected = collected
        let kept = MemorySource(chunks: collected.rows.chunks)
        guard let spilled = collected.spilled else { return kept }
        return JoinedSource(parts: [spilled, kept])
    }

    /// Some chunk with a row; nil when there is none.
    func firstChunk() throws(ExecutionError) -> DataChunk? {
        let collected = collected
        if let spilled = collected.spilled, spilled.rowCount > 0 { return try spilled.chunk(0) }
        return collected.rows.chunks.first { $0.rowCount > 0 }
    }

    private final class Worker: ChunkConsumer {
        let rows: RowCollection
        private(set) var spilled: SpilledRows?
        private var file: SpillFile?

        init(_ rows: RowCollection) { self.rows = rows }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            if rows.appendIfPlentiful(chunk) { return }
            guard let space = rows.memory.space else { return try rows.append(chunk) }
            let target = spilled ?? SpilledRows(types: rows.types)
            let file = try SpillFile.open(&self.file, space, rows.memory)
            spilled = target
            try rows.spill(into: target, file)
            try target.append(chunk.compacted(), to: file)
        }
    }
}

/// Sources one behind the other.
struct JoinedSource: ChunkSource {
    let parts: [any ChunkSource]

    var morselCount: Int { parts.reduce(0) { $0 + $1.morselCount } }
    var isOrdered: Bool { parts.contains { $0.isOrdered } }

    func makeReader() throws(ExecutionError) -> any ChunkReader {
        var readers: [any ChunkReader] = []
        for part in parts { readers.append(try part.makeReader()) }
        return Reader(counts: parts.map(\.morselCount), readers: readers)
    }

    private final class Reader: ChunkReader {
        private let counts: [Int]
        private let readers: [any ChunkReader]
        private var current = 0

        init(counts: [Int], readers: [any ChunkReader]) {
            self.counts = counts
            self.readers = readers
        }

        func open(morsel: Int) throws(ExecutionError) -> Bool {
            var rest = morsel
            current = 0
            while rest >= counts[current] {
                rest -= counts[current]
                current += 1
            }
            return try readers[current].open(morsel: rest)
        }

        func next() throws(ExecutionError) -> DataChunk? { try readers[current].next() }
    }
}

/// Appends a scalar subquery's value as a constant column.
struct AppendScalarStep: PipelineStep {
    let scalar: CollectSink
    let type: DataType

    func makeConsumer(next: ChunkConsumer, _ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        if scalar.rowCount > 1 { throw .cardinalityViolation }
        let value = try scalar.firstChunk()?.columns[0].constantOfFirstRow(count: 1)
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
