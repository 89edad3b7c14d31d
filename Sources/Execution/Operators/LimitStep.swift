import Columns
import Synchronization

/// Passes rows `offset..<offset + count` in the order in which chunks come, and stops the query's current
/// branch when there is nothing left to pass.
struct LimitStep: PipelineStep {
    let limit: SharedLimit
    let counter: RowCounter

    func makeConsumer(next: ChunkConsumer, _ context: QueryContext) throws(ExecutionError) -> ChunkConsumer {
        Consumer(limit, next, counter.worker())
    }

    private final class Consumer: ChunkConsumer {
        private let limit: SharedLimit
        private let next: ChunkConsumer
        private let counter: RowCounter.Worker

        init(_ limit: SharedLimit, _ next: ChunkConsumer, _ counter: RowCounter.Worker) {
            self.limit = limit
            self.next = next
            self.counter = counter
        }

        override func consume(_ chunk: DataChunk) throws(ExecutionError) {
            let range = limit.take(chunk.selectedCount)
            if range.isEmpty { return }
            counter.rows += range.count
            if range.count == chunk.selectedCount { return try next.consume(chunk) }
            let compact = chunk.compacted()
            try next.consume(
                DataChunk(columns: compact.columns.map { $0.slice(range) }, rowCount: range.count))
        }

        override var needsNoMore: Bool { limit.stop.isStopped || next.needsNoMore }

        override func finish() throws(ExecutionError) {
            counter.flush()
            try next.finish()
        }
    }
}

/// How many rows a limit still lets pass, over all workers.
final class SharedLimit: Sendable {
    private let state: Mutex<(toSkip: Int, toPass: Int)>
    let stop: StopFlag

    init(count: Int?, offset: Int, stop: StopFlag) {
        state = Mutex((max(0, offset), max(0, count ?? .max)))
        self.stop = stop
        if count.map({ $0 <= 0 }) ?? false { stop.set() }
    }

    /// Which of the next `count` rows pass.
    func take(_ count: Int) -> Range<Int> {
        let (range, isDone) = state.withLock { state in
            let skipped = min(state.toSkip, count)
            state.toSkip -= skipped
            let passed = min(state.toPass, count - skipped)
            state.toPass -= passed
            return (skipped..<(skipped + passed), state.toPass == 0)
        }
        if isDone { stop.set() }
        return range
    }
}
