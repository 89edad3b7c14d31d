/// Finds rows by the hash of their primary key: 8 bytes a slot, 10 to 14 bytes a row.
///
/// A slot holds 32 bits of hash and a row's ordinal: the ordinal of its row group's first row plus its place.
/// Open addressing with linear probing; a slot's home follows from its hash, so that the table can grow and
/// shrink without the keys. Hashes may collide and rows may have been deleted: whoever looks up checks both.
///
/// Invariants: ordinals of the row groups do not overlap and ascend in `groups`; 0 is an empty slot.
struct KeyIndex {
    private struct Group {
        var first: UInt32
        var id: RowGroupID
    }

    private var slots: [UInt64]
    private var groups: [Group] = []
    private var firstOrdinals: [RowGroupID: UInt32] = [:]
    private var nextOrdinal: UInt32 = 1
    private(set) var count = 0

    private static let slotCountMin = 64
    private static let loadMax = 0.85
    private static let growth = 1.5

    /// An index with room for about `capacity` rows.
    init(capacity: Int) {
        let slotCount = max(Self.slotCountMin, Int(Double(capacity) / Self.loadMax) + 1)
        slots = [UInt64](repeating: 0, count: slotCount)
    }

    /// Bytes of the table in memory.
    var memoryBytes: Int { slots.count * 8 + groups.count * 40 }

    /// Reserves ordinals for a row group; false when they are used up and the index must be built anew.
    mutating func addGroup(_ id: RowGroupID, rowCount: Int) -> Bool {
        guard firstOrdinals[id] == nil else { return true }
        let (next, overflow) = nextOrdinal.addingReportingOverflow(UInt32(rowCount))
        if overflow { return false }
        groups.append(Group(first: nextOrdinal, id: id))
        firstOrdinals[id] = nextOrdinal
        nextOrdinal = next
        return true
    }

    /// Whether the index knows the row group.
    func contains(_ id: RowGroupID) -> Bool { firstOrdinals[id] != nil }

    /// Adds rows `firstRow...` of a row group with their hashes, in order. `isWanted` leaves rows out.
    mutating func insert(_ hashes: [UInt32], group: RowGroupID, firstRow: Int, isWanted: (Int) -> Bool) {
        guard let first = firstOrdinals[group] else { return }
        while Double(count + hashes.count) > Double(slots.count) * Self.loadMax { grow() }
        for (index, hash) in hashes.enumerated() where isWanted(firstRow + index) {
            insert(UInt64(hash) << 32 | UInt64(first + UInt32(firstRow + index)))
        }
    }

    private mutating func insert(_ entry: UInt64) {
        var slot = home(entry)
        while slots[slot] != 0 { slot = slot + 1 == slots.count ? 0 : slot + 1 }
        slots[slot] = entry
        count += 1
    }

    /// Calls `visit` with every row whose hash is `hash`.
    func forEach<Failure: Error>(
        hash: UInt32, _ visit: (RowLocator) throws(Failure) -> Void
    ) throws(Failure) {
        var slot = home(UInt64(hash) << 32)
        while slots[slot] != 0 {
            if slots[slot] >> 32 == UInt64(hash) {
                try visit(locator(UInt32(truncatingIfNeeded: slots[slot])))
            }
            slot = slot + 1 == slots.count ? 0 : slot + 1
        }
    }

    /// Removes a row, if it is in.
    mutating func remove(hash: UInt32, _ locator: RowLocator) {
        guard let first = firstOrdinals[locator.rowGroup] else { return }
        let entry = UInt64(hash) << 32 | UInt64(first + UInt32(locator.row))
        var slot = home(entry)
        while slots[slot] != entry {
            if slots[slot] == 0 { return }
            slot = slot + 1 == slots.count ? 0 : slot + 1
        }
        // Close the gap: an entry moves back if the gap lies between its home and its slot.
        var gap = slot
        var next = slot
        while true {
            next = next + 1 == slots.count ? 0 : next + 1
            if slots[next] == 0 { break }
            let wanted = home(slots[next])
            let isBetween = gap <= next ? (wanted > gap && wanted <= next) : (wanted > gap || wanted <= next)
            if isBetween { continue }
            slots[gap] = slots[next]
            gap = next
        }
        slots[gap] = 0
        count -= 1
    }

    /// Forgets a row group whose rows have all been removed.
    mutating func removeGroup(_ id: RowGroupID) {
        guard firstOrdinals.removeValue(forKey: id) != nil else { return }
        groups.removeAll { $0.id == id }
    }

    /// The home of an entry spreads hashes over any number of slots in their order.
    private func home(_ entry: UInt64) -> Int {
        Int(truncatingIfNeeded: ((entry >> 32) &* UInt64(slots.count)) >> 32)
    }

    private mutating func grow() {
        let old = slots
        slots = [UInt64](repeating: 0, count: Int(Double(old.count) * Self.growth) + 1)
        count = 0
        for entry in old where entry != 0 { insert(entry) }
    }

    private func locator(_ ordinal: UInt32) -> RowLocator {
        var low = 0
        var high = groups.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if groups[middle].first <= ordinal { low = middle } else { high = middle - 1 }
        }
        return RowLocator(rowGroup: groups[low].id, row: Int(ordinal - groups[low].first))
    }

    /// For tests: every entry can be reached from its home.
    func checkInvariants() -> Bool {
        var found = 0
        for (slot, entry) in slots.enumerated() where entry != 0 {
            found += 1
            var probe = home(entry)
            while probe != slot {
                if slots[probe] == 0 { return false }
                probe = probe + 1 == slots.count ? 0 : probe + 1
            }
        }
        return found == count
    }
}
