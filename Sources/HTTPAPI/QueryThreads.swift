import Dispatch

/// Threads for engine work, which blocks and must stay off Swift's cooperative pool.
enum QueryThreads {
    private static let queue = DispatchQueue(label: "ambar.queries", attributes: .concurrent)

    static func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try work() }) }
        }
    }

    /// Starts work whose end nobody waits for.
    static func start(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }
}
