import Columns

/// Tables of groups that are not merged into one: when workers have met mostly different keys, as where rows
/// with equal keys lie together, only the groups that both have are put together, and the others stay where
/// they are. Merging would add all of them to a table again, with one worker at work.
extension AggregateSink.Worker {
    /// Smaller tables are merged.
    static let besideGroupsMin = 1 << 14
    /// Tables that stay beside each other; each costs the next a search.
    static let besideMax = 8
    private static let combinedGroupsMax = 1 << 16

    /// Hands those groups to `others` whose keys are there, if they are few; false otherwise, and then
    /// nothing is changed.
    ///
    /// - Parameter others: Workers without keys in common.
    func joinBeside(
        _ others: [AggregateSink.Worker], groupsMin: Int = besideGroupsMin
    ) throws(ExecutionError) -> Bool {
        guard let grouping, constantGroups.isEmpty, others.count < Self.besideMax,
            groupCount >= groupsMin, others[0].groupCount >= groupsMin
        else { return false }
        var left = [UInt64](repeating: ~0, count: (groupCount + 63) / 64)
        if groupCount % 64 != 0 { left[groupCount / 64] = 1 &<< UInt64(groupCount % 64) &- 1 }
        var limit = groupCount / 2
        var matches: [GroupMatches] = []
        for other in others {
            guard let found = other.grouping?.matches(grouping, limit: groupCount / 2) else { return false }
            try context.checkpoint()
            var fresh = GroupMatches()
            for (mine, theirs) in zip(found.mine, found.theirs) {
                // A group that was handed on is in an earlier table and in a later one, where it counts no
                // more.
                let (word, bit) = (Int(theirs) / 64, UInt64(theirs) % 64)
                if left[word] &>> bit & 1 == 0 { continue }
                left[word] &= ~(1 &<< bit)
                fresh.append(mine: Int(mine), theirs: Int(theirs))
            }
            limit -= fresh.mine.count
            if limit < 0 { return false }
            matches.append(fresh)
        }
        for (other, found) in zip(others, matches) { try other.combine(self, found) }
        kept = left
        return true
    }

    /// Adds the states of another worker's groups to those of groups here.
    private func combine(_ other: AggregateSink.Worker, _ matches: GroupMatches) throws(ExecutionError) {
        let stride = other.table.stride
        var start = 0
        while start < matches.mine.count {
            let end = min(start + Self.combinedGroupsMax, matches.mine.count)
            let groups = Array(matches.theirs[start..<end])
            let copy = VectorBuffer(byteCount: groups.count * stride)
            for (index, group) in groups.enumerated() {
                let source = other.table.rows + Int(group) * stride
                (copy.base + index * stride).copyMemory(from: source, byteCount: stride)
            }
            let mapping = Array(matches.mine[start..<end])
            let failure = mapping.withUnsafeBufferPointer { mapping -> ExecutionError? in
                guard let target = mapping.baseAddress else { return nil }
                do throws(ExecutionError) {
                    try combineStates(
                        other, StateRows(rows: copy.base, stride: stride), groups: groups, mapping: target)
                    return nil
                } catch {
                    return error
                }
            }
            withExtendedLifetime(copy) {}
            if let failure { throw failure }
            try context.checkpoint()
            start = end
        }
        let bytes = heldBytes
        if bytes > reservation.bytes { try reservation.resize(to: bytes) }
    }

    /// Adds states of another worker's groups, whose rows were copied to `rows`, to the groups `mapping`.
    func combineStates(
        _ other: AggregateSink.Worker, _ rows: StateRows, groups: [UInt32], mapping: UnsafePointer<UInt32>
    ) throws(ExecutionError) {
        for (mine, theirs) in zip(aggregates, other.aggregates) {
            (mine.aggregator as? ExactSumAggregator)?.combinedGroups = groupCount
            try mine.aggregator.combine(
                theirs.aggregator, rows, groups: groups, mapping: mapping, into: stateRows)
        }
    }

    /// Whether a group is still here.
    func isKept(_ group: Int) -> Bool { kept.map { $0[group / 64] &>> UInt64(group % 64) & 1 != 0 } ?? true }

    /// The groups of a chunk that are still here; nil for all.
    func keptSelection(_ range: Range<Int>) -> SelectionVector? {
        guard let kept else { return nil }
        precondition(range.lowerBound % 64 == 0, "a chunk of groups begins at a word of bits")
        return kept.withUnsafeBufferPointer { words in
            words.baseAddress.map {
                SelectionVector(bitmap: $0 + range.lowerBound / 64, rowCount: range.count)
            }
        }
    }
}
