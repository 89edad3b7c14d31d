import Columns
import Synchronization

/// The runs that the workers of a sort have written.
final class SortedRuns: Sendable {
    private let runs = Mutex<[SpilledRows]>([])

    func absorb(_ added: [SpilledRows]) { runs.withLock { $0 += added } }

    var all: [SpilledRows] { runs.withLock { $0 } }
}

/// The rows of sorted runs in order, without their key columns.
struct MergeSource: ChunkSource {
    let runs: [SpilledRows]
    let keys: [SortKey]
    /// Columns before the key columns.
    let columnCount: Int
    /// Rows that are wanted.
    let range: Range<Int>
    let memory: OperatorMemory

    /// Runs that are merged at once, whatever the memory.
    private static let runsMax = 64
    private static let runsMin = 4

    var morselCount: Int { 1 }
    var isOrdered: Bool { true }

    func makeReader() throws(ExecutionError) -> any ChunkReader { Reader(self) }

    /// How many runs the budget lets be open: each holds a chunk with its keys, about thrice its bytes.
    private var openRunsMax: Int {
        let largest = runs.reduce(1) { largest, run in
            run.blocks.reduce(largest) { max($0, $1.rawBytes) }
        }
        return max(Self.runsMin, min(Self.runsMax, memory.budget.limitBytes / 3 / (3 * largest)))
    }

    private final class Reader: ChunkReader {
        private let source: MergeSource
        private var merger: RunMerger?
        private let reservation: MemoryReservation
        private var passed = 0

        init(_ source: MergeSource) {
            self.source = source
            reservation = MemoryReservation(source.memory)
        }

        func open(morsel: Int) throws(ExecutionError) -> Bool {
            let openMax = source.openRunsMax
            var runs = source.runs
            while runs.count > openMax { runs = try merged(runs, openMax) }
            merger = try makeMerger(runs)
            return true
        }

        private func makeMerger(_ runs: [SpilledRows]) throws(ExecutionError) -> RunMerger {
            try RunMerger(runs, keys: source.keys, columnCount: source.columnCount)
        }

        /// Neighbouring runs merged, so that fewer are left.
        private func merged(_ runs: [SpilledRows], _ openMax: Int) throws(ExecutionError) -> [SpilledRows] {
            guard let space = source.memory.space else { return runs }
            var fewer: [SpilledRows] = []
            for start in stride(from: 0, to: runs.count, by: openMax) {
                let part = Array(runs[start..<min(start + openMax, runs.count)])
                let target = SpilledRows(types: part[0].types)
                let file = try SpillFile(space, source.memory)
                let merger = try makeMerger(part)
                while target.rowCount < source.range.upperBound, let chunk = try merger.next() {
                    try target.append(chunk, to: file)
                }
                fewer.append(target)
            }
            return fewer
        }

        func next() throws(ExecutionError) -> DataChunk? {
            while let merger, passed < source.range.upperBound, let chunk = try merger.next() {
                let first = max(0, source.range.lowerBound - passed)
                let end = min(chunk.rowCount, source.range.upperBound - passed)
                passed += chunk.rowCount
                if first >= end { continue }
                let columns = chunk.columns[0..<source.columnCount].map { $0.slice(first..<end) }
                return DataChunk(columns: columns, rowCount: end - first)
            }
            merger = nil
            return nil
        }
    }
}
