import TableCatalog

extension StoreTransaction {
    /// Sets how a table's row groups are written. Those that a later call writes follow; compaction rewrites
    /// the others in time. Setting what is set already changes nothing.
    ///
    /// - Throws: `.invalidDefinition` naming the option and its value, `.tableMissing`.
    public func setOptions(_ id: TableID, _ options: TableOptions) throws(StorageError) {
        try redefine(id) { $0.options = options }
    }

    /// Sets the columns by which compaction sorts a table's rows; none for their order of arrival. Rows that
    /// are there stay where they are until compaction moves them.
    ///
    /// - Throws: `.invalidDefinition`, `.tableMissing`.
    public func setClusteringKey(_ id: TableID, _ columns: [Int]) throws(StorageError) {
        try redefine(id) { $0.clusteringKey = columns }
    }

    /// The definition of a table as the transaction sees it; nil if it is missing.
    public func definition(of id: TableID) -> TableDefinition? {
        lock.withLock { isVisible(id) ? known(id) : nil }
    }

    func known(_ id: TableID) -> TableDefinition? {
        created[id]?.definition ?? redefined[id] ?? reshaped[id]?.definition ?? base.tables[id]?.definition
    }

    private func redefine(_ id: TableID, _ change: (inout TableDefinition) -> Void) throws(StorageError) {
        try lock.withLock { () throws(StorageError) in
            try checkOpen()
            guard isVisible(id), var definition = known(id) else { throw .tableMissing(id: id) }
            change(&definition)
            if let reason = definition.validate() { throw .invalidDefinition(reason) }
            if created[id] != nil {
                created[id]?.definition = definition
            } else if reshaped[id] != nil {
                throw .tableBusy(definition.name)
            } else {
                redefined[id] = definition
            }
        }
    }

    /// The number of a table's options once the transaction is committed.
    func optionsNumber(of table: TableState) -> UInt32 {
        guard let definition = redefined[table.id], definition.options != table.definition.options else {
            return table.optionsNumber
        }
        return table.optionsNumber &+ 1
    }

    func redefinitions() -> [ManifestOperation] {
        var operations: [ManifestOperation] = []
        for (id, definition) in redefined.sorted(by: { $0.key < $1.key }) {
            guard let table = base.tables[id] else { continue }
            if definition.options != table.definition.options {
                operations.append(.setOptions(id, definition.options, number: optionsNumber(of: table)))
            }
            if definition.clusteringKey != table.definition.clusteringKey {
                operations.append(.setClusteringKey(id, definition.clusteringKey))
            }
        }
        return operations
    }
}
