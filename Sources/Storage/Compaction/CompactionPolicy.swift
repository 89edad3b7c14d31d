/// Decides which adjacent row groups of a table are to be rewritten next. A value: what the groups look like
/// goes in, a range comes out; no clock, no files.
///
/// 1. Small row groups merge in tiers of eight, so that their number stays bounded however many tiny commits
///    there are, and a row is rewritten a number of times that grows with the logarithm.
/// 2. A group that has lost three tenths of its rows is rewritten, with neighbours that fit in: a scan
///    reads at most 1.4 rows for one that exists.
/// 3. In a table with a clustering key, sorted runs merge in tiers of four where four of them (or eight, with
///    small groups) lie over each other; runs that hardly overlap, as those of rows that come in order do,
///    are left alone.
/// 4. Groups written with other options than the table has now are rewritten last.
struct CompactionPolicy {
    /// A row group with fewer rows is small.
    static let smallRows = RowGroup.rowCountMax / 2
    /// Small groups that make a merge worth it, unless they fill a row group.
    static let smallGroupsMin = 8
    static let filledRows = RowGroup.rowCountMax / 8 * 7
    static let smallGroupsMax = 256
    /// Rows that are sorted in memory at a time.
    static let sortedRowsMax = 16 * RowGroup.rowCountMax
    /// A group that has lost this share of its rows is rewritten.
    static let deletedShareMax = 0.3
    /// Sorted runs over one point of the key that make a merge worth it.
    static let depthMin = 4
    /// The same, with small groups.
    static let smallDepthMin = 8
    /// Runs that are merged at a time.
    static let runsMax = 32
    /// A merge of runs remembers a byte a row until it is committed.
    static let mergedRowsMax = 64 << 20
    /// Row groups that are rewritten at a time for their options.
    static let optionsGroupsMax = 16

    /// What the policy knows of a row group.
    struct Group: Hashable, Sendable {
        var liveRows: Int
        var allRows: Int
        /// Its place in a sorted run (`RowGroupForm.sortedRun`).
        var sortedRun: UInt32 = 0
        var hasCurrentOptions = true
        /// In a table with a clustering key.
        var range: KeyRange?

        var isSmall: Bool { liveRows < CompactionPolicy.smallRows }
    }

    struct Action: Hashable, Sendable {
        var groups: Range<Int>
        var reason: CompactionStep.Reason
    }

    /// Whether row groups of which one begins with the key that the other ends with do not overlap: so when
    /// the key is a single column and its zone keys are exact.
    var allowsTouching = true

    /// What to rewrite, or nil when all is well.
    func next(_ groups: [Group]) -> Action? {
        if let range = Self.small(groups) { return Action(groups: range, reason: .small) }
        if let range = Self.deleted(groups) { return Action(groups: range, reason: .deleted) }
        if let range = overlapping(groups) { return Action(groups: range, reason: .overlapping) }
        if let range = Self.outdated(groups) { return Action(groups: range, reason: .options) }
        return nil
    }

    // MARK: Small groups

    private static func small(_ groups: [Group]) -> Range<Int>? {
        var end = groups.count
        while end > 0 {
            guard groups[end - 1].isSmall else {
                end -= 1
                continue
            }
            var start = end
            while start > 0 && groups[start - 1].isSmall { start -= 1 }
            let isClosed = end < groups.count
            if let found = isClosed ? closed(groups, start..<end) : small(groups, start..<end) {
                return found
            }
            end = start
        }
        return nil
    }

    /// Small groups with a large one behind them get no more neighbours: they merge once and for all.
    private static func closed(_ groups: [Group], _ stretch: Range<Int>) -> Range<Int>? {
        var end = stretch.lowerBound
        var total = 0
        while end < stretch.upperBound, end - stretch.lowerBound < smallGroupsMax, total < sortedRowsMax {
            total += groups[end].liveRows
            end += 1
        }
        return end - stretch.lowerBound >= 2 ? stretch.lowerBound..<end : nil
    }

    /// A group joins the younger ones behind it when it is of no higher tier, or no larger than they are
    /// together.
    private static func small(_ groups: [Group], _ run: Range<Int>) -> Range<Int>? {
        var end = run.upperBound
        while end > run.lowerBound {
            var start = end - 1
            var total = groups[start].liveRows
            var tier = tier(total, base: 8)
            while true {
                while start > run.lowerBound, end - start < smallGroupsMax, total < sortedRowsMax,
                    Self.tier(groups[start - 1].liveRows, base: 8) <= tier
                {
                    start -= 1
                    total += groups[start].liveRows
                }
                let count = end - start
                if count >= 2 && total >= filledRows { return start..<end }
                if count >= smallGroupsMin && total < smallRows { return start..<end }
                guard start > run.lowerBound, groups[start - 1].liveRows <= total else { break }
                start -= 1
                total += groups[start].liveRows
                tier = max(tier, Self.tier(groups[start].liveRows, base: 8))
            }
            end = start
        }
        return nil
    }

    static func tier(_ rows: Int, base: Int) -> Int {
        var tier = 0
        var rest = rows
        while rest >= base {
            rest /= base
            tier += 1
        }
        return tier
    }

    // MARK: Deleted rows

    private static func deleted(_ groups: [Group]) -> Range<Int>? {
        let found = groups.lastIndex { group in
            Double(group.allRows - group.liveRows) > Double(group.allRows) * deletedShareMax
        }
        guard let found else { return nil }
        var start = found
        var end = found + 1
        var total = groups[found].liveRows
        while start > 0, total + groups[start - 1].liveRows <= RowGroup.rowCountMax {
            start -= 1
            total += groups[start].liveRows
        }
        while end < groups.count, total + groups[end].liveRows <= RowGroup.rowCountMax {
            total += groups[end].liveRows
            end += 1
        }
        return start..<end
    }

    // MARK: Options

    private static func outdated(_ groups: [Group]) -> Range<Int>? {
        guard let first = groups.firstIndex(where: { !$0.hasCurrentOptions }) else { return nil }
        var end = first + 1
        while end < groups.count, end - first < optionsGroupsMax, !groups[end].hasCurrentOptions,
            groups[end].sortedRun == groups[first].sortedRun
        {
            end += 1
        }
        return first..<end
    }
}
