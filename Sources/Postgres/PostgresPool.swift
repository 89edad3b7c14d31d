import Foundation

/// A bounded set of connections, each used by one caller at a time on a thread of its own.
///
/// Callers wait in the order in which they came. A broken connection is thrown away and made anew; an idle
/// one is tried before it is handed out again when it lay longer than `idleCheckSeconds`, or when the server
/// has sent something in the meantime, as it does when it shuts down. A caller that leaves a transaction open
/// loses it: the pool rolls it back.
public final class PostgresPool: Sendable {
    public let configuration: PostgresConfiguration
    public let size: Int
    private let threads: BlockingThreads
    private let places: PoolPlaces
    private let wait: Duration
    private static let idleCheckSeconds: TimeInterval = 10

    /// - Parameters:
    ///   - size: Connections at most; each may occupy one thread.
    ///   - wait: How long a caller waits for a free one.
    public init(_ configuration: PostgresConfiguration, size: Int = 8, wait: Duration = .seconds(30)) {
        precondition(size > 0, "a pool has a connection")
        self.configuration = configuration
        self.size = size
        self.wait = wait
        places = PoolPlaces(size: size)
        // One more than may hold a connection, so that a cancellation always finds a thread.
        threads = BlockingThreads(threadsMax: size + 1)
    }

    /// Runs `body` with a connection, off the cooperative pool. Cancelling the task ends the running
    /// statement (SQLSTATE 57014).
    ///
    /// - Throws: `.cannotConnect`, `.poolExhausted`, or what `body` throws.
    public func withConnection<Result: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection) throws -> Result
    ) async throws -> Result {
        try await places.enter(wait: wait)
        let canceller = StatementCanceller()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                threads.run {
                    continuation.resume(with: Swift.Result { try self.inPlace(canceller, body) })
                }
            }
        } onCancel: {
            // Cancelling opens a connection of its own and blocks.
            threads.run { canceller.cancel() }
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
        try places.enterBlocking(wait: wait)
        return try inPlace(StatementCanceller(), body)
    }

    /// Closes the idle connections; those in use are closed when they come back.
    public func close() { places.close() }

    /// Runs `body` in a place that the caller entered, and leaves it.
    private func inPlace<Result>(
        _ canceller: StatementCanceller, _ body: (PostgresConnection) throws -> Result
    ) throws -> Result {
        defer { places.leave() }
        let connection = try take()
        defer { giveBack(connection) }
        try canceller.begin(connection)
        defer { canceller.end() }
        return try body(connection)
    }

    private func take() throws(PostgresError) -> PostgresConnection {
        while let candidate = places.takeIdle() {
            let isRecent = Date().timeIntervalSince(candidate.since) < Self.idleCheckSeconds
            if isRecent, !candidate.connection.hasUnreadInput { return candidate.connection }
            if (try? candidate.connection.executeScript("SELECT 1")) != nil { return candidate.connection }
        }
        return try PostgresConnection(configuration)
    }

    private func giveBack(_ connection: PostgresConnection) {
        guard connection.endOpenTransaction() else { return }
        places.giveIdle(connection)
    }
}

/// Lets another thread end the statement of a connection while the connection is in use, and never later.
private final class StatementCanceller: @unchecked Sendable {
    /// Guards `connection`; held while cancelling, so that `end` waits for it.
    private let lock = NSLock()
    private var connection: PostgresConnection?
    private var isCancelled = false

    func begin(_ connection: PostgresConnection) throws {
        try lock.withLock {
            if isCancelled { throw CancellationError() }
            self.connection = connection
        }
    }

    func end() {
        lock.withLock { connection = nil }
    }

    func cancel() {
        lock.withLock {
            isCancelled = true
            connection?.cancel()
        }
    }
}
