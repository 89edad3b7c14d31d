import Synchronization

/// Bytes that the operators of one query may hold. Hash tables, sorts and collectors reserve before they grow
/// and release when they are done; what passes through as chunks is not counted.
public final class MemoryBudget: Sendable {
    public let limitBytes: Int
    private let reserved = Atomic<Int>(0)
    private let peak = Atomic<Int>(0)

    public init(limitBytes: Int) {
        precondition(limitBytes > 0, "a budget allows something")
        self.limitBytes = limitBytes
    }

    /// - Throws: `.memoryLimitExceeded` when the budget has not so much left; nothing is reserved then.
    public func reserve(_ bytes: Int) throws(ExecutionError) {
        let total = reserved.wrappingAdd(bytes, ordering: .relaxed).newValue
        if total > limitBytes {
            reserved.wrappingSubtract(bytes, ordering: .relaxed)
            throw .memoryLimitExceeded(limitBytes: limitBytes)
        }
        peak.max(total, ordering: .relaxed)
    }

    public func release(_ bytes: Int) { reserved.wrappingSubtract(bytes, ordering: .relaxed) }

    public var reservedBytes: Int { reserved.load(ordering: .relaxed) }
    public var peakBytes: Int { peak.load(ordering: .relaxed) }
}

/// What one owner has reserved; given back when the owner goes.
///
/// Invariant: used by one thread at a time.
final class MemoryReservation {
    private let budget: MemoryBudget
    private(set) var bytes = 0

    init(_ budget: MemoryBudget) { self.budget = budget }

    deinit { budget.release(bytes) }

    /// Makes the reservation `total` bytes large; shrinking never fails.
    func resize(to total: Int) throws(ExecutionError) {
        if total > bytes {
            try budget.reserve(total - bytes)
        } else {
            budget.release(bytes - total)
        }
        bytes = total
    }

    func grow(by extra: Int) throws(ExecutionError) { try resize(to: bytes + extra) }
}
