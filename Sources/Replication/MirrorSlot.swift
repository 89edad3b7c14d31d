import Postgres

/// The publication and the replication slot of one store in the record's server.
struct MirrorSlot: Sendable {
    /// Names both; made once a store, so that several stores may follow one server.
    let name: String
    let configuration: PostgresConfiguration

    /// Checks that the server can be followed.
    ///
    /// - Throws: `.serverUnsuitable` with what to change.
    static func check(_ connection: PostgresConnection) throws {
        guard connection.serverVersion >= 140_000 else {
            throw ReplicationError.serverUnsuitable(
                reason: "version \(connection.serverVersion / 10_000) is too old, 14 or newer is needed")
        }
        let level = try connection.execute("SELECT current_setting('wal_level') AS level")[0].text("level")
        guard level == "logical" else {
            throw ReplicationError.serverUnsuitable(
                reason: "wal_level is \(level); set wal_level = logical in postgresql.conf and restart it")
        }
        let allowed = try connection.execute(
            """
            SELECT rolreplication OR rolsuper AS allowed, rolname AS name
            FROM pg_roles WHERE rolname = current_user
            """)
        if let row = allowed.first, try !row.bool("allowed") {
            throw ReplicationError.serverUnsuitable(
                reason: "the user may not replicate: ALTER ROLE \(try row.text("name")) REPLICATION")
        }
    }

    /// Makes the publication name exactly these tables.
    func publish(_ tables: [MirroredTable], on connection: PostgresConnection) throws {
        let list = tables.map(\.quotedName).joined(separator: ", ")
        let known = try connection.execute("SELECT 1 FROM pg_publication WHERE pubname = $1", [.text(name)])
        if known.count == 0 {
            try connection.executeScript(
                "CREATE PUBLICATION \"\(name)\" FOR TABLE \(list) WITH (publish_via_partition_root = true)")
        } else {
            try connection.executeScript("ALTER PUBLICATION \"\(name)\" SET TABLE \(list)")
        }
    }

    /// The tables that the publication names, sorted.
    func publishedTables(on connection: PostgresConnection) throws -> [String] {
        let rows = try connection.execute(
            """
            SELECT schemaname || '.' || tablename AS name
            FROM pg_publication_tables WHERE pubname = $1 ORDER BY 1
            """, [.text(name)])
        return try rows.rows.map { try $0.text("name") }.sorted()
    }

    /// Whether the slot is there and still has every change since `position`. It has not when the store was
    /// put back to an earlier state than it had acknowledged.
    func hasChanges(since position: LogPosition, on connection: PostgresConnection) throws -> Bool {
        let rows = try connection.execute(
            """
            SELECT coalesce(wal_status, 'lost') AS status, confirmed_flush_lsn::text AS acknowledged
            FROM pg_replication_slots WHERE slot_name = $1
            """, [.text(name)])
        guard let row = rows.first, try row.text("status") != "lost",
            let acknowledged = LogPosition(try row.text("acknowledged"))
        else { return false }
        return acknowledged <= position
    }

    /// Drops the slot if it is there, ending a stream that still uses it.
    func drop(on connection: PostgresConnection) throws {
        try connection.execute(
            """
            SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots
            WHERE slot_name = $1 AND active_pid IS NOT NULL
            """, [.text(name)])
        for _ in 0..<100 {
            do {
                try connection.execute(
                    """
                    SELECT pg_drop_replication_slot(slot_name)
                    FROM pg_replication_slots WHERE slot_name = $1
                    """, [.text(name)])
                return
            } catch {
                // 55006: the ended stream has not let go yet.
                guard error.sqlState == "55006" else { throw error }
                try connection.execute("SELECT pg_sleep(0.05)")
            }
        }
        throw ReplicationError.slotLost(name: name)
    }
}
