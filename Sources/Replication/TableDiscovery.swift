import Postgres

/// Which tables of the record are mirrored: `schema.table`, or `schema.*` for all of a schema.
public struct MirrorPattern: Hashable, Sendable, CustomStringConvertible {
    public var schema: String
    /// nil for every table.
    public var table: String?

    public init(schema: String, table: String? = nil) {
        self.schema = schema
        self.table = table
    }

    /// nil when the text is neither `schema.table` nor `schema.*`.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        self.init(schema: String(parts[0]), table: parts[1] == "*" ? nil : String(parts[1]))
    }

    public var description: String { "\(schema).\(table ?? "*")" }

    /// The shop's star.
    public static let standard = [MirrorPattern(schema: "shop")]
}

/// Reads the definitions of the mirrored tables from the record's catalog.
enum TableDiscovery {
    /// The tables of all patterns, sorted by name.
    ///
    /// - Throws: `.tableMissing` for a table that is named and not there, `.noPrimaryKey`.
    static func tables(
        of patterns: [MirrorPattern], on connection: PostgresConnection
    ) throws -> [MirroredTable] {
        var found: [String: MirroredTable] = [:]
        for pattern in patterns {
            let names = try connection.execute(
                """
                SELECT c.oid::text AS oid, c.relname AS name
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                  AND ($2::text IS NULL OR c.relname = $2)
                """, [.text(pattern.schema), .optional(pattern.table)])
            if let table = pattern.table, names.count == 0 {
                throw ReplicationError.tableMissing(name: "\(pattern.schema).\(table)")
            }
            for row in names.rows {
                let name = try row.text("name")
                let table = try self.table(oid: try row.text("oid"), pattern.schema, name, connection)
                found[table.qualifiedName] = table
            }
        }
        return found.values.sorted { $0.qualifiedName < $1.qualifiedName }
    }

    private static func table(
        oid: String, _ schema: String, _ name: String, _ connection: PostgresConnection
    ) throws -> MirroredTable {
        let columns = try connection.execute(
            """
            SELECT a.attname AS name, a.atttypid::bigint AS type, a.atttypmod AS modifier,
                   a.attnotnull AS required,
                   coalesce(array_position(i.indkey::int2[], a.attnum), -1) AS key
            FROM pg_attribute a
            LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
            WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            ORDER BY a.attnum
            """, [.text(oid)])
        var mirrored: [MirroredColumn] = []
        var keys: [(order: Int64, column: Int)] = []
        for (index, row) in columns.rows.enumerated() {
            let oid = UInt32(truncatingIfNeeded: try row.int("type"))
            let twin = RecordType.twin(oid: oid, modifier: Int32(truncatingIfNeeded: try row.int("modifier")))
            mirrored.append(
                MirroredColumn(
                    name: try row.text("name"), type: twin.type, isNullable: try !row.bool("required"),
                    isZoned: oid == RecordType.timestampWithTimeZone, isSentAsText: twin.asText))
            let key = try row.int("key")
            if key >= 0 { keys.append((key, index)) }
        }
        guard !keys.isEmpty else { throw ReplicationError.noPrimaryKey(table: "\(schema).\(name)") }
        return MirroredTable(
            schema: schema, name: name, columns: mirrored,
            primaryKey: keys.sorted { $0.order < $1.order }.map(\.column))
    }
}
