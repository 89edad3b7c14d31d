/// One numbered SQL file.
public struct Migration: Hashable, Sendable {
    /// `0001_record.sql`.
    public var file: String
    public var sql: String

    public init(file: String, sql: String) {
        self.file = file
        self.sql = sql
    }

    /// The digits that the file's name begins with.
    var number: Int? { Int(file.prefix { $0.isNumber }) }
}

/// Brings a database to the newest schema. Each file runs once, in a transaction of its own, in the order of
/// numbers; what was applied is remembered with its checksum in `ambar.migration`, so that an edited file is
/// an error.
public struct MigrationRunner: Sendable {
    /// Any number that no other program locks.
    private static let lockKey: Int64 = 0x616D_6261_72
    private let migrations: [Migration]

    public init(_ migrations: [Migration]) {
        self.migrations = migrations.sorted { ($0.number ?? 0, $0.file) < ($1.number ?? 0, $1.file) }
    }

    /// Applies what is missing, alone: a second caller waits and then finds nothing to do.
    ///
    /// - Returns: The files that were applied now.
    /// - Throws: `.migration` for an edited, unnumbered or failing file, and for one that was applied and is
    ///   not among ours; the database is as before that file.
    @discardableResult
    public func run(on connection: PostgresConnection) throws -> [String] {
        try check()
        try connection.execute("SELECT pg_advisory_lock($1)", [.int(Self.lockKey)])
        defer {
            // The lock goes with the connection at the latest.
            _ = try? connection.execute("SELECT pg_advisory_unlock($1)", [.int(Self.lockKey)])
        }
        try connection.executeScript(
            """
            CREATE SCHEMA IF NOT EXISTS ambar;
            CREATE TABLE IF NOT EXISTS ambar.migration (
                number integer PRIMARY KEY,
                file text NOT NULL,
                checksum text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now());
            """)
        try checkNoneIsMissing(on: connection)
        var applied: [String] = []
        for migration in migrations where try apply(migration, on: connection) {
            applied.append(migration.file)
        }
        return applied
    }

    private func check() throws(PostgresError) {
        var seen: Set<Int> = []
        for migration in migrations {
            guard let number = migration.number else {
                throw .migration(file: migration.file, reason: "the name must begin with a number")
            }
            guard seen.insert(number).inserted else {
                throw .migration(file: migration.file, reason: "its number is taken by another file")
            }
        }
    }

    /// An older program must not write into a schema that it does not know.
    private func checkNoneIsMissing(on connection: PostgresConnection) throws {
        let unknown = try connection.execute(
            "SELECT file FROM ambar.migration WHERE number <> ALL ($1::integer[]) ORDER BY number LIMIT 1",
            [.array(migrations.compactMap { $0.number.map(String.init) })])
        guard let row = unknown.first else { return }
        throw PostgresError.migration(
            file: try row.text("file"),
            reason: "was applied to this database, but this version of ambar lacks it; use a newer one")
    }

    private func apply(_ migration: Migration, on connection: PostgresConnection) throws -> Bool {
        let sum = try connection.execute(
            "SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex') AS sum", [.text(migration.sql)])
        let checksum = try sum[0].text("sum")
        let number = Int64(migration.number ?? 0)
        let known = try connection.execute(
            "SELECT checksum FROM ambar.migration WHERE number = $1", [.int(number)])
        if let row = known.first {
            guard try row.text("checksum") == checksum else {
                throw PostgresError.migration(
                    file: migration.file,
                    reason: "was edited after it was applied; restore it and put the change into a new file")
            }
            return false
        }
        do {
            try connection.transaction { connection in
                // Without this a user who is named like a schema gets the unqualified names into that schema.
                try connection.executeScript("SET LOCAL search_path = public")
                try connection.executeScript(migration.sql)
                try connection.execute(
                    "INSERT INTO ambar.migration (number, file, checksum) VALUES ($1, $2, $3)",
                    [.int(number), .text(migration.file), .text(checksum)])
            }
        } catch let error as PostgresError {
            throw PostgresError.migration(file: migration.file, reason: error.description)
        }
        return true
    }
}
