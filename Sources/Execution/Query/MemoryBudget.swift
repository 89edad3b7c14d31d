import Synchronization

/// Bytes that the operators of one query may hold. Hash tables, sorts and collectors reserve before they grow
/// and release when they are done; what passes through as chunks is not counted.
///
/// Half of the limit is divided among the operators that may have to hold all of their input, so that none
/// finds everything taken by those before it; the other half goes to whoever comes first.
public final class MemoryBudget: Sendable {
    public let limitBytes: Int
    private let guaranteedOperators = Atomic<Int>(0)
    /// Reserved beyond the operators' own parts.
    private let shared = Atomic<Int>(0)
    private let reserved = Atomic<Int>(0)
    private let peak = Atomic<Int>(0)
    private let pool: MemoryPool?
    /// Taken from the pool so far.
    private let granted = Mutex<Int>(0)
    /// Taken from the pool at a time.
    private static let grantStep = 1 << 20

    /// - Parameter pool: What all queries share; nil for a query alone.
    public init(limitBytes: Int, pool: MemoryPool? = nil) {
        precondition(limitBytes > 0, "a budget allows something")
        self.limitBytes = limitBytes
        self.pool = pool
    }

    deinit { leave() }

    /// Waits until the pool admits the query.
    func enter(_ context: QueryContext) throws(ExecutionError) {
        guard let pool else { return }
        let bytes = try pool.admit(wantedBytes: limitBytes, context)
        granted.withLock { $0 += bytes }
    }

    /// Gives everything back to the pool, at the end of the query.
    func leave() {
        guard let pool else { return }
        let bytes = granted.withLock { granted in
            defer { granted = 0 }
            return granted
        }
        pool.giveBack(bytes)
    }

    func addGuaranteedOperator() { guaranteedOperators.wrappingAdd(1, ordering: .relaxed) }

    /// Bytes that each of those operators has for itself.
    var guaranteedBytes: Int {
        let count = guaranteedOperators.load(ordering: .relaxed)
        return count == 0 ? 0 : limitBytes / (2 * count)
    }

    private var sharedLimit: Int {
        limitBytes - guaranteedBytes * guaranteedOperators.load(ordering: .relaxed)
    }

    /// Bytes of the shared half that are free.
    var sharedFree: Int { max(0, sharedLimit - shared.load(ordering: .relaxed)) }

    /// Takes `bytes` in all, `sharedBytes` of them from the shared half; false when there are not so many,
    /// and nothing is taken then.
    ///
    /// - Parameter isForced: Takes them also when there are not so many.
    func take(_ bytes: Int, shared sharedBytes: Int, isForced: Bool = false) -> Bool {
        let total = shared.wrappingAdd(sharedBytes, ordering: .relaxed).newValue
        guard isForced || sharedBytes == 0 || total <= sharedLimit else {
            shared.wrappingSubtract(sharedBytes, ordering: .relaxed)
            return false
        }
        let all = reserved.wrappingAdd(bytes, ordering: .relaxed).newValue
        guard isGranted(all) || isForced else {
            shared.wrappingSubtract(sharedBytes, ordering: .relaxed)
            reserved.wrappingSubtract(bytes, ordering: .relaxed)
            return false
        }
        peak.max(all, ordering: .relaxed)
        return true
    }

    func giveBack(_ bytes: Int, shared sharedBytes: Int) {
        shared.wrappingSubtract(sharedBytes, ordering: .relaxed)
        reserved.wrappingSubtract(bytes, ordering: .relaxed)
    }

    private func isGranted(_ total: Int) -> Bool {
        guard let pool else { return true }
        return granted.withLock { granted in
            if total <= granted { return true }
            let wanted = max(total - granted, min(Self.grantStep, limitBytes - granted))
            guard pool.take(wanted) else { return false }
            granted += wanted
            return true
        }
    }

    public var reservedBytes: Int { reserved.load(ordering: .relaxed) }
    public var peakBytes: Int { peak.load(ordering: .relaxed) }
}
