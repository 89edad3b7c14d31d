import Synchronization

/// What one operator of a query holds, over all of its workers, and what it has set aside on the disk.
final class OperatorMemory: Sendable {
    /// As messages call the operator.
    let name: String
    let budget: MemoryBudget
    /// Where rows that find no room go; nil when they cannot.
    let space: SpillSpace?
    /// Bytes beyond which the operator sets rows aside whatever the budget; nil for only the budget.
    private let forcedSpillBytes: Int?
    private let isGuaranteed: Bool
    private let state = Mutex<State>(State())
    private let spilled = Atomic<Int>(0)

    private struct State {
        var held = 0
        var ofShared = 0
        var peak = 0
    }

    /// What a worker of an operator that sets rows aside may hold whatever the budget: its work on a chunk.
    static let floorBytes = 1 << 20
    private let workerCount: Int

    /// - Parameter isGuaranteed: Whether the operator has a part of the budget of its own.
    init(
        _ budget: MemoryBudget, name: String, space: SpillSpace? = nil,
        forcedSpillBytes: Int? = nil, workerCount: Int = 1, isGuaranteed: Bool = false
    ) {
        self.workerCount = workerCount
        self.budget = budget
        self.name = name
        self.space = space
        self.forcedSpillBytes = forcedSpillBytes
        self.isGuaranteed = isGuaranteed
        if isGuaranteed { budget.addGuaranteedOperator() }
    }

    /// Takes bytes from the budget, or beyond it up to the operator's floor.
    ///
    /// - Throws: `.memoryLimitExceeded`; nothing is taken then.
    func reserve(_ bytes: Int) throws(ExecutionError) {
        guard take(bytes, keepsReserve: false) else {
            throw .memoryLimitExceeded(operator: name, wantedBytes: bytes, limitBytes: budget.limitBytes)
        }
    }

    /// Takes bytes of an operator that can do without them: at most two thirds of what it could have, the
    /// rest being for its work on what it has set aside.
    func reserveIfPlentiful(_ bytes: Int) -> Bool {
        guard space != nil else { return take(bytes, keepsReserve: false) }
        if let forcedSpillBytes, heldBytes + bytes > forcedSpillBytes { return false }
        return take(bytes, keepsReserve: true)
    }

    /// Takes bytes of an owner that will hold `owned` of them: no more than remain for the work after it.
    func reserveHalf(_ bytes: Int, owned: Int) -> Bool {
        let own = isGuaranteed ? budget.guaranteedBytes : 0
        let free = state.withLock { max(0, own - $0.held) } + budget.sharedFree - bytes
        return owned <= free && take(bytes, keepsReserve: false)
    }

    func reserveIfPossible(_ bytes: Int) -> Bool { take(bytes, keepsReserve: false) }

    private func take(_ bytes: Int, keepsReserve: Bool) -> Bool {
        let own = isGuaranteed ? budget.guaranteedBytes : 0
        return state.withLock { state in
            let held = state.held + bytes
            let ofShared = max(0, held - own)
            if keepsReserve {
                let free = max(0, own - held) + budget.sharedFree - max(0, ofShared - state.ofShared)
                if held > 2 * free { return false }
            }
            let isForced = !keepsReserve && space != nil && held <= Self.floorBytes * workerCount
            guard budget.take(bytes, shared: ofShared - state.ofShared, isForced: isForced) else {
                return false
            }
            state.held = held
            state.ofShared = ofShared
            state.peak = max(state.peak, held)
            return true
        }
    }

    func release(_ bytes: Int) {
        let own = isGuaranteed ? budget.guaranteedBytes : 0
        state.withLock { state in
            state.held -= bytes
            let ofShared = max(0, state.held - own)
            budget.giveBack(bytes, shared: state.ofShared - ofShared)
            state.ofShared = ofShared
        }
    }

    func addSpilled(_ bytes: Int) { spilled.wrappingAdd(bytes, ordering: .relaxed) }

    var heldBytes: Int { state.withLock { $0.held } }
    var peakBytes: Int { state.withLock { $0.peak } }
    var spilledBytes: Int { spilled.load(ordering: .relaxed) }
}

/// What one owner has reserved; given back when the owner goes.
///
/// Invariant: used by one thread at a time.
final class MemoryReservation {
    let memory: OperatorMemory
    private(set) var bytes = 0

    init(_ memory: OperatorMemory) { self.memory = memory }

    /// For an owner that is no operator with a name.
    convenience init(_ budget: MemoryBudget) { self.init(OperatorMemory(budget, name: "an operator")) }

    deinit { memory.release(bytes) }

    /// Makes the reservation `total` bytes large; shrinking never fails.
    func resize(to total: Int) throws(ExecutionError) {
        if total > bytes {
            try memory.reserve(total - bytes)
        } else {
            memory.release(bytes - total)
        }
        bytes = total
    }

    /// Takes over what another of the same operator has reserved.
    func absorb(_ other: MemoryReservation) {
        precondition(other.memory === memory, "bytes stay with their operator")
        bytes += other.bytes
        other.bytes = 0
    }

    func grow(by extra: Int) throws(ExecutionError) { try resize(to: bytes + extra) }

    /// The same for an owner that can set rows aside instead; false when it should.
    func resizeIfPlentiful(to total: Int) -> Bool {
        if total > bytes {
            guard memory.reserveIfPlentiful(total - bytes) else { return false }
        } else {
            memory.release(bytes - total)
        }
        bytes = total
        return true
    }

    /// The same for work on a part of what was set aside.
    func resizeToHalf(_ total: Int) -> Bool {
        guard total > bytes else { return true }
        guard memory.reserveHalf(total - bytes, owned: total) else { return false }
        bytes = total
        return true
    }

    func resizeIfPossible(to total: Int) -> Bool {
        if total > bytes {
            guard memory.reserveIfPossible(total - bytes) else { return false }
        } else {
            memory.release(bytes - total)
        }
        bytes = total
        return true
    }
}
