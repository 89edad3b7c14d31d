import Synchronization

/// What each operator of a run did, for EXPLAIN ANALYZE. Operators are numbered as `PhysicalPlan` is walked:
/// an operator before its inputs, inputs from left to right.
public final class QueryProfile: Sendable {
    public struct Operator: Hashable, Sendable {
        public var name: String
        /// Rows that the operator handed on.
        public var rows = 0
        /// Of an operator that feeds a pipeline: time of the whole pipeline, summed over its workers. Zero of
        /// others.
        public var time = Duration.zero
        /// Row groups that the scan did not read.
        public var skippedMorsels = 0
        public var readMorsels = 0
        /// Of the skipped row groups, those that only Bloom filters ruled out.
        public var bloomSkippedMorsels = 0
        /// Vectors that zone maps or deletions ruled out, those of skipped row groups among them.
        public var skippedVectors = 0
        /// Rows that the scan read and left out by its conditions.
        public var filteredRows = 0
        /// The most memory that the operator held at one time, over its workers.
        public var peakBytes = 0
        /// Bytes that the operator wrote to temporary files.
        public var spilledBytes = 0
    }

    private let state = Mutex<[Int: Operator]>([:])

    public init() {}

    /// What is known so far, by operator number.
    public var operators: [Int: Operator] { state.withLock { $0 } }

    func add(_ number: Int, name: String, _ change: (inout Operator) -> Void) {
        state.withLock { operators in
            var counted = operators[number] ?? Operator(name: name)
            change(&counted)
            operators[number] = counted
        }
    }
}
