/// Changes the row groups of one table by the operations of a record, without searching them all for each.
struct TableChange {
    var table: TableState
    /// Row groups that the table has lost.
    private(set) var removed: [LiveRowGroup] = []
    /// Row groups to take out at the end, so that thousands of removals move the others once.
    private var leaving: Set<RowGroupID> = []
    /// Where the last search ended: operations of one record mostly name row groups in their order.
    private var place: Int

    init(_ table: TableState) {
        self.table = table
        place = table.rowGroups.count - 1
    }

    mutating func truncate(firstDictionary: UInt64) {
        finish()
        removed += table.rowGroups
        table.rowGroups = []
        table.rowCount = 0
        table.dictionaries = TableState.dictionaries(of: table.definition, first: firstDictionary)
    }

    /// Adds a row group in front of another, or at the end; returns why that cannot be, or nil.
    mutating func add(_ group: RowGroup, form: RowGroupForm, before: RowGroupID?) -> String? {
        let live = LiveRowGroup(group: group, deletes: nil, form: form)
        table.rowCount += group.rowCount
        guard let before else {
            table.rowGroups.append(live)
            place = table.rowGroups.count - 1
            return nil
        }
        guard let index = index(of: before) else { return Self.missing(before) }
        table.rowGroups.insert(live, at: index)
        return nil
    }

    mutating func remove(_ group: RowGroupID) -> String? {
        guard !leaving.contains(group), let index = index(of: group) else { return Self.missing(group) }
        removed.append(table.rowGroups[index])
        table.rowCount -= table.rowGroups[index].liveCount
        leaving.insert(group)
        return nil
    }

    /// Says where a row group has the table's columns; its file has `count` of them.
    mutating func arrange(_ group: RowGroupID, count: Int, _ columns: [StoredColumn]) -> String? {
        guard !leaving.contains(group), let index = index(of: group) else { return Self.missing(group) }
        let fits = columns.allSatisfy { column in
            if case .stored(let place) = column { place < count } else { true }
        }
        guard fits, columns.count == table.definition.columns.count else {
            return "columns of row group \(group.rawValue) do not fit"
        }
        let old = table.rowGroups[index].group
        table.rowGroups[index].group = RowGroup(
            id: old.id, file: old.file, footerOffset: old.footerOffset, footerBytes: old.footerBytes,
            rowCount: old.rowCount, columnCount: count, layout: columns)
        return nil
    }

    /// Deletes a few rows more.
    mutating func delete(_ rows: [UInt16], from group: RowGroupID) -> String? {
        let block = deletions(of: group)?.block
        let inline = (deletions(of: group)?.inline ?? []) + rows
        return setDeletions(block, inline: inline.sorted(), of: group)
    }

    /// Deletes the rows that a block names, among them all that were deleted before.
    mutating func delete(_ block: DeletionBlock, from group: RowGroupID) -> String? {
        setDeletions(block, inline: [], of: group)
    }

    private mutating func deletions(of group: RowGroupID) -> RowDeletions? {
        index(of: group).flatMap { table.rowGroups[$0].deletes }
    }

    private mutating func setDeletions(
        _ block: DeletionBlock?, inline: [UInt16], of group: RowGroupID
    ) -> String? {
        guard !leaving.contains(group), let index = index(of: group) else { return Self.missing(group) }
        let live = table.rowGroups[index]
        let rowCount = live.group.rowCount
        let isAscending = zip(inline, inline.dropFirst()).allSatisfy { $0 < $1 }
        guard isAscending, inline.last.map({ Int($0) < rowCount }) ?? true else {
            return "rows of row group \(group.rawValue) are deleted twice or missing"
        }
        let deletions = RowDeletions(rowGroup: group, rowCount: rowCount, block: block, inline: inline)
        let before = live.deletes?.count ?? 0
        guard deletions.count >= before, deletions.count <= rowCount else {
            return "deletions of row group \(group.rawValue) do not fit"
        }
        table.rowCount -= deletions.count - before
        table.rowGroups[index].deletes = deletions
        return nil
    }

    /// Takes removed row groups out. To be called when the last operation is done.
    mutating func finish() {
        guard !leaving.isEmpty else { return }
        table.rowGroups.removeAll { leaving.contains($0.group.id) }
        leaving = []
        place = table.rowGroups.count - 1
    }

    private static func missing(_ group: RowGroupID) -> String { "no row group \(group.rawValue)" }

    /// Searches onwards from the last place, then backwards from it.
    private mutating func index(of group: RowGroupID) -> Int? {
        let groups = table.rowGroups
        guard !groups.isEmpty else { return nil }
        place = min(max(0, place), groups.count - 1)
        for index in place..<groups.count where groups[index].group.id == group {
            place = index
            return index
        }
        for index in (0..<place).reversed() where groups[index].group.id == group {
            place = index
            return index
        }
        return nil
    }
}
