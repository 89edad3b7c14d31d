import Columns

/// Groups of two tables that have the same key: group `theirs[i]` is `mine[i]`.
struct GroupMatches {
    var mine: [UInt32] = []
    var theirs: [UInt32] = []

    mutating func append(mine: Int, theirs: Int) {
        self.mine.append(UInt32(truncatingIfNeeded: mine))
        self.theirs.append(UInt32(truncatingIfNeeded: theirs))
    }
}

extension HashSlots {
    /// The numbers of entries of two tables that are equal; nil when there are more than `limit`.
    ///
    /// - Parameter isEqual: Asked where the upper halves of the hashes are the same.
    ///
    /// Both tables have their entries in the order of their hashes, so that they are read from front to back.
    @inline(__always) static func matches(
        _ mine: UnsafePointer<UInt64>, count: Int, _ theirs: UnsafePointer<UInt64>, theirCount: Int,
        limit: Int, _ isEqual: (_ mine: Int, _ theirs: Int) -> Bool
    ) -> GroupMatches? {
        var found = GroupMatches()
        let mask = count - 1
        let shift = UInt64(32 - count.trailingZeroBitCount)
        for index in 0..<theirCount where theirs[index] != 0 {
            let entry = theirs[index]
            let tag = entry &>> 32
            var place = Int(truncatingIfNeeded: tag &>> shift)
            while mine[place] != 0 {
                if mine[place] &>> 32 == tag {
                    let first = Int(mine[place] & 0xFFFF_FFFF) &- 1
                    let second = Int(entry & 0xFFFF_FFFF) &- 1
                    if isEqual(first, second) {
                        guard found.mine.count < limit else { return nil }
                        found.append(mine: first, theirs: second)
                        break
                    }
                }
                place = (place &+ 1) & mask
            }
        }
        return found
    }
}

extension Grouping {
    /// Groups of another worker's that have the key of one of these; nil when there are more than `limit`, or
    /// when the tables are not such that finding them costs less than adding all.
    ///
    /// O(places of the other's table), in the order of memory but for what is found.
    func matches(_ other: Grouping, limit: Int) -> GroupMatches? {
        if let stringGroups, let others = other.stringGroups {
            if isDirect { stringGroups.takeOver(isFinal: false) }
            if other.isDirect { others.takeOver(isFinal: false) }
            return stringGroups.matches(others, limit: limit)
        }
        guard !isDirect, !other.isDirect else { return nil }
        guard encoder.interners.allSatisfy({ $0 == nil }) else { return nil }
        guard var found = table.matches(other.table, limit: limit) else { return nil }
        if table.excludedGroup >= 0, other.table.excludedGroup >= 0 {
            found.append(mine: table.excludedGroup, theirs: other.table.excludedGroup)
        }
        return found
    }
}
