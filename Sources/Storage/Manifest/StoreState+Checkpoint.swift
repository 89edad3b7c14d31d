extension StoreState {
    /// The record that makes this state out of nothing.
    func checkpoint() -> ManifestRecord {
        var operations: [ManifestOperation] = []
        for table in tables.values.sorted(by: { $0.id < $1.id }) {
            let firstDictionary =
                table.dictionaries.enumerated().compactMap { index, dictionary in
                    dictionary.map { $0.identity &- UInt64(index) }
                }.first ?? 0
            operations.append(.createTable(table.id, table.definition, firstDictionary: firstDictionary))
            if table.optionsNumber != 0 {
                operations.append(
                    .setOptions(table.id, table.definition.options, number: table.optionsNumber))
            }
            for (column, dictionary) in table.dictionaries.enumerated() {
                guard let dictionary, dictionary.rowsOffered > 0 || dictionary.isClosed else { continue }
                operations.append(
                    .extendDictionary(
                        table.id, column: column,
                        DictionaryExtension(
                            firstCode: 0, entries: dictionary.entries(from: 0),
                            rowsOffered: dictionary.rowsOffered,
                            isClosed: dictionary.isClosed)))
            }
            for live in table.rowGroups {
                let group = live.group
                let entry = RowGroupEntry(
                    id: group.id, file: group.file.id, footerOffset: group.footerOffset,
                    footerBytes: group.footerBytes, rowCount: group.rowCount, form: live.form)
                operations.append(.addRowGroup(table.id, entry, before: nil))
                if let deletes = live.deletes {
                    let rows = DeletedRowList(rowCount: group.rowCount, words: deletes.words)
                    operations.append(.deleteRows(table.id, group.id, rows))
                }
            }
            for (key, value) in table.properties.sorted(by: { $0.key < $1.key }) {
                operations.append(.setProperty(table.id, key, value))
            }
            operations.append(.setTableVersion(table.id, table.version))
        }
        for (identity, position) in replicationPositions.sorted(by: { $0.key < $1.key }) {
            operations.append(.setReplicationPosition(identity, position))
        }
        for (key, value) in properties.sorted(by: { $0.key < $1.key }) {
            operations.append(.setProperty(nil, key, value))
        }
        return ManifestRecord(
            version: version, isCheckpoint: true, nextTable: nextTable, nextRowGroup: nextRowGroup,
            nextFile: nextFile, nextDictionary: nextDictionary, operations: operations)
    }
}
