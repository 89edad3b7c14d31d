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

    mutating func delete(_ rows: DeletedRowList, from group: RowGroupID) -> String? {
        guard !leaving.contains(group), let index = index(of: group) else { return Self.missing(group) }
        let live = table.rowGroups[index]
        guard rows.rowCount == live.group.rowCount else { return "deleted rows of another row group" }
        let added = DeletionVector(words: rows.words, rowCount: rows.rowCount)
        let all = live.deletes?.union(added) ?? added
        table.rowCount -= all.count - (live.deletes?.count ?? 0)
        table.rowGroups[index].deletes = all
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
