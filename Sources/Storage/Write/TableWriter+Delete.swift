import Columns
import TableCatalog

extension TableWriter {
    /// Deletes the rows with the given keys, committed ones and the transaction's own. Keys with a NULL match
    /// nothing.
    ///
    /// - Parameter chunk: The primary key's columns in key order.
    /// - Returns: Rows deleted.
    func delete(keys chunk: DataChunk) throws(StorageError) -> Int {
        let types = definition.primaryKey.map { definition.columns[$0].type }
        guard !types.isEmpty else { throw .noPrimaryKey(table: definition.name) }
        guard chunk.columns.map(\.type) == types else {
            throw .wrongColumns(
                table: definition.name, wanted: types.map(\.sqlName).joined(separator: ", "),
                got: chunk.columns.map(\.type.sqlName).joined(separator: ", "))
        }
        if base.rowCount > 0 { try committedKeys.prepare(for: base, reader: keys) }
        if overlay == nil && (builder != nil || !sealed.isEmpty) { try buildOverlay() }
        let columns = chunk.compacted().columns.map { $0.flattened() }
        let rowCount = chunk.selectedCount
        let hashes = KeyHasher.hashes(columns, rowCount: rowCount)
        let dictionaries = sealed.isEmpty ? [] : currentDictionaries()
        var deleted = 0
        for row in 0..<rowCount where !columns.contains(where: { $0.isNull(row) }) {
            let key = KeyHasher.key(columns, row: row)
            if base.rowCount > 0, let index = committedKeys.index {
                try index.forEach(hash: hashes[row]) { (locator) throws(StorageError) in
                    if try deleteCommitted(key, hashes[row], locator) { deleted += 1 }
                }
            }
            if let overlay {
                try overlay.forEach(hash: hashes[row]) { (locator) throws(StorageError) in
                    if try deleteOwn(key, locator, dictionaries) { deleted += 1 }
                }
            }
        }
        // Keys point into the columns.
        withExtendedLifetime(columns) {}
        return deleted
    }

    /// Deletes rows by their places.
    func delete(rows: [RowLocator]) throws(StorageError) -> Int {
        var deleted = 0
        for locator in rows {
            // Row groups of the transaction have greater numbers than those that were there.
            if let first = sealed.first, locator.rowGroup >= first.group.id,
                let place = sealed.firstIndex(where: { $0.group.id == locator.rowGroup })
            {
                if try deleteOwn(locator.row, ofSealed: place) { deleted += 1 }
                continue
            }
            guard let live = committedGroup(locator.rowGroup), locator.row < live.group.rowCount else {
                throw .rowMissing(table: definition.name, locator: locator)
            }
            if try live.deletes?.contains(locator.row) ?? false { continue }
            if mark(locator, rowCount: live.group.rowCount) { deleted += 1 }
        }
        return deleted
    }

    private func deleteOwn(_ row: Int, ofSealed place: Int) throws(StorageError) -> Bool {
        let group = sealed[place].group
        guard row < group.rowCount else {
            throw .rowMissing(
                table: definition.name, locator: RowLocator(rowGroup: group.id, row: row))
        }
        var deleted = sealed[place].deleted ?? DeletedRows(rowCount: group.rowCount)
        let isNew = deleted.insert(row)
        sealed[place].deleted = deleted
        return isNew
    }

    /// Replaces rows with the same keys: deletes them, then appends the chunk. Of several rows of the chunk
    /// with one key the last stays.
    func upsert(_ chunk: DataChunk) throws(StorageError) {
        let compact = chunk.compacted()
        let shape = try ChunkShape(of: compact, for: definition)
        let keyChunk = compact.projected(definition.primaryKey)
        _ = try delete(keys: keyChunk)
        let columns = keyChunk.columns.map { $0.flattened() }
        let hashes = KeyHasher.hashes(columns, rowCount: compact.rowCount)
        var lastRows: [UInt32: [Int]] = [:]
        var kept: [Int] = []
        for row in (0..<compact.rowCount).reversed() {
            let later = lastRows[hashes[row], default: []]
            if later.contains(where: { Self.sameKey(columns, row, $0) }) { continue }
            lastRows[hashes[row], default: []].append(row)
            kept.append(row)
        }
        guard kept.count < compact.rowCount else { return try appendAndWrite(compact, shape) }
        let selection = SelectionVector(kept.reversed())
        try appendAndWrite(
            DataChunk(columns: compact.columns, rowCount: compact.rowCount, selection: selection), shape)
    }

    private static func sameKey(_ columns: [Vector], _ first: Int, _ second: Int) -> Bool {
        columns.allSatisfy { column in
            if column.isNull(first) || column.isNull(second) { return false }
            if column.physical == .string {
                let views = column.pointer(as: StringView.self)
                return views[first] == views[second]
            }
            let width = column.physical.byteCount
            return UnsafeRawBufferPointer(start: column.values.base + first * width, count: width)
                .elementsEqual(
                    UnsafeRawBufferPointer(start: column.values.base + second * width, count: width))
        }
    }

    private func deleteCommitted(
        _ key: [KeyValue], _ hash: UInt32, _ locator: RowLocator
    ) throws(StorageError) -> Bool {
        // Rows deleted by their place stay in the index: they no longer count.
        guard let live = committedGroup(locator.rowGroup),
            !(try live.deletes?.contains(locator.row) ?? false),
            !(deletes[locator.rowGroup]?.contains(locator.row) ?? false),
            try keys.matches(key, row: locator.row, of: live.group, dictionaries: base.dictionaries)
        else { return false }
        removedKeys.append((hash, locator))
        return mark(locator, rowCount: live.group.rowCount)
    }

    private func mark(_ locator: RowLocator, rowCount: Int) -> Bool {
        deletes[locator.rowGroup, default: DeletedRows(rowCount: rowCount)].insert(locator.row)
    }

    private func deleteOwn(
        _ key: [KeyValue], _ locator: RowLocator, _ dictionaries: [TableDictionary?]
    ) throws(StorageError) -> Bool {
        if let builder, builder.id == locator.rowGroup {
            guard !(builder.deleted?.contains(locator.row) ?? false) else { return false }
            for (index, column) in definition.primaryKey.enumerated() {
                if !builder.columns[column].equals(key[index], at: locator.row) { return false }
            }
            return builder.delete(locator.row)
        }
        guard let place = sealed.firstIndex(where: { $0.group.id == locator.rowGroup }) else { return false }
        let group = sealed[place].group
        var deleted = sealed[place].deleted ?? DeletedRows(rowCount: group.rowCount)
        guard !deleted.contains(locator.row),
            try keys.matches(key, row: locator.row, of: group, dictionaries: dictionaries)
        else { return false }
        let isNew = deleted.insert(locator.row)
        sealed[place].deleted = deleted
        return isNew
    }

    func buildOverlay() throws(StorageError) {
        var index = KeyIndex(capacity: sealed.reduce(builder?.rowCount ?? 0) { $0 + $1.group.rowCount })
        let dictionaries = currentDictionaries()
        for own in sealed {
            _ = index.addGroup(own.group.id, rowCount: RowGroup.rowCountMax)
            try keys.forEachVector(of: own.group, dictionaries: dictionaries) { firstRow, hashes in
                index.insert(hashes, group: own.group.id, firstRow: firstRow) { _ in true }
            }
        }
        if let builder {
            _ = index.addGroup(builder.id, rowCount: RowGroup.rowCountMax)
            var start = 0
            while start < builder.rowCount {
                let rows = start..<min(start + DataChunk.capacity, builder.rowCount)
                let columns = definition.primaryKey.map { builder.columns[$0].vector(rows) }
                let hashes = KeyHasher.hashes(columns, rowCount: rows.count)
                index.insert(hashes, group: builder.id, firstRow: start) { _ in true }
                start = rows.upperBound
            }
        }
        overlay = index
    }

    func addToOverlay(_ chunk: DataChunk, rows: Range<Int>, firstRow: Int, of group: RowGroupID) {
        let columns = chunk.projected(definition.primaryKey).compacted().columns.map { $0.slice(rows) }
        let hashes = KeyHasher.hashes(columns, rowCount: rows.count)
        _ = overlay?.addGroup(group, rowCount: RowGroup.rowCountMax)
        overlay?.insert(hashes, group: group, firstRow: firstRow) { _ in true }
    }
}
