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
    /// Counts changes of the columns since the state was built from nothing: row groups that were read before
    /// a change do not fit the table after it.
    var shapeNumber: UInt32 = 0
    /// Rows that exist.
    var rowCount = 0

    init(id: TableID, definition: TableDefinition, firstDictionary: UInt64) {
        self.id = id
        self.definition = definition
        dictionaries = Self.dictionaries(of: definition, first: firstDictionary)
    }

    /// The identity of column 0's dictionary, if it had one; nil when no column has.
    var firstDictionary: UInt64? {
        for (index, dictionary) in dictionaries.enumerated() {
            if let dictionary { return dictionary.identity &- UInt64(index) }
        }
        return nil
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
    /// When the version was committed: microseconds since 1970-01-01 UTC.
    var time: Int64 = 0
    var tables: [TableID: TableState] = [:]
    var catalog = Catalog.empty
    /// Log sequence numbers by identity of the source.
    var replicationPositions: [String: UInt64] = [:]
    var properties: [String: String] = [:]
    var views: [TableName: ViewDefinition] = [:]
    /// Schemas that were made by name.
    var schemas: Set<String> = []
    var nextTable: UInt32 = 1
    var nextRowGroup: UInt32 = 1
    var nextFile: UInt32 = 1
    /// Identities of dictionaries; 0 is none.
    var nextDictionary: UInt64 = 1

    /// Brings `catalog` to the tables and views.
    mutating func refreshCatalog() {
        catalog = Catalog(tables.mapValues(\.definition), views: views, schemas: schemas)
    }

    var point: StoreVersion { StoreVersion(number: version, time: time) }

    /// Every file that the version needs.
    var files: [DataFileID: DataFile] {
        var files: [DataFileID: DataFile] = [:]
        for table in tables.values {
            for live in table.rowGroups {
                files[live.group.file.id] = live.group.file
                if let block = live.deletes?.block { files[block.file.id] = block.file }
            }
        }
        return files
    }
}
