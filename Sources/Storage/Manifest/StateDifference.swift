import TableCatalog

/// The operations that make one version of the store out of an earlier one: many commits become one record.
///
/// Row groups never change their order among each other, which lets the difference be told by removals and
/// insertions in front of groups that stay.
enum StateDifference {
    /// The record that makes `new` out of `old`, or out of nothing when `old` is nil.
    static func record(from old: StoreState?, to new: StoreState) -> ManifestRecord {
        ManifestRecord(
            kind: old == nil ? .checkpoint : .merged, version: new.version, previous: old?.version ?? 0,
            time: new.time, nextTable: new.nextTable, nextRowGroup: new.nextRowGroup, nextFile: new.nextFile,
            nextDictionary: new.nextDictionary, operations: operations(from: old ?? StoreState(), to: new))
    }

    private static func operations(from old: StoreState, to new: StoreState) -> [ManifestOperation] {
        var operations: [ManifestOperation] = []
        for id in old.tables.keys.sorted() where new.tables[id] == nil { operations.append(.dropTable(id)) }
        for table in new.tables.values.sorted(by: { $0.id < $1.id }) {
            if let before = old.tables[table.id] {
                change(before, table, of: new, &operations)
            } else {
                create(table, of: new, &operations)
            }
        }
        for (identity, position) in new.replicationPositions.sorted(by: { $0.key < $1.key })
        where old.replicationPositions[identity] != position {
            operations.append(.setReplicationPosition(identity, position))
        }
        properties(nil, old.properties, new.properties, &operations)
        for name in Set(old.views.keys).union(new.views.keys).sorted()
        where old.views[name] != new.views[name] {
            operations.append(.setView(name, new.views[name]))
        }
        for name in old.schemas.symmetricDifference(new.schemas).sorted() {
            operations.append(.setSchema(name, exists: new.schemas.contains(name)))
        }
        return operations
    }

    private static func create(
        _ table: TableState, of state: StoreState, _ operations: inout [ManifestOperation]
    ) {
        let first = table.firstDictionary ?? 0
        operations.append(.createTable(table.id, table.definition, firstDictionary: first))
        if table.optionsNumber != 0 {
            operations.append(
                .setOptions(table.id, table.definition.options, number: table.optionsNumber))
        }
        let empty = TableState(id: table.id, definition: table.definition, firstDictionary: first)
        let details = TableReshape.details(of: table)
        if details.dictionaries != TableReshape.details(of: empty).dictionaries
            || !table.definition.defaults.isEmpty || !table.definition.checks.isEmpty
        {
            operations.append(.reshapeTable(table.id, details))
        }
        rows(empty, table, &operations)
        properties(table.id, [:], table.properties, &operations)
        setVersion(table, of: state, &operations)
    }

    private static func change(
        _ old: TableState, _ new: TableState, of state: StoreState, _ operations: inout [ManifestOperation]
    ) {
        if old.shapeNumber != new.shapeNumber {
            // The table as it is now under its old number: many changes of columns in one.
            operations.append(.dropTable(new.id))
            return create(new, of: state, &operations)
        }
        properties(new.id, old.properties, new.properties, &operations)
        guard old.version != new.version else { return }
        definition(old, new, &operations)
        if let first = new.firstDictionary, first != old.firstDictionary {
            operations.append(.truncateTable(new.id, firstDictionary: first))
            rows(
                TableState(id: new.id, definition: new.definition, firstDictionary: first), new, &operations)
        } else {
            rows(old, new, &operations)
        }
        setVersion(new, of: state, &operations)
    }

    private static func definition(
        _ old: TableState, _ new: TableState, _ operations: inout [ManifestOperation]
    ) {
        if old.optionsNumber != new.optionsNumber || old.definition.options != new.definition.options {
            operations.append(.setOptions(new.id, new.definition.options, number: new.optionsNumber))
        }
        // A key that was set, and set back, has still ended the sorted runs of the time before.
        if haveRunsEnded(old.rowGroups, new.rowGroups)
            || old.definition.clusteringKey != new.definition.clusteringKey
        {
            operations.append(.setClusteringKey(new.id, new.definition.clusteringKey))
        }
    }

    /// Whether a row group that stayed is no longer of the sorted run that it was of.
    private static func haveRunsEnded(_ old: [LiveRowGroup], _ new: [LiveRowGroup]) -> Bool {
        var start = 0
        while start < old.count && start < new.count && old[start].group.id == new[start].group.id {
            if old[start].form != new[start].form { return true }
            start += 1
        }
        var runs: [RowGroupID: RowGroupForm] = [:]
        for live in old[start...] where live.form.sortedRun != 0 { runs[live.group.id] = live.form }
        if runs.isEmpty { return false }
        return new[start...].contains { live in runs[live.group.id].map { $0 != live.form } ?? false }
    }

    private static func setVersion(
        _ table: TableState, of state: StoreState, _ operations: inout [ManifestOperation]
    ) {
        operations.append(.setTableVersion(table.id, table.version))
    }

    private static func properties(
        _ table: TableID?, _ old: [String: String], _ new: [String: String],
        _ operations: inout [ManifestOperation]
    ) {
        for key in Set(old.keys).union(new.keys).sorted() where old[key] != new[key] {
            operations.append(.setProperty(table, key, new[key]))
        }
    }

    /// Dictionaries, row groups and deletions.
    private static func rows(
        _ old: TableState, _ new: TableState, _ operations: inout [ManifestOperation]
    ) {
        for (column, dictionary) in new.dictionaries.enumerated() {
            guard let dictionary, let before = old.dictionaries[column], dictionary !== before,
                dictionary.rowsOffered > before.rowsOffered || dictionary.isClosed != before.isClosed
                    || dictionary.count > before.count
            else { continue }
            let growth = DictionaryExtension(
                firstCode: before.count, entries: dictionary.entries(from: before.count),
                rowsOffered: dictionary.rowsOffered, isClosed: dictionary.isClosed)
            operations.append(.extendDictionary(new.id, column: column, growth))
        }
        rowGroups(old.rowGroups, new.rowGroups, of: new.id, &operations)
    }

    private static func rowGroups(
        _ old: [LiveRowGroup], _ new: [LiveRowGroup], of table: TableID,
        _ operations: inout [ManifestOperation]
    ) {
        // Most versions differ at the end only.
        var start = 0
        while start < old.count && start < new.count && old[start].group.id == new[start].group.id {
            deletions(old[start].deletes, new[start], of: table, &operations)
            start += 1
        }
        let newIDs = Set(new[start...].map(\.group.id))
        var stayed: [RowGroupID: LiveRowGroup] = [:]
        for live in old[start...] {
            if newIDs.contains(live.group.id) {
                stayed[live.group.id] = live
            } else {
                operations.append(.removeRowGroup(table, live.group.id))
            }
        }
        var added: [LiveRowGroup] = []
        for live in new[start...] {
            guard let before = stayed[live.group.id] else {
                added.append(live)
                continue
            }
            add(added, before: live.group.id, to: table, &operations)
            added = []
            deletions(before.deletes, live, of: table, &operations)
        }
        add(added, before: nil, to: table, &operations)
    }

    private static func add(
        _ groups: [LiveRowGroup], before: RowGroupID?, to table: TableID,
        _ operations: inout [ManifestOperation]
    ) {
        for live in groups {
            let group = live.group
            let entry = RowGroupEntry(
                id: group.id, file: group.file.id, footerOffset: group.footerOffset,
                footerBytes: group.footerBytes, rowCount: group.rowCount, form: live.form)
            operations.append(.addRowGroup(table, entry, before: before))
            if let layout = group.layout {
                operations.append(.setStoredColumns(table, group.id, count: group.columnCount, layout))
            }
            deletions(nil, live, of: table, &operations)
        }
    }

    private static func deletions(
        _ old: RowDeletions?, _ new: LiveRowGroup, of table: TableID,
        _ operations: inout [ManifestOperation]
    ) {
        guard let deletes = new.deletes, deletes !== old else { return }
        var inline = deletes.inline
        if let block = deletes.block {
            if let known = old?.block, known.isSame(as: block) {
                inline = without(old, inline)
            } else {
                let entry = DeletionBlockEntry(
                    file: block.file.id, byteOffset: block.byteOffset, byteCount: block.byteCount,
                    deletedCount: block.deletedCount)
                operations.append(.setDeletions(table, new.group.id, entry))
            }
        } else {
            inline = without(old, inline)
        }
        if !inline.isEmpty { operations.append(.deleteRows(table, new.group.id, inline)) }
    }

    private static func without(_ old: RowDeletions?, _ rows: [UInt16]) -> [UInt16] {
        guard let old else { return rows }
        let known = Set(old.inline)
        return rows.filter { !known.contains($0) }
    }
}
