import Foundation

/// A column that is written: its name, the type of the array it is sent in, and the table it points at.
public struct RecordColumn: Sendable, Hashable {
    var name: String
    var type: String
    var target: String?

    static func text(_ name: String) -> RecordColumn { RecordColumn(name: name, type: "text") }
    static func uuid(_ name: String) -> RecordColumn { RecordColumn(name: name, type: "uuid") }
    static func int(_ name: String) -> RecordColumn { RecordColumn(name: name, type: "bigint") }
    static func bool(_ name: String) -> RecordColumn { RecordColumn(name: name, type: "boolean") }
    static func number(_ name: String) -> RecordColumn { RecordColumn(name: name, type: "numeric") }
    static func moment(_ name: String) -> RecordColumn { RecordColumn(name: name, type: "timestamp") }
    static func date(_ name: String) -> RecordColumn { RecordColumn(name: name, type: "date") }
    /// A bigint column filled with the id of the row of `target` that has the uid sent.
    static func reference(_ name: String, _ target: String) -> RecordColumn {
        RecordColumn(name: name, type: "uuid", target: target)
    }
}

/// A table of the star as it is written: rows are found by `uid`, and only rows that differ are touched.
public struct RecordTable: Sendable {
    /// With its schema, such as `shop.document`.
    public let name: String
    let columns: [RecordColumn]
    /// Takes one array a column, in order.
    let upsert: String

    /// - Parameter columns: Without `id`; the first is `uid`.
    init(_ name: String, _ columns: [RecordColumn]) {
        precondition(columns.first?.name == "uid", "rows are found by uid")
        self.name = name
        self.columns = columns
        upsert = Self.upsertSQL(name, columns)
    }

    /// An unchanged row is not written at all: no new version, no log, nothing to replicate.
    private static func upsertSQL(_ name: String, _ columns: [RecordColumn]) -> String {
        let names = columns.map(\.name)
        var joins = ""
        let values = columns.enumerated().map { index, column in
            guard let target = column.target else { return "v.\(column.name)" }
            joins += " LEFT JOIN \(target) AS r\(index) ON r\(index).uid = v.\(column.name)"
            return "r\(index).id"
        }
        let arrays = columns.enumerated().map { "$\($0 + 1)::\($1.type)[]" }
        let others = names.dropFirst()
        return """
            INSERT INTO \(name) AS t (\(names.joined(separator: ", ")))
            SELECT \(values.joined(separator: ", "))
            FROM unnest(\(arrays.joined(separator: ", "))) AS v(\(names.joined(separator: ", ")))\(joins)
            ON CONFLICT (uid) DO UPDATE SET \(others.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
            WHERE (\(others.map { "t.\($0)" }.joined(separator: ", ")))
            IS DISTINCT FROM (\(others.map { "excluded.\($0)" }.joined(separator: ", ")))
            """
    }
}

/// A row of a table of the star.
public protocol RecordRow: Sendable {
    /// Where it goes.
    static var table: RecordTable { get }
    /// Moysklad's id.
    var uid: UUID { get }
    /// Adds the values in the order of the table's columns.
    func encode(into row: inout RowEncoder)
}
