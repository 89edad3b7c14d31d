import Columns
import TableCatalog

/// Applies records of the manifest, or of a commit about to be made durable, to a state.
///
/// Every operation is checked against the state: a record that does not fit is damage (or, for a commit, our
/// mistake).
struct StateBuilder {
    private(set) var state: StoreState
    /// Files that records have named.
    private(set) var files: [DataFileID: DataFile] = [:]
    /// Row groups that records have removed, with their tables or alone.
    private(set) var removedRowGroups = 0
    private let makeFile: (DataFileID) -> DataFile
    /// Row groups whose objects exist, with their footers.
    private let prepared: [RowGroupID: RowGroup]
    private let newDictionaries: [UInt64: TableDictionary]
    private var growing: [UInt64: GrowingDictionary] = [:]
    private var removedFiles: [DataFileID: DataFile] = [:]
    private var catalogChanged = false

    /// - Parameters:
    ///   - prepared: Row groups to take instead of new objects.
    ///   - dictionaries: Extended dictionaries by identity to take instead of building them from entries.
    ///   - makeFile: Gives the object for a file that a record names for the first time.
    init(
        _ state: StoreState, prepared: [RowGroupID: RowGroup] = [:],
        dictionaries: [UInt64: TableDictionary] = [:],
        makeFile: @escaping (DataFileID) -> DataFile
    ) {
        self.state = state
        self.prepared = prepared
        newDictionaries = dictionaries
        self.makeFile = makeFile
    }

    /// Applies a record; returns why it does not fit, or nil.
    mutating func apply(_ record: ManifestRecord) -> String? {
        if record.kind == .checkpoint { state = StoreState() }
        guard record.time >= state.time else { return "time goes back" }
        state.version = record.version
        state.time = record.time
        catalogChanged = record.kind == .checkpoint
        var index = 0
        while index < record.operations.count {
            if let reason = apply(record.operations, &index) { return reason }
        }
        guard record.nextTable >= state.nextTable, record.nextRowGroup >= state.nextRowGroup,
            record.nextFile >= state.nextFile, record.nextDictionary >= state.nextDictionary
        else { return "counters go back" }
        state.nextTable = record.nextTable
        state.nextRowGroup = record.nextRowGroup
        state.nextFile = record.nextFile
        state.nextDictionary = record.nextDictionary
        if catalogChanged {
            let names = state.tables.values.map(\.definition.name) + Array(state.views.keys)
            guard Set(names).count == names.count else { return "two tables have one name" }
            state.refreshCatalog()
        }
        return nil
    }

    /// Files that held row groups before and hold none now. O(row groups) when some were removed.
    func filesWithoutRowGroups() -> [DataFile] {
        guard !removedFiles.isEmpty else { return [] }
        var left = removedFiles
        for table in state.tables.values {
            for live in table.rowGroups { left[live.group.file.id] = nil }
        }
        return Array(left.values)
    }

    /// Applies the operation at `index` and, of changes of one table's rows, those that follow it.
    private mutating func apply(_ operations: [ManifestOperation], _ index: inout Int) -> String? {
        let operation = operations[index]
        if let id = operation.tableOfRows {
            // Taken out while it changes, so that its arrays are not copied.
            guard let table = state.tables.removeValue(forKey: id) else { return Self.missing(id) }
            var change = TableChange(table)
            repeat {
                if let reason = apply(operations[index], to: &change) { return reason }
                index += 1
            } while index < operations.count && operations[index].tableOfRows == id
            change.finish()
            removedRowGroups += change.removed.count
            for live in change.removed { removedFiles[live.group.file.id] = live.group.file }
            change.table.version = state.version
            state.tables[id] = change.table
            return nil
        }
        index += 1
        return apply(operation)
    }

    private mutating func apply(_ operation: ManifestOperation) -> String? {
        switch operation {
        case .createTable(let id, let definition, let firstDictionary):
            guard state.tables[id] == nil, id.rawValue != 0 else { return "table \(id.rawValue) exists" }
            var table = TableState(id: id, definition: definition, firstDictionary: firstDictionary)
            table.version = state.version
            state.tables[id] = table
            catalogChanged = true
        case .dropTable(let id):
            guard let table = state.tables.removeValue(forKey: id) else { return Self.missing(id) }
            removedRowGroups += table.rowGroups.count
            for live in table.rowGroups { removedFiles[live.group.file.id] = live.group.file }
            catalogChanged = true
        case .setReplicationPosition(let identity, let position):
            state.replicationPositions[identity] = position
        case .setProperty(nil, let key, let value):
            state.properties[key] = value
        case .setProperty(let id?, let key, let value):
            guard state.tables[id] != nil else { return Self.missing(id) }
            state.tables[id]?.properties[key] = value
        case .setTableVersion(let id, let version):
            guard state.tables[id] != nil else { return Self.missing(id) }
            state.tables[id]?.version = version
        case .setOptions(let id, let options, let number):
            return redefine(id) { table in
                table.definition.options = options
                table.optionsNumber = number
            }
        case .setClusteringKey(let id, let key):
            return redefine(id) { table in
                table.definition.clusteringKey = key
                for index in table.rowGroups.indices { table.rowGroups[index].form.sortedRun = 0 }
            }
        case .setView(let name, let view):
            state.views[name] = view
            catalogChanged = true
        case .setSchema(let name, let exists):
            if exists { state.schemas.insert(name) } else { state.schemas.remove(name) }
            catalogChanged = true
        case .reshapeTable(let id, let reshape):
            var reason: String?
            return redefine(id) { reason = reshape.apply(to: &$0) } ?? reason
        default: return "not a change of the store"
        }
        return nil
    }

    private mutating func redefine(_ id: TableID, _ body: (inout TableState) -> Void) -> String? {
        guard var table = state.tables.removeValue(forKey: id) else { return Self.missing(id) }
        body(&table)
        table.version = state.version
        catalogChanged = true
        let isValid = table.definition.validate() == nil
        state.tables[id] = table
        return isValid ? nil : "definition of table \(id.rawValue) is not valid"
    }

    private static func missing(_ id: TableID) -> String { "no table \(id.rawValue)" }

    private mutating func apply(_ operation: ManifestOperation, to change: inout TableChange) -> String? {
        switch operation {
        case .truncateTable(_, let firstDictionary):
            change.truncate(firstDictionary: firstDictionary)
            return nil
        case .addRowGroup(_, let entry, let before):
            guard entry.id.rawValue != 0, entry.rowCount >= 1 else {
                return "row group \(entry.id.rawValue) is empty"
            }
            let columnCount = change.table.definition.columns.count
            let group = rowGroup(entry, columnCount: columnCount)
            return change.add(group, form: entry.form, before: before)
        case .removeRowGroup(_, let group): return change.remove(group)
        case .deleteRows(_, let group, let rows): return change.delete(rows, from: group)
        case .setDeletions(_, let group, let entry):
            let block = DeletionBlock(
                file: file(entry.file), byteOffset: entry.byteOffset, byteCount: entry.byteCount,
                deletedCount: entry.deletedCount)
            return change.delete(block, from: group)
        case .extendDictionary(_, let column, let growth):
            return extend(&change.table, column: column, growth)
        case .setStoredColumns(_, let group, let count, let columns):
            return change.arrange(group, count: count, columns)
        default: return "not a change of rows"
        }
    }

    private mutating func rowGroup(_ entry: RowGroupEntry, columnCount: Int) -> RowGroup {
        // One that has been arranged for later columns would be arranged twice.
        if let known = prepared[entry.id], known.layout == nil {
            files[known.file.id] = known.file
            return known
        }
        return RowGroup(
            id: entry.id, file: file(entry.file), footerOffset: entry.footerOffset,
            footerBytes: entry.footerBytes, rowCount: entry.rowCount, columnCount: columnCount)
    }

    private mutating func file(_ id: DataFileID) -> DataFile {
        if let known = files[id] { return known }
        let made = makeFile(id)
        files[id] = made
        return made
    }

    private mutating func extend(
        _ table: inout TableState, column: Int, _ growth: DictionaryExtension
    ) -> String? {
        guard table.dictionaries.indices.contains(column), let old = table.dictionaries[column] else {
            return "column \(column) has no dictionary"
        }
        guard growth.firstCode == old.count else { return "dictionary of column \(column) has a gap" }
        if let prepared = newDictionaries[old.identity], prepared.count == old.count + growth.entries.count {
            table.dictionaries[column] = prepared
            return nil
        }
        let type = table.definition.columns[column].type
        let grown: GrowingDictionary
        if let known = growing[old.identity], known.count == old.count {
            grown = known
        } else {
            grown = GrowingDictionary(old)
            growing[old.identity] = grown
        }
        table.dictionaries[column] = grown.extended(old, by: growth, type: type)
        return nil
    }
}

extension ManifestOperation {
    /// The table whose rows the operation changes; nil of any other operation.
    fileprivate var tableOfRows: TableID? {
        switch self {
        case .truncateTable(let id, _), .addRowGroup(let id, _, _), .removeRowGroup(let id, _),
            .deleteRows(let id, _, _), .setDeletions(let id, _, _), .extendDictionary(let id, _, _),
            .setStoredColumns(let id, _, _, _):
            id
        default: nil
        }
    }
}
