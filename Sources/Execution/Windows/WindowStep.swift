import Columns

/// Computes window functions over rows that come sorted by partition and order, some partitions at a time.
struct WindowStep: PipelineStep {
    let node: WindowNode
    let memory: OperatorMemory
    let counter: RowCounter

    /// Partitions are worked on when this many rows have come; a larger one is held whole.
    private static let batchRows = 32_768

    private var expressions: [Expression] {
        node.partition + node.order.map(\.expression) + node.calls.flatMap(\.expressions)
    }

    func makeConsumer(next: ChunkConsumer, _ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        Consumer(self, try ComputedColumns(expressions, context), next, context)
    }

    private final class Consumer: ChunkConsumer {
        private let step: WindowStep
        private let computed: ComputedColumns
        private let next: ChunkConsumer
        private let context: QueryContext
        private let rows: RowCollection
        private let counter: RowCounter.Worker
        private var threshold = WindowStep.batchRows

        init(
            _ step: WindowStep, _ computed: ComputedColumns, _ next: ChunkConsumer, _ context: QueryContext
        ) {
            self.step = step
            self.computed = computed
            self.next = next
            self.context = context
            counter = step.counter.worker()
            let types = step.node.input.outputTypes + step.expressions.map(\.type)
            rows = RowCollection(types: types, step.memory, workBytes: 64 + 32 * step.node.calls.count)
        }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            let values = try computed.evaluate(chunk)
            let compact = chunk.compacted()
            try rows.append(DataChunk(columns: compact.columns + values, rowCount: compact.rowCount))
            if rows.rowCount >= threshold { try process(isLast: false) }
        }

        override func finish() throws(ExecutionError) {
            if rows.rowCount > 0 { try process(isLast: true) }
            counter.flush()
            try next.finish()
        }

        /// Works on all partitions but the last one, which may go on, unless nothing more comes.
        private func process(isLast: Bool) throws(ExecutionError) {
            let node = step.node
            let total = rows.rowCount
            let columns = try rows.concatenated()
            let width = node.input.outputTypes.count
            let keys = Array(columns[width..<(width + node.partition.count)])
            var count = total
            if !isLast {
                let changes = WindowRows.changes(keys, total)
                count = changes.lastIndex(of: true) ?? 0
                threshold = count == 0 ? max(threshold, total) * 2 : WindowStep.batchRows + total - count
            }
            if count > 0 { try emit(columns, count) }
            try rows.removeAll()
            var start = count
            while start < total {
                let end = min(start + DataChunk.capacity, total)
                try rows.append(
                    DataChunk(columns: columns.map { $0.slice(start..<end) }, rowCount: end - start))
                start = end
            }
        }

        private func emit(_ columns: [Vector], _ count: Int) throws(ExecutionError) {
            let node = step.node
            let width = node.input.outputTypes.count
            var place = width + node.partition.count
            let order = Array(columns[place..<(place + node.order.count)])
            place += node.order.count
            let window = WindowRows(
                partition: Array(columns[width..<(width + node.partition.count)]), order: order, count: count)
            var results: [Vector] = []
            for call in node.calls {
                let size = call.expressions.count
                let own = columns[place..<(place + size)].map { $0.slice(0..<count).flattened() }
                place += size
                results.append(
                    try WindowEvaluation(call: call, inputs: own, rows: window, order: node.order)
                        .result(context))
            }
            var start = 0
            while start < count {
                try context.checkpoint()
                let end = min(start + DataChunk.capacity, count)
                let slices = (columns[0..<width] + results).map { $0.slice(start..<end) }
                counter.rows += end - start
                try next.consume(DataChunk(columns: slices, rowCount: end - start))
                start = end
            }
        }
    }
}

/// One call over the partitions of a batch.
struct WindowEvaluation {
    let call: WindowCall
    /// The values of the call's expressions, flat.
    let inputs: [Vector]
    let rows: WindowRows
    let order: [SortKey]

    func result(_ context: QueryContext) throws(ExecutionError) -> Vector {
        func argument(_ index: Int) -> Vector? { index < call.arguments.count ? inputs[index] : nil }
        switch call.function {
        case .rowNumber, .rank, .denseRank: return RankingFunctions.numbers(call.function, rows)
        case .percentRank, .cumeDist: return RankingFunctions.fractions(call.function, rows)
        case .ntile: return try RankingFunctions.ntile(inputs[0], rows)
        case .lag, .lead:
            return ValueFunctions.shifted(
                inputs[0], argument(1), argument(2), isBack: call.function == .lag, rows)
        case .firstValue, .lastValue, .nthValue:
            return try ValueFunctions.framed(
                call.function, inputs[0], argument(1), try frames(), rows)
        case .aggregate(let function):
            let filter = call.filter == nil ? nil : inputs[call.arguments.count]
            return try WindowAggregates(
                function, Array(inputs.prefix(call.arguments.count)), filter: filter, rows, try frames()
            ).results(context)
        }
    }

    private func frames() throws(ExecutionError) -> WindowFrames {
        var place = call.arguments.count + (call.filter == nil ? 0 : 1)
        var columns = WindowFrames.Inputs()
        func take() -> Vector {
            defer { place += 1 }
            return inputs[place]
        }
        if case .preceding(_, let target) = call.bounds.start.asPreceding {
            columns.startDistance = take()
            if target != nil { columns.startTarget = take() }
        }
        if case .preceding(_, let target) = call.bounds.end.asPreceding {
            columns.endDistance = take()
            if target != nil { columns.endTarget = take() }
        }
        if call.bounds.rangeKey != nil { columns.rangeKey = take() }
        columns.isDescending = order.first?.isDescending ?? false
        return try WindowFrames(call.bounds, rows, columns)
    }
}

extension WindowBounds.Bound {
    /// A bound with an offset in either direction as one that looks back.
    var asPreceding: WindowBounds.Bound {
        if case .following(let distance, let target) = self {
            return .preceding(distance: distance, target: target)
        }
        return self
    }
}
