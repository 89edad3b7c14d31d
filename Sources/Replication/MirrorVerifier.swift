import Columns
import Postgres
import Storage
import TableCatalog

/// How a table of the record and its mirror compare.
public struct TableComparison: Hashable, Sendable {
    public var table: String
    public var recordRows: Int
    public var storeRows: Int
    public var isEqual: Bool
    /// Keys of the first rows that differ or stand on one side only.
    public var differingKeys: [String]
}

/// Compares every mirrored table with the record, row for row: counts and an order-independent sum of a hash
/// of each row's text, computed by Postgres on one side and over the store's chunks on the other.
public struct MirrorVerifier {
    private let configuration: PostgresConfiguration
    private let patterns: [MirrorPattern]
    private static let differingKeysMax = 5

    public init(record: PostgresConfiguration, tables: [MirrorPattern] = MirrorPattern.standard) {
        configuration = record.writingTextAsTheMirrorReadsIt
        patterns = tables
    }

    /// Compares all tables. The snapshot should be in step with the record (`Replicator.catchUp`), and the
    /// record quiet: what changes in between shows as a difference.
    public func compare(_ snapshot: StoreSnapshot) throws -> [TableComparison] {
        let connection = try PostgresConnection(configuration)
        let tables = try TableDiscovery.tables(of: patterns, on: connection)
        return try tables.map { try compare($0, snapshot, connection) }
    }

    private func compare(
        _ table: MirroredTable, _ snapshot: StoreSnapshot, _ connection: PostgresConnection
    ) throws -> TableComparison {
        let row = try connection.execute(
            """
            SELECT count(*) AS n, coalesce(sum(hashtextextended(\(Self.rowText(table)), 0)), 0)::text AS sum
            FROM \(table.quotedName)
            """)[0]
        let recordRows = Int(try row.int("n"))
        guard let id = snapshot.catalog.table(named: table.definition.name) else {
            return TableComparison(
                table: table.qualifiedName, recordRows: recordRows, storeRows: 0, isEqual: false,
                differingKeys: [])
        }
        var storeRows = 0
        var sum: Int128 = 0
        try Self.forEachRow(of: table, id, snapshot) { _, hash in
            storeRows += 1
            sum += Int128(hash)
        }
        let recordSum = try row.text("sum")
        let isEqual = recordRows == storeRows && "\(sum)" == recordSum
        return TableComparison(
            table: table.qualifiedName, recordRows: recordRows, storeRows: storeRows, isEqual: isEqual,
            differingKeys: isEqual ? [] : try differingKeys(table, id, snapshot, connection))
    }

    /// Reads both sides with their keys, which only tables that differ cost.
    private func differingKeys(
        _ table: MirroredTable, _ id: TableID, _ snapshot: StoreSnapshot, _ connection: PostgresConnection
    ) throws -> [String] {
        var stored: [String: Int64] = [:]
        try Self.forEachRow(of: table, id, snapshot) { key, hash in stored[key()] = hash }
        let keyText = table.primaryKey.map { "\(table.columns[$0].quotedName)::text" }.joined(
            separator: " || ',' || ")
        var differing: [String] = []
        let hash = "hashtextextended(\(Self.rowText(table)), 0)"
        let query = "SELECT \(keyText), \(hash) FROM \(table.quotedName) ORDER BY 1"
        try connection.copyOut("COPY (\(query)) TO STDOUT") { line in
            let fields = String(decoding: line, as: UTF8.self).split(separator: "\t")
            guard fields.count == 2, let hash = Int64(fields[1].filter { $0 != "\n" }) else { return }
            if stored.removeValue(forKey: String(fields[0])) != hash, differing.count < Self.differingKeysMax
            {
                differing.append(String(fields[0]))
            }
        }
        return differing + stored.keys.sorted().prefix(Self.differingKeysMax - differing.count)
    }

    /// The row's columns as text with a separator, NULL as `\N`: an SQL expression.
    private static func rowText(_ table: MirroredTable) -> String {
        let parts = table.columns.map { column in
            switch column.type {
            case .boolean:
                "coalesce(CASE \(column.quotedName) WHEN true THEN 't' WHEN false THEN 'f' END, '\\N')"
            case .decimal(_, let scale):
                "coalesce(round(\(column.quotedName), \(scale))::text, '\\N')"
            case .timestamp where column.isZoned:
                "coalesce((\(column.quotedName) AT TIME ZONE 'UTC')::text, '\\N')"
            default: "coalesce(\(column.quotedName)::text, '\\N')"
            }
        }
        return parts.joined(separator: " || '|' || ")
    }

    /// Calls `body` with each row's key (computed when asked) and hash.
    private static func forEachRow(
        of table: MirroredTable, _ id: TableID, _ snapshot: StoreSnapshot,
        _ body: (_ key: () -> String, _ hash: Int64) -> Void
    ) throws {
        let scan = try snapshot.scan(id, columns: Array(table.columns.indices))
        let reader = scan.makeReader()
        let text = TextBuffer()
        for morsel in 0..<scan.morselCount {
            guard try reader.open(morsel: morsel) else { continue }
            while let next = try reader.next() {
                let chunk = next.compacted()
                for row in 0..<chunk.rowCount {
                    text.removeAll()
                    for (index, column) in chunk.columns.enumerated() {
                        if index > 0 { text.append(124) }
                        if column.isNull(row) { text.append("\\N") } else { text.append(column, row: row) }
                    }
                    body(
                        {
                            table.primaryKey.map { chunk.columns[$0].value(at: row).text ?? "" }.joined(
                                separator: ",")
                        },
                        PostgresHash.hash(text.bytes))
                }
            }
        }
    }
}
