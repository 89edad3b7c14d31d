import TableCatalog

extension StoreTransaction {
    /// The version that the transaction began from, with its own changes so far: what its later statements
    /// read. Stays readable after the transaction has ended, though nobody else will see it.
    ///
    /// - Throws: `.transactionEnded`, `.files` when rows in memory cannot be written.
    ///
    /// Writes the rows that the transaction has in memory as row groups, so that many small statements make
    /// many small row groups; compaction merges them.
    public func snapshot() throws(StorageError) -> StoreSnapshot {
        let changed = try lock.withLock { () throws(StorageError) in
            try checkOpen()
            return writers.values.filter(\.hasChanges)
        }
        // Outside of the lock: writing rows takes numbers from the transaction.
        var written: [TableState] = []
        for writer in changed { written.append(try writer.currentState()) }
        let state = try lock.withLock { () throws(StorageError) in
            try checkOpen()
            return try currentState(written)
        }
        guard let state else { return store.snapshot(of: base) }
        // Statistics are kept by version, and this one has no number of its own.
        return StoreSnapshot(state: state, cache: store.cache, statistics: StatisticsCache(), store: store)
    }

    /// nil when nothing has changed. Inside the lock.
    private func currentState(_ written: [TableState]) throws(StorageError) -> StoreState? {
        let redefinedTables = Set(created.keys).union(redefined.keys).union(truncated.keys).union(
            reshaped.keys)
        guard
            !redefinedTables.isEmpty || !dropped.isEmpty || !written.isEmpty || !properties.isEmpty
                || !views.isEmpty || !schemas.isEmpty
        else { return nil }
        var state = base
        for id in dropped { state.tables[id] = nil }
        for id in redefinedTables where isVisible(id) { state.tables[id] = try visibleState(of: id) }
        for table in written where isVisible(table.id) { state.tables[table.id] = table }
        for property in properties {
            if let table = property.table {
                state.tables[table]?.properties[property.key] = property.value
            } else {
                state.properties[property.key] = property.value
            }
        }
        for (name, view) in views { state.views[name] = view }
        for (name, exists) in schemas {
            if exists { state.schemas.insert(name) } else { state.schemas.remove(name) }
        }
        state.refreshCatalog()
        return state
    }
}

extension TableWriter {
    /// The table as the transaction sees it.
    func currentState() throws(StorageError) -> TableState {
        try exclusively { () throws(StorageError) in
            try seal()
            var table = base
            var groups: [LiveRowGroup] = []
            for live in base.rowGroups {
                guard let rows = deletes[live.group.id], rows.count > 0 else {
                    groups.append(live)
                    continue
                }
                var changed = live
                let inline = ((live.deletes?.inline ?? []) + rows.rows).sorted()
                changed.deletes = RowDeletions(
                    rowGroup: live.group.id, rowCount: live.group.rowCount, block: live.deletes?.block,
                    inline: inline)
                groups.append(changed)
            }
            for own in sealed {
                var live = LiveRowGroup(group: own.group, deletes: nil, form: own.entry.form)
                if let rows = own.deleted, rows.count > 0 {
                    live.deletes = RowDeletions(
                        rowGroup: own.group.id, rowCount: own.group.rowCount, block: nil,
                        inline: rows.rows.sorted())
                }
                groups.append(live)
            }
            table.rowGroups = groups.filter { $0.liveCount > 0 }
            table.rowCount = groups.reduce(0) { $0 + $1.liveCount }
            let current = currentDictionaries()
            for (index, dictionary) in current.enumerated() {
                if let dictionary { table.dictionaries[index] = dictionary }
            }
            return table
        }
    }
}
