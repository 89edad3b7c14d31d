import Dispatch
import Foundation

/// A bounded set of connections, each used by one caller at a time on a thread of its own.
///
/// Broken connections are thrown away and made anew; an idle one is tried before it is handed out again when it lay
/// longer than `idleCheckSeconds`.
public final class PostgresPool: @unchecked Sendable {
    public let configuration: PostgresConfiguration
    public let size: Int
    private let queue = DispatchQueue(label: "ambar.postgres", attributes: .concurrent)
    private let places: DispatchSemaphore
    /// Guards `idle`.
    private let lock = NSLock()
    private var idle: [(connection: PostgresConnection, since: Date)] = []
    private let waitSeconds: Double
    private static let idleCheckSeconds: TimeInterval = 10

    /// - Parameters:
    ///   - size: Connections at most.
    ///   - waitSeconds: How long a caller waits for a free one.
    public init(_ configuration: PostgresConfiguration, size: Int = 8, waitSeconds: Double = 30) {
        precondition(size > 0, "a pool has a connection")
        self.configuration = configuration
        self.size = size
        self.waitSeconds = waitSeconds
        places = DispatchSemaphore(value: size)
    }

    /// Runs `body` with a connection, off the cooperative pool.
    ///
    /// - Throws: `.cannotConnect`, `.poolExhausted`, or what `body` throws.
    public func withConnection<Result: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try self.blocking(body) }) }
        }
    }

    /// Runs `body` with a connection inside one transaction, off the cooperative pool.
    public func withTransaction<Result: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection) throws -> Result
    ) async throws -> Result {
        try await withConnection { connection in try connection.transaction(body) }
    }

    /// Runs `body` with a connection on the calling thread, which must be one that may block.
    public func blocking<Result>(_ body: (PostgresConnection) throws -> Result) throws -> Result {
        guard places.wait(timeout: .now() + waitSeconds) == .success else {
            throw PostgresError.poolExhausted(size: size)
        }
        defer { places.signal() }
        let connection = try take()
        defer { giveBack(connection) }
        return try body(connection)
    }

    /// Closes the idle connections; those in use close when they come back broken or with the pool.
    public func close() {
        lock.lock()
        idle.removeAll()
        lock.unlock()
    }

    private func take() throws -> PostgresConnection {
        while true {
            lock.lock()
            let candidate = idle.popLast()
            lock.unlock()
            guard let candidate else { return try PostgresConnection(configuration) }
            if Date().timeIntervalSince(candidate.since) < Self.idleCheckSeconds { return candidate.connection }
            if (try? candidate.connection.executeScript("SELECT 1")) != nil { return candidate.connection }
        }
    }

    private func giveBack(_ connection: PostgresConnection) {
        guard !connection.isBroken else { return }
        lock.lock()
        idle.append((connection, Date()))
        lock.unlock()
    }
}
