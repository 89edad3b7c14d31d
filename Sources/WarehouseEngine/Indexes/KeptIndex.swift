import SQLSyntax
import Storage
import TableCatalog

/// An index of a table: a name that `DROP INDEX` takes, and for a UNIQUE one what every change of the rows is
/// checked against. The store keeps nothing else of it.
///
/// It is a property of its table: `index.NAME`, or `unique.NAME` for a UNIQUE constraint, with CREATE INDEX
/// as the value. The name of the table in that text is the one at the time and does not count.
struct KeptIndex {
    private static let indexPrefix = "index."
    private static let constraintPrefix = "unique."

    var name: String
    /// Whether CREATE TABLE or ALTER TABLE made it, so that DROP CONSTRAINT takes it away.
    var isConstraint: Bool
    var definition: CreateIndex

    var property: String { (isConstraint ? Self.constraintPrefix : Self.indexPrefix) + name }

    var text: String { SQLPrinter().text(.createIndex(definition)) }

    /// Columns that are keys as they are; unique indexes have only such.
    var columnNames: [String] {
        definition.columns.compactMap { column in
            if case .column(let parts) = column.kind { parts.last?.name } else { nil }
        }
    }

    func renaming(_ old: String, to new: Identifier) -> KeptIndex {
        var result = self
        result.definition.columns = definition.columns.map { column in
            guard case .column(let parts) = column.kind, parts.last?.name == old else { return column }
            return SQLExpression(.column([new]), span: column.span)
        }
        return result
    }

    /// The indexes of a table in order of their names. Parses each.
    static func all(of table: TableID, in snapshot: StoreSnapshot) -> [KeptIndex] {
        read(snapshot.properties(of: table)) { _ in true }
    }

    /// The unique ones only; a table without costs a look at its properties.
    static func unique(of table: TableID, in snapshot: StoreSnapshot) -> [KeptIndex] {
        read(snapshot.properties(of: table)) { $0.hasPrefix("CREATE UNIQUE") }
    }

    /// The index of that name, and its table: an index is in the schema of its table.
    static func named(_ name: TableName, in snapshot: StoreSnapshot) -> (table: TableID, index: KeptIndex)? {
        let keys = [indexPrefix + name.name, constraintPrefix + name.name]
        for (id, table) in snapshot.catalog.tables where table.name.schema == name.schema {
            let found = keys.compactMap { key in snapshot.property(key, of: id).map { (key, $0) } }
            let read = read(Dictionary(found, uniquingKeysWith: { first, _ in first })) { _ in true }
            if let index = read.first { return (id, index) }
        }
        return nil
    }

    private static func read(
        _ properties: [String: String], where isMeant: (String) -> Bool
    ) -> [KeptIndex] {
        var result: [KeptIndex] = []
        for (key, text) in properties where isMeant(text) {
            let isConstraint = key.hasPrefix(constraintPrefix)
            guard isConstraint || key.hasPrefix(indexPrefix),
                case .createIndex(let definition)? = try? SQLParser.statement(in: text)
            else { continue }
            let name = key.dropFirst(isConstraint ? constraintPrefix.count : indexPrefix.count)
            result.append(
                KeptIndex(name: String(name), isConstraint: isConstraint, definition: definition))
        }
        return result.sorted { $0.name < $1.name }
    }
}
