import Columns

/// The groups of workers without keys in common, read-only by now.
struct GroupSource: ChunkSource, @unchecked Sendable {
    // Read-only once made.
    private let workers: [AggregateSink.Worker]
    /// The first morsel of each worker, and the end of the last.
    private let starts: [Int]

    init(_ workers: [AggregateSink.Worker]) {
        self.workers = workers
        var starts = [0]
        for worker in workers {
            let morsels = (worker.groupCount + DataChunk.capacity - 1) / DataChunk.capacity
            starts.append((starts.last ?? 0) + morsels)
        }
        self.starts = starts
    }

    var morselCount: Int { starts.last ?? 0 }
    var isOrdered: Bool { false }

    func makeReader() -> any ChunkReader { Reader(self) }

    private final class Reader: ChunkReader {
        private let source: GroupSource
        private var chunk: (worker: AggregateSink.Worker, range: Range<Int>)?

        init(_ source: GroupSource) { self.source = source }

        func open(morsel: Int) -> Bool {
            guard let index = source.starts.lastIndex(where: { $0 <= morsel }), index < source.workers.count
            else { return false }
            let worker = source.workers[index]
            let start = (morsel - source.starts[index]) * DataChunk.capacity
            chunk = (worker, start..<min(start + DataChunk.capacity, worker.groupCount))
            return true
        }

        func next() throws(ExecutionError) -> DataChunk? {
            guard let (worker, range) = chunk else { return nil }
            chunk = nil
            return try worker.chunk(range)
        }
    }
}
