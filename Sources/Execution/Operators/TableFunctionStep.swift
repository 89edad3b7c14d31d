import Columns

/// Repeats each row for every value that table functions give for it.
struct TableFunctionStep: PipelineStep {
    let node: TableFunctionsNode
    let counter: RowCounter

    func makeConsumer(next: ChunkConsumer, _ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        var generators: [RowGenerator] = []
        for call in node.calls {
            generators.append(try RowGenerator.make(call.function, EvaluationContext(context)))
        }
        return Consumer(
            node, generators, try ComputedColumns(node.calls.flatMap(\.arguments), context), next, context,
            counter.worker())
    }

    private final class Consumer: ChunkConsumer {
        private let generators: [RowGenerator]
        private let builders: [VectorBuilder]
        private let ordinality: VectorBuilder?
        /// Of each call: which of the computed arguments are its own.
        private let argumentRanges: [Range<Int>]
        private let arguments: ComputedColumns
        private let next: ChunkConsumer
        private let context: QueryContext
        private let counter: RowCounter.Worker
        /// The input row of each row made so far.
        private var sources = VectorBuffer(byteCount: DataChunk.capacity * 4)
        private var filled = 0

        init(
            _ node: TableFunctionsNode, _ generators: [RowGenerator], _ arguments: ComputedColumns,
            _ next: ChunkConsumer, _ context: QueryContext, _ counter: RowCounter.Worker
        ) {
            self.generators = generators
            builders = node.calls.map { VectorBuilder(type: $0.function.returnType) }
            ordinality = node.withOrdinality ? VectorBuilder(type: .bigint) : nil
            var start = 0
            argumentRanges = node.calls.map { call in
                defer { start += call.arguments.count }
                return start..<(start + call.arguments.count)
            }
            self.arguments = arguments
            self.next = next
            self.context = context
            self.counter = counter
        }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            let compact = chunk.compacted()
            let values = try arguments.evaluate(compact).map {
                $0.form == .constant ? $0 : $0.flattened()
            }
            for row in 0..<compact.rowCount {
                for (generator, range) in zip(generators, argumentRanges) {
                    try generator.open(Array(values[range]), row: row)
                }
                try generate(row, compact)
            }
            try flush(compact)
        }

        /// All values of one row.
        private func generate(_ row: Int, _ compact: DataChunk) throws(ExecutionError) {
            var number: Int64 = 0
            while true {
                let space = DataChunk.capacity - filled
                let counts = try produce(atMost: space)
                let made = counts.max() ?? 0
                for (builder, count) in zip(builders, counts) where count < made {
                    for _ in count..<made { builder.appendNull() }
                }
                let rows = sources.pointer(as: UInt32.self)
                for index in filled..<(filled + made) { rows[index] = UInt32(truncatingIfNeeded: row) }
                if let ordinality {
                    for _ in 0..<made {
                        number += 1
                        ordinality.append(raw: number)
                    }
                }
                filled += made
                if made < space { return }
                try flush(compact)
                try context.checkpoint()
            }
        }

        private func produce(atMost space: Int) throws(ExecutionError) -> [Int] {
            var counts: [Int] = []
            for (generator, builder) in zip(generators, builders) {
                counts.append(try generator.generate(into: builder, atMost: space))
            }
            return counts
        }

        private func flush(_ compact: DataChunk) throws(ExecutionError) {
            if filled == 0 { return }
            let selection = SelectionVector(buffer: sources, count: filled)
            var columns = compact.columns.map { $0.gathered(selection) }
            for builder in builders { columns.append(builder.finish()) }
            if let ordinality { columns.append(ordinality.finish()) }
            let made = DataChunk(columns: columns, rowCount: filled)
            sources = VectorBuffer(byteCount: DataChunk.capacity * 4)
            counter.rows += filled
            filled = 0
            try next.consume(made)
        }

        override func finish() throws(ExecutionError) {
            counter.flush()
            try next.finish()
        }
    }
}
