import TableCatalog

/// One version of a table: an immutable value.
struct TableState: Sendable {
    let id: TableID
    var definition: TableDefinition
    var rowGroups: [LiveRowGroup] = []
    /// One entry a column; nil for columns that are no strings.
    var dictionaries: [TableDictionary?]
    var properties: [String: String] = [:]
    /// The last version of the store that changed the table's rows or definition.
    var version: UInt64 = 0
    /// Counts changes of the options: a row group with another number was written with other ones.
    var optionsNumber: UInt32 = 0
    /// Rows that exist.
    var rowCount = 0

    init(id: TableID, definition: TableDefinition, firstDictionary: UInt64) {
        self.id = id
        self.definition = definition
        dictionaries = Self.dictionaries(of: definition, first: firstDictionary)
    }

    static func dictionaries(of definition: TableDefinition, first: UInt64) -> [TableDictionary?] {
        definition.columns.types.enumerated().map { index, type in
            type.physical == .string ? TableDictionary(identity: first &+ UInt64(index)) : nil
        }
    }
}

/// One version of the whole store: an immutable value that snapshots share.
struct StoreState: Sendable {
    var version: UInt64 = 0
    var tables: [TableID: TableState] = [:]
    var catalog = Catalog.empty
    /// Log sequence numbers by identity of the source.
    var replicationPositions: [String: UInt64] = [:]
    var properties: [String: String] = [:]
    var nextTable: UInt32 = 1
    var nextRowGroup: UInt32 = 1
    var nextFile: UInt32 = 1
    /// Identities of dictionaries; 0 is none.
    var nextDictionary: UInt64 = 1
}
