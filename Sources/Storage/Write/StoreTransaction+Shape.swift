import Columns
import TableCatalog

extension StoreTransaction {
    /// Defines a table anew: its name, columns, keys, defaults and constraints. Row groups stay as they are
    /// in their files; readers see the columns that the table has now.
    ///
    /// - Parameter columns: Where each column of the new definition comes from, in its order.
    /// - Throws: `.invalidDefinition`, `.tableExists` for a name that is taken, `.tableMissing`, `.tableBusy`
    ///   when the transaction has changed the table's rows or options, `.wrongColumns` for a former column
    ///   that is missing or of another type.
    ///
    /// O(row groups); reads no rows.
    public func reshapeTable(
        _ id: TableID, as definition: TableDefinition, columns: [ColumnOrigin]
    ) throws(StorageError) {
        if let reason = definition.validate() { throw .invalidDefinition(reason) }
        for index in definition.primaryKey where !KeyHasher.supports(definition.columns[index].type) {
            throw .keyTypeUnsupported(table: definition.name, column: definition.columns[index].name)
        }
        try lock.withLock { () throws(StorageError) in
            waitForCalls()
            try checkOpen()
            guard isVisible(id), let old = known(id) else { throw .tableMissing(id: id) }
            if old.name != definition.name, table(named: definition.name) != nil {
                throw .tableExists(definition.name)
            }
            let hasRows = writers[id]?.hasChanges ?? false
            guard !hasRows, redefined[id] == nil, truncated[id] == nil else { throw .tableBusy(old.name) }
            writers[id] = nil
            if created[id] != nil {
                created[id] = (definition, takeDictionaries(definition))
                return
            }
            guard var table = base.tables[id] else { throw .tableMissing(id: id) }
            let reshape = composed(reshaped[id], definition, columns, of: table)
            guard reshape.apply(to: &table) == nil else {
                throw .wrongColumns(
                    table: old.name, wanted: old.columns.types.map(\.sqlName).joined(separator: ", "),
                    got: definition.columns.types.map(\.sqlName).joined(separator: ", "))
            }
            reshaped[id] = reshape
        }
    }

    /// The new definition from the committed one, over what the transaction has done before.
    private func composed(
        _ before: TableReshape?, _ definition: TableDefinition, _ columns: [ColumnOrigin],
        of table: TableState
    ) -> TableReshape {
        let first = takeDictionaries(definition)
        var origins: [ColumnOrigin] = []
        var identities: [UInt64] = []
        for (index, origin) in columns.enumerated() {
            let isString = definition.columns[index].type.physical == .string
            var identity = isString ? first &+ UInt64(index) : 0
            var resolved = origin
            if case .former(let former) = origin {
                if let before, before.columns.indices.contains(former) {
                    resolved = before.columns[former]
                    identity = before.dictionaries[former]
                } else if table.dictionaries.indices.contains(former) {
                    identity = table.dictionaries[former]?.identity ?? 0
                }
            }
            origins.append(resolved)
            identities.append(identity)
        }
        return TableReshape(definition: definition, columns: origins, dictionaries: identities)
    }

    /// Makes or replaces a view; nil drops it. Error: `.tableExists` when a table has the name.
    public func setView(_ name: TableName, _ view: ViewDefinition?) throws(StorageError) {
        try lock.withLock { () throws(StorageError) in
            try checkOpen()
            if view != nil, table(named: name) != nil { throw .tableExists(name) }
            views[name] = .some(view)
        }
    }

    /// Notes that a schema exists without anything in it, or no longer does.
    public func setSchema(_ name: String, exists: Bool) throws(StorageError) {
        try lock.withLock { () throws(StorageError) in
            try checkOpen()
            schemas[name] = exists
        }
    }

    /// What the transaction does to definitions, for the manifest.
    func shapeOperations() -> [ManifestOperation] {
        var operations: [ManifestOperation] = []
        for (id, new) in created.sorted(by: { $0.key < $1.key })
        where !new.definition.defaults.isEmpty || !new.definition.checks.isEmpty {
            let table = TableState(
                id: id, definition: new.definition, firstDictionary: new.firstDictionary)
            operations.append(.reshapeTable(id, .details(of: table)))
        }
        for (id, reshape) in reshaped.sorted(by: { $0.key < $1.key }) {
            operations.append(.reshapeTable(id, reshape))
        }
        for (name, view) in views.sorted(by: { $0.key < $1.key }) {
            operations.append(.setView(name, view))
        }
        for (name, exists) in schemas.sorted(by: { $0.key < $1.key }) {
            operations.append(.setSchema(name, exists: exists))
        }
        return operations
    }
}
