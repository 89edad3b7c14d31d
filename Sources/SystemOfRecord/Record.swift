import Foundation
import Logging
import Postgres
import Synchronization

/// The record of one account: written a page at a time, each page one transaction.
///
/// Pages of one type must be written in the order of their cursors.
public final class Record: Sendable {
    /// The account that is written.
    public let account: UUID
    let pool: PostgresPool
    /// Rows that certainly exist, by table; only a saving.
    private let known = Mutex<[String: Set<UUID>]>([:])
    private static let knownCountMax = 2_000_000

    /// - Parameter account: Moysklad's id of the account.
    public init(pool: PostgresPool, account: UUID) {
        self.pool = pool
        self.account = account
    }

    /// Writes a page: raw objects, rows, rejected payloads and the cursor together, or nothing. Writing it
    /// again changes nothing.
    @discardableResult
    public func write(_ page: RecordPage) async throws(RecordError) -> WriteCounts {
        let account = account
        let known = known.withLock { $0 }
        let counts = try await transaction { connection in
            var writer = PageWriter(connection: connection, account: account, known: known)
            try writer.write(page)
            return writer.counts
        }
        remember(page)
        return counts
    }

    private func remember(_ page: RecordPage) {
        known.withLock { known in
            for (table, uids) in page.references { known[table, default: []].formUnion(uids.keys) }
            if known.values.reduce(0, { $0 + $1.count }) > Self.knownCountMax { known.removeAll() }
        }
    }

    /// Runs a body in a transaction, off the cooperative pool.
    func transaction<Result: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection) throws -> Result
    ) async throws(RecordError) -> Result {
        do {
            return try await pool.withTransaction(body)
        } catch {
            throw RecordError.of(error)
        }
    }
}
