import Columns
import Synchronization

/// One worker's instance of a step of a pipeline: takes chunks, hands others on.
class ChunkConsumer {
    /// - Parameter chunk: May carry a selection. Never empty of rows.
    func consume(_ chunk: DataChunk) throws(ExecutionError) {
        preconditionFailure("a step takes chunks")
    }

    /// Whether further chunks change nothing, because a LIMIT above has its rows: a step that makes many
    /// chunks of one asks it between them.
    var needsNoMore: Bool { false }

    /// Called on the sink's consumer alone, around the chunks of each morsel.
    func beginMorsel(_ index: Int) {}
    func endMorsel() throws(ExecutionError) {}

    /// Called once after the worker's last chunk; hands on what was held back, then finishes the next step.
    func finish() throws(ExecutionError) {}
}

/// A step that works on chunks as they pass. Immutable; what a worker changes is in its consumer.
protocol PipelineStep: Sendable {
    func makeConsumer(next: ChunkConsumer, _ context: QueryContext) throws(ExecutionError) -> ChunkConsumer
}

/// The end of a pipeline: collects the chunks of all workers.
protocol PipelineSink: Sendable {
    func makeConsumer(_ context: QueryContext) throws(ExecutionError) -> ChunkConsumer
    /// Called before each branch; its morsels count from 0.
    func beginBranch()
    /// Merges one worker's collection, one call at a time, after its `finish`.
    func combine(_ consumer: ChunkConsumer) throws(ExecutionError)
    /// Called once after all workers were combined.
    func finalize(_ context: QueryContext) throws(ExecutionError)
}

extension PipelineSink {
    func beginBranch() {}
}

/// Rows of one source through steps into a shared sink.
struct PipelineBranch: Sendable {
    /// Made when the branch starts, because sources may depend on pipelines before.
    var makeSource: @Sendable (QueryContext) throws(ExecutionError) -> any ChunkSource
    var steps: [any PipelineStep] = []
    /// Whether one worker must do all in order.
    var isSerial = false
    /// Asked when the branch's turn comes; nil for a branch that always runs.
    var isNeeded: (@Sendable () -> Bool)?
    /// Any of them set: no more rows are wanted.
    var stops: [StopFlag] = []
    /// Whether the source leaves rows out.
    var hasFilter = false
    /// Number of the plan's operator that reads the source, for the profile.
    var operatorNumber: Int
    var name: String
}

/// Branches with one sink, run one after the other.
struct Pipeline: Sendable {
    var branches: [PipelineBranch]
    var sink: any PipelineSink
}

/// Set when nobody wants more rows of a branch: a limit has been reached.
final class StopFlag: Sendable {
    private let isSet = Atomic<Bool>(false)

    func set() { isSet.store(true, ordering: .relaxed) }

    var isStopped: Bool { isSet.load(ordering: .relaxed) }
}
