import Columns
import TableCatalog

/// Where a column of a table that is defined anew comes from.
public enum ColumnOrigin: Hashable, Sendable {
    /// A column that the table has had, by its index.
    case former(Int)
    /// A new column, and the value that the rows have in it which are there already.
    case new(Value)
}

/// A table's new definition with the origin of each of its columns.
struct TableReshape: Sendable {
    var definition: TableDefinition
    var columns: [ColumnOrigin]
    /// Identities of the columns' dictionaries; 0 for columns that have none.
    var dictionaries: [UInt64]

    /// A reshape that changes nothing but says what `createTable` does not.
    static func details(of table: TableState) -> TableReshape {
        TableReshape(
            definition: table.definition,
            columns: table.definition.columns.fields.indices.map { .former($0) },
            dictionaries: table.dictionaries.map { $0?.identity ?? 0 })
    }

    /// Changes the table; returns why it does not fit, or nil.
    func apply(to table: inout TableState) -> String? {
        let types = definition.columns.types
        let old = table.definition.columns.types
        guard columns.count == types.count, dictionaries.count == types.count else {
            return "columns do not fit their table"
        }
        var kept: Set<Int> = []
        var next: [TableDictionary?] = []
        for (index, origin) in columns.enumerated() {
            let identity = dictionaries[index]
            let isString = types[index].physical == .string
            guard isString == (identity != 0) else { return "column \(index) has a wrong dictionary" }
            var dictionary = isString ? TableDictionary(identity: identity) : nil
            if case .former(let former) = origin {
                guard old.indices.contains(former), old[former] == types[index], kept.insert(former).inserted
                else { return "column \(index) does not come from column \(former)" }
                if let known = table.dictionaries[former], known.identity == identity || known.count > 0 {
                    guard known.identity == identity else { return "column \(index) has a wrong dictionary" }
                    dictionary = known
                }
            }
            next.append(dictionary)
        }
        table.dictionaries = next
        table.definition = definition
        table.shapeNumber &+= 1
        let isSame =
            columns.count == old.count
            && columns.enumerated().allSatisfy { $0.element == .former($0.offset) }
        if isSame { return nil }
        let absent = zip(columns, types).map { origin, type -> AbsentColumn? in
            if case .new(let value) = origin { AbsentColumn(value, type: type) } else { nil }
        }
        for index in table.rowGroups.indices {
            let group = table.rowGroups[index].group
            let layout = zip(columns, absent).map { origin, absent -> StoredColumn in
                if let absent { return .absent(absent) }
                if case .former(let former) = origin { return group.stored(former) }
                preconditionFailure("a column is former or new")
            }
            table.rowGroups[index].group = group.arranged(layout)
        }
        return nil
    }
}
