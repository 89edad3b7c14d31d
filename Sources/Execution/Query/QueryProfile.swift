import Synchronization

/// What each operator of a run did, for EXPLAIN ANALYZE. Operators are numbered as `PhysicalPlan` is walked:
/// an operator before its inputs, inputs from left to right.
public final class QueryProfile: Sendable {
    public struct Operator: Hashable, Sendable {
        public var name: String
        /// Rows that the operator handed on.
        public var rows = 0
        /// Time within the operator itself, summed over its workers.
        public var time = Duration.zero
        /// Row groups that the scan did not read.
        public var skippedMorsels = 0
        public var readMorsels = 0
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
