import Foundation
import Postgres

/// What a run of a sync did.
public struct SyncTotals: Sendable, Hashable {
    public var objectsRead = 0
    public var objectsDeleted = 0
    public var requests = 0
    public var written = WriteCounts()

    public init() {}
}

/// Ids of the live objects of a type, and of those that were rejected.
public struct KnownObjects: Sendable {
    public var live: Set<UUID>
    public var rejected: Set<UUID>
}

extension Record {
    /// Makes sure that the account is known, with its zone.
    public func registerAccount(name: String, timeZone: String) async throws(RecordError) {
        let account = account
        try await transaction { connection in
            _ = try connection.execute(
                """
                INSERT INTO moysklad.account AS t (id, name, time_zone) VALUES ($1::uuid, $2, $3)
                ON CONFLICT (id) DO UPDATE SET name = excluded.name, time_zone = excluded.time_zone
                WHERE (t.name, t.time_zone) IS DISTINCT FROM (excluded.name, excluded.time_zone)
                """, [.text(account.uuidString), .text(name), .text(timeZone)])
        }
    }

    /// Where each type stands; types never read are absent.
    public func cursors() async throws(RecordError) -> [String: SyncCursor] {
        let account = account
        return try await transaction { connection in
            let result = try connection.execute(
                """
                SELECT type, (extract(epoch FROM watermark) * 1000000)::bigint AS watermark, complete
                FROM moysklad.sync_cursor WHERE account = $1::uuid
                """, [.text(account.uuidString)])
            var cursors: [String: SyncCursor] = [:]
            for row in result.rows {
                let watermark = try row.optionalInt("watermark").map { RecordMoment(microseconds: $0) }
                cursors[try row.text("type")] = SyncCursor(
                    watermark: watermark, isComplete: try row.bool("complete"))
            }
            return cursors
        }
    }

    /// How many objects of a type are live, rejected ones included.
    public func objectCount(type: String) async throws(RecordError) -> Int {
        let account = account
        return try await transaction { connection in
            let result = try connection.execute(
                """
                SELECT (SELECT count(*) FROM moysklad.object
                        WHERE account = $1::uuid AND type = $2 AND deleted_at IS NULL)
                     + (SELECT count(*) FROM moysklad.rejected AS r
                        WHERE account = $1::uuid AND type = $2 AND object_id IS NOT NULL AND NOT EXISTS (
                            SELECT FROM moysklad.object AS o WHERE o.account = $1::uuid AND o.type = $2
                                AND o.id = r.object_id AND o.deleted_at IS NULL)) AS count
                """, [.text(account.uuidString), .text(type)])
            return Int(try result[0].int("count"))
        }
    }

    /// The ids of a type's objects. Takes 16 bytes and some an object.
    public func knownObjects(type: String) async throws(RecordError) -> KnownObjects {
        let account = account
        return try await transaction { connection in
            let parameters: [PostgresValue] = [.text(account.uuidString), .text(type)]
            func ids(_ sql: String) throws -> Set<UUID> {
                var ids: Set<UUID> = []
                for row in try connection.execute(sql, parameters).rows {
                    if let id = UUID(uuidString: try row.text("id")) { ids.insert(id) }
                }
                return ids
            }
            return KnownObjects(
                live: try ids(
                    "SELECT id FROM moysklad.object WHERE account = $1::uuid AND type = $2 AND "
                        + "deleted_at IS NULL"
                ),
                rejected: try ids(
                    """
                    SELECT object_id AS id FROM moysklad.rejected
                    WHERE account = $1::uuid AND type = $2 AND object_id IS NOT NULL
                    """))
        }
    }

    /// Marks objects that Moysklad no longer has, their rows and their lines.
    ///
    /// - Parameter table: The table of the type's rows, such as `DocumentRow.table`.
    /// - Returns: How many objects were marked now.
    public func markDeleted(type: String, table: RecordTable, ids: [UUID]) async throws(RecordError) -> Int {
        guard !ids.isEmpty else { return 0 }
        let account = account
        return try await transaction { connection in
            let array = PostgresValue.text(ArrayText.of(ids))
            let marked = try connection.execute(
                """
                UPDATE moysklad.object SET deleted_at = now()
                WHERE account = $1::uuid AND type = $2 AND id = ANY($3::uuid[]) AND deleted_at IS NULL
                """, [.text(account.uuidString), .text(type), array]
            ).affectedRows
            try connection.execute(
                "UPDATE \(table.name) SET deleted = true WHERE uid = ANY($1::uuid[]) AND NOT deleted", [array]
            )
            if table.name == DocumentRow.table.name {
                try connection.execute(
                    """
                    UPDATE shop.document_line AS l SET deleted = true FROM shop.document AS d
                    WHERE d.uid = ANY($1::uuid[]) AND l.document_id = d.id AND NOT l.deleted
                    """, [array])
            }
            try connection.execute(
                "DELETE FROM moysklad.rejected WHERE account = $1::uuid AND type = $2 AND object_id = "
                    + "ANY($3::uuid[])",
                [.text(account.uuidString), .text(type), array])
            return marked
        }
    }

    /// Gives counterparties that are ours the names of their organizations and employees.
    public func nameOwnAgents() async throws(RecordError) {
        try await transaction { connection in
            for table in ["organization", "employee"] {
                _ = try connection.execute(
                    """
                    UPDATE shop.counterparty AS c SET name = o.name FROM shop.\(table) AS o
                    WHERE c.agent_type = $1 AND o.uid = c.uid AND c.name IS DISTINCT FROM o.name
                    """, [.text(table)])
            }
        }
    }

    /// Begins a run; runs of the account that never ended are marked as abandoned.
    ///
    /// - Returns: The run's id.
    public func beginRun() async throws(RecordError) -> Int64 {
        let account = account
        return try await transaction { connection in
            try connection.execute(
                """
                UPDATE moysklad.sync_run SET state = 'abandoned', finished_at = now()
                WHERE account = $1::uuid AND state = 'running'
                """, [.text(account.uuidString)])
            let result = try connection.execute(
                "INSERT INTO moysklad.sync_run (account) VALUES ($1::uuid) RETURNING id",
                [.text(account.uuidString)])
            return try result[0].int("id")
        }
    }

    /// Ends a run.
    ///
    /// - Parameter message: Why it failed; nil if it did not.
    public func endRun(_ id: Int64, totals: SyncTotals, message: String?) async throws(RecordError) {
        try await transaction { connection in
            _ = try connection.execute(
                """
                UPDATE moysklad.sync_run SET finished_at = now(), state = $2, objects_read = $3,
                    rows_written = $4,
                    objects_deleted = $5, rejected = $6, requests = $7, message = $8
                WHERE id = $1
                """,
                [
                    .int(id), .text(message == nil ? "done" : "failed"), .int(Int64(totals.objectsRead)),
                    .int(Int64(totals.written.rows)), .int(Int64(totals.objectsDeleted)),
                    .int(Int64(totals.written.rejected)), .int(Int64(totals.requests)), .optional(message),
                ])
        }
    }
}
