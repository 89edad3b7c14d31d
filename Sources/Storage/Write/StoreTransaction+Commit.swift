import DurableIO
import TableCatalog

extension StoreTransaction {
    /// Makes all changes visible and durable. A transaction without changes costs nothing and makes no
    /// version.
    ///
    /// - Returns: The version of the store that holds the changes.
    /// - Throws: `.files` when the changes did not happen, `.needsReopening` when that is not known; after
    ///   either the transaction has ended.
    ///
    /// Costs two or more syncs: each data file, their directory, the manifest.
    public func commit() throws(StorageError) -> UInt64 {
        try lock.withLock { () throws(StorageError) in
            try checkOpen()
            isOpen = false
            waitForCalls()
        }
        defer {
            release()
            store.endTransaction()
        }
        return try finish()
    }

    private func finish() throws(StorageError) -> UInt64 {
        let changed = writers.values.filter(\.hasChanges).sorted { $0.base.id < $1.base.id }
        do {
            for writer in changed { try writer.finish() }
            try placeDeletions(of: changed)
            try StorageError.files { () throws(DurableIOError) in
                for writer in changed { try writer.writer.sync() }
                if !madeFiles.isEmpty { try store.syncDataDirectory() }
            }
        } catch {
            discard()
            throw error
        }
        let operations = operations(of: changed)
        guard !operations.isEmpty else {
            discard()
            return base.version
        }
        let record = ManifestRecord(
            kind: .commit, version: base.version + 1, previous: base.version,
            time: max(base.time, store.clock.now), nextTable: nextTable, nextRowGroup: nextRowGroup,
            nextFile: store.nextFileNumber, nextDictionary: nextDictionary, operations: operations)
        do {
            try store.publish(record, changed: changed)
        } catch {
            // After an unknown outcome the files must stay: the record may be on the disk.
            if case .files = error { discard() }
            throw error
        }
        removeUnusedFiles(record)
        return record.version
    }

    /// Gives all changes up and removes their files. Does nothing after `commit` or a first `rollback`.
    public func rollback() {
        let wasOpen = lock.withLock {
            if isOpen {
                isOpen = false
                waitForCalls()
                return true
            }
            return false
        }
        guard wasOpen else { return }
        discard()
        release()
        store.endTransaction()
    }

    private func discard() {
        for writer in writers.values {
            for builder in writer.dictionaries { builder?.rollback() }
        }
        for file in madeFiles { file.markObsolete() }
    }

    /// Writes what is too much for the manifest to a file of the transaction.
    private func placeDeletions(of changed: [TableWriter]) throws(StorageError) {
        guard let host = changed.first(where: { $0.writer.hasFiles }) ?? changed.first else { return }
        for writer in changed { try writer.placeDeletions(in: host.writer) }
    }

    /// Files whose every row the transaction itself deleted again.
    private func removeUnusedFiles(_ record: ManifestRecord) {
        let used = Set(record.operations.compactMap(\.file))
        for file in madeFiles where !used.contains(file.id) { file.markObsolete() }
    }

    private func operations(of changed: [TableWriter]) -> [ManifestOperation] {
        var operations: [ManifestOperation] = []
        for id in dropped.sorted() { operations.append(.dropTable(id)) }
        for (id, new) in created.sorted(by: { $0.key < $1.key }) {
            operations.append(.createTable(id, new.definition, firstDictionary: new.firstDictionary))
        }
        for (id, first) in truncated.sorted(by: { $0.key < $1.key }) where !dropped.contains(id) {
            operations.append(.truncateTable(id, firstDictionary: first))
        }
        operations += shapeOperations()
        operations += redefinitions()
        for writer in changed { operations += writer.operations() }
        for (identity, position) in positions.sorted(by: { $0.key < $1.key }) {
            operations.append(.setReplicationPosition(identity, position))
        }
        for property in properties {
            operations.append(.setProperty(property.table, property.key, property.value))
        }
        return operations
    }
}

extension TableWriter {
    /// The writer's changes for the manifest, after `seal`.
    func operations() -> [ManifestOperation] {
        let id = base.id
        var operations: [ManifestOperation] = []
        for (column, builder) in dictionaries.enumerated() {
            guard let builder, builder.hasChanges else { continue }
            let snapshot = builder.snapshot()
            let growth = DictionaryExtension(
                firstCode: builder.committed.count, entries: snapshot.entries(from: builder.committed.count),
                rowsOffered: snapshot.rowsOffered, isClosed: snapshot.isClosed)
            operations.append(.extendDictionary(id, column: column, growth))
        }
        for own in sealed where (own.deleted?.count ?? 0) < own.group.rowCount {
            operations.append(.addRowGroup(id, own.entry, before: own.before))
            operations += deletionOperations(of: own.group.id)
        }
        for group in rewritten { operations.append(.removeRowGroup(id, group.id)) }
        for group in deletes.keys.sorted() { operations += deletionOperations(of: group) }
        return operations
    }
}
