import Columns
import TableCatalog

extension StoreTransaction {
    /// Makes sure that no two rows of a table have one primary key, as the transaction leaves it. Tables
    /// without a key pass.
    ///
    /// - Throws: `.duplicateKey` with a key that two rows have; then the transaction can only be rolled back.
    ///   `.tableMissing`, `.files`, `.damagedFile`.
    ///
    /// Appended rows in ascending order beyond those that are there cost a comparison each; others are
    /// looked up in the key index, which the first such call builds.
    public func checkPrimaryKey(of id: TableID) throws(StorageError) {
        try writer(of: id).checkPrimaryKey()
    }
}

extension TableWriter {
    func checkPrimaryKey() throws(StorageError) {
        guard !definition.primaryKey.isEmpty else { return }
        try exclusively { () throws(StorageError) in
            try seal()
            guard !sealed.isEmpty, try !ascendsBeyondOthers() else { return }
            if base.rowCount > 0 { try committedKeys.prepare(for: base, reader: keys) }
            if overlay == nil { try buildOverlay() }
            let dictionaries = currentDictionaries()
            for own in sealed {
                try keys.forEachKeyVector(of: own.group, dictionaries: dictionaries) {
                    (firstRow, columns) throws(StorageError) in
                    try check(columns, firstRow, of: own, dictionaries)
                }
            }
        }
    }

    /// Whether a key of one column ascends in each of the transaction's row groups, and their ranges meet no
    /// other's. Ranges also cover deleted rows: false says nothing.
    private func ascendsBeyondOthers() throws(StorageError) -> Bool {
        guard definition.primaryKey.count == 1,
            definition.columns[definition.primaryKey[0]].type.physical != .string
        else { return false }
        let column = definition.primaryKey[0]
        var ranges: [(zone: Zone, isOwn: Bool)] = []
        for own in sealed { ranges.append((try own.group.footer().columns[column].zone, true)) }
        for live in base.rowGroups where live.liveCount > 0 {
            ranges.append((try live.group.footer().columns[column].zone, false))
        }
        ranges.sort { $0.zone.minimum < $1.zone.minimum }
        var highest = Int128.min
        var highestOwn = Int128.min
        for (zone, isOwn) in ranges where zone.hasValues {
            if zone.minimum <= (isOwn ? highest : highestOwn), highest != .min { return false }
            highest = max(highest, zone.maximum)
            if isOwn { highestOwn = max(highestOwn, zone.maximum) }
        }
        for own in sealed {
            guard try ascends(own.group) else { return false }
        }
        return true
    }

    private func ascends(_ group: RowGroup) throws(StorageError) -> Bool {
        var result = true
        var last: Int128?
        try keys.forEachKeyVector(of: group, dictionaries: currentDictionaries()) { (_, columns) in
            guard result, let column = columns.first else { return }
            let flat = column.flattened()
            for row in 0..<flat.count {
                guard !flat.isNull(row), let key = ZoneKey.key(of: flat.value(at: row), type: flat.type),
                    last.map({ $0 < key }) ?? true
                else {
                    result = false
                    return
                }
                last = key
            }
        }
        return result
    }

    private func check(
        _ columns: [Vector], _ firstRow: Int, of own: SealedGroup, _ dictionaries: [TableDictionary?]
    ) throws(StorageError) {
        let flat = columns.map { $0.flattened() }
        let count = flat.first?.count ?? 0
        let hashes = KeyHasher.hashes(flat, rowCount: count)
        for row in 0..<count where !(own.deleted?.contains(firstRow + row) ?? false) {
            if flat.contains(where: { $0.isNull(row) }) { continue }
            let key = KeyHasher.key(flat, row: row)
            let place = RowLocator(rowGroup: own.group.id, row: firstRow + row)
            var isDuplicate = false
            if base.rowCount > 0, let index = committedKeys.index {
                try index.forEach(hash: hashes[row]) { (locator) throws(StorageError) in
                    if try isLiveCommitted(locator, key) { isDuplicate = true }
                }
            }
            try overlay?.forEach(hash: hashes[row]) { (locator) throws(StorageError) in
                if locator != place, try isLiveOwn(locator, key, dictionaries) { isDuplicate = true }
            }
            if isDuplicate {
                let names = definition.primaryKey.map { definition.columns[$0].name }.joined(separator: ", ")
                let values = flat.map { $0.value(at: row).text ?? "NULL" }.joined(separator: ", ")
                throw .duplicateKey(table: definition.name, key: "(\(names))=(\(values))")
            }
        }
        // Keys point into the columns.
        withExtendedLifetime(flat) {}
    }

    private func isLiveCommitted(_ locator: RowLocator, _ key: [KeyValue]) throws(StorageError) -> Bool {
        guard let live = committedGroup(locator.rowGroup),
            !(try live.deletes?.contains(locator.row) ?? false),
            !(deletes[locator.rowGroup]?.contains(locator.row) ?? false)
        else { return false }
        return try keys.matches(key, row: locator.row, of: live.group, dictionaries: base.dictionaries)
    }

    private func isLiveOwn(
        _ locator: RowLocator, _ key: [KeyValue], _ dictionaries: [TableDictionary?]
    ) throws(StorageError) -> Bool {
        guard let other = sealed.first(where: { $0.group.id == locator.rowGroup }),
            !(other.deleted?.contains(locator.row) ?? false)
        else { return false }
        return try keys.matches(key, row: locator.row, of: other.group, dictionaries: dictionaries)
    }
}
