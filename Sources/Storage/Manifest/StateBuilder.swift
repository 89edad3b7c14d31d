import Columns
import TableCatalog

/// Applies records of the manifest, or of a commit about to be made durable, to a state.
///
/// Every operation is checked against the state: a record that does not fit is damage (or, for a commit, our
/// mistake).
struct StateBuilder {
    private(set) var state: StoreState
    private let makeFile: (DataFileID) -> DataFile
    private var files: [DataFileID: DataFile] = [:]
    /// Row groups of the transaction, which already have their footers.
    private let prepared: [RowGroupID: RowGroup]
    private var newDictionaries: [UInt64: TableDictionary]
    private var removedFiles: [DataFileID: DataFile] = [:]
    private var catalogChanged = false

    /// - Parameters:
    ///   - prepared: Row groups to take instead of new objects.
    ///   - dictionaries: Extended dictionaries by identity to take instead of building them from entries.
    ///   - makeFile: Gives the object for a file that the state does not know.
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
        if record.isCheckpoint { state = StoreState() }
        state.version = record.version
        catalogChanged = record.isCheckpoint
        for operation in record.operations {
            if let reason = apply(operation) { return reason }
        }
        guard record.nextTable >= state.nextTable, record.nextRowGroup >= state.nextRowGroup,
            record.nextFile >= state.nextFile, record.nextDictionary >= state.nextDictionary
        else { return "counters go back" }
        state.nextTable = record.nextTable
        state.nextRowGroup = record.nextRowGroup
        state.nextFile = record.nextFile
        state.nextDictionary = record.nextDictionary
        if catalogChanged {
            let names = state.tables.values.map(\.definition.name)
            guard Set(names).count == names.count else { return "two tables have one name" }
            state.catalog = Catalog(state.tables.mapValues(\.definition))
        }
        return nil
    }

    /// Files that held row groups before and hold none now. O(row groups of the tables that lost some).
    func filesWithoutRowGroups() -> [DataFile] {
        guard !removedFiles.isEmpty else { return [] }
        var left = removedFiles
        for table in state.tables.values {
            for live in table.rowGroups { left[live.group.file.id] = nil }
        }
        return Array(left.values)
    }

    private mutating func apply(_ operation: ManifestOperation) -> String? {
        switch operation {
        case .createTable(let id, let definition, let firstDictionary):
            guard state.tables[id] == nil, id.rawValue != 0 else { return "table \(id.rawValue) exists" }
            var table = TableState(id: id, definition: definition, firstDictionary: firstDictionary)
            table.version = state.version
            state.tables[id] = table
            catalogChanged = true
            return nil
        case .dropTable(let id):
            guard let table = state.tables.removeValue(forKey: id) else { return Self.missing(id) }
            for live in table.rowGroups { removedFiles[live.group.file.id] = live.group.file }
            catalogChanged = true
            return nil
        case .setReplicationPosition(let identity, let position):
            state.replicationPositions[identity] = position
            return nil
        case .setProperty(nil, let key, let value):
            state.properties[key] = value
            return nil
        case .setProperty(let id?, let key, let value):
            guard state.tables[id] != nil else { return Self.missing(id) }
            state.tables[id]?.properties[key] = value
            return nil
        case .setTableVersion(let id, let version):
            guard state.tables[id] != nil else { return Self.missing(id) }
            state.tables[id]?.version = version
            return nil
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
        case .truncateTable(let id, _), .addRowGroup(let id, _, _), .removeRowGroup(let id, _),
            .deleteRows(let id, _, _), .extendDictionary(let id, _, _):
            // Taken out while it changes, so that its arrays are not copied.
            guard var table = state.tables.removeValue(forKey: id) else { return Self.missing(id) }
            let reason = change(&table, operation)
            table.version = state.version
            state.tables[id] = table
            return reason
        }
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

    private mutating func change(_ table: inout TableState, _ operation: ManifestOperation) -> String? {
        switch operation {
        case .truncateTable(_, let firstDictionary):
            for live in table.rowGroups { removedFiles[live.group.file.id] = live.group.file }
            table.rowGroups = []
            table.rowCount = 0
            table.dictionaries = TableState.dictionaries(of: table.definition, first: firstDictionary)
            return nil
        case .addRowGroup(_, let entry, let before): return add(entry, before: before, to: &table)
        case .removeRowGroup(_, let group):
            guard let index = Self.index(of: group, in: table) else {
                return "no row group \(group.rawValue)"
            }
            let removed = table.rowGroups.remove(at: index)
            table.rowCount -= removed.liveCount
            removedFiles[removed.group.file.id] = removed.group.file
            return nil
        case .deleteRows(_, let group, let rows):
            guard let index = Self.index(of: group, in: table) else {
                return "no row group \(group.rawValue)"
            }
            let live = table.rowGroups[index]
            guard rows.rowCount == live.group.rowCount else { return "deleted rows of another row group" }
            let added = DeletionVector(words: rows.words, rowCount: rows.rowCount)
            let all = live.deletes?.union(added) ?? added
            table.rowCount -= all.count - (live.deletes?.count ?? 0)
            table.rowGroups[index].deletes = all
            return nil
        case .extendDictionary(_, let column, let growth): return extend(&table, column: column, growth)
        default: return "not a change of rows"
        }
    }

    private mutating func add(
        _ entry: RowGroupEntry, before: RowGroupID?, to table: inout TableState
    ) -> String? {
        guard entry.id.rawValue != 0, entry.rowCount >= 1 else {
            return "row group \(entry.id.rawValue) is empty"
        }
        let group =
            prepared[entry.id]
            ?? RowGroup(
                id: entry.id, file: file(entry.file), footerOffset: entry.footerOffset,
                footerBytes: entry.footerBytes, rowCount: entry.rowCount,
                columnCount: table.definition.columns.count)
        let live = LiveRowGroup(group: group, deletes: nil, form: entry.form)
        table.rowCount += entry.rowCount
        guard let before else {
            table.rowGroups.append(live)
            return nil
        }
        guard let index = Self.index(of: before, in: table) else { return "no row group \(before.rawValue)" }
        table.rowGroups.insert(live, at: index)
        return nil
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
        let count = old.count + growth.entries.count
        let heap = StringHeap()
        let views = VectorBuffer(byteCount: max(1, count) * MemoryLayout<StringView>.stride)
        let pointer = views.pointer(as: StringView.self)
        if let vector = old.vector {
            if let owner = vector.entries.heap { heap.keep(owner) }
            pointer.update(from: vector.entries.pointer(as: StringView.self), count: old.count)
        }
        var byteCount = old.byteCount
        for (index, entry) in growth.entries.enumerated() {
            pointer[old.count + index] = entry.withUnsafeBufferPointer { heap.add($0) }
            byteCount += entry.count
        }
        table.dictionaries[column] = TableDictionary(
            identity: old.identity, views: views, heap: heap, type: table.definition.columns[column].type,
            count: count, byteCount: byteCount, rowsOffered: growth.rowsOffered, isClosed: growth.isClosed)
        return nil
    }

    /// Row groups keep no order of ids after compaction; most searches are for late ones.
    private static func index(of group: RowGroupID, in table: TableState) -> Int? {
        table.rowGroups.lastIndex { $0.group.id == group }
    }
}
