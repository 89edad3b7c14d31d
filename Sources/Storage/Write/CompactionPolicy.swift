/// Decides which adjacent row groups of a table are to be rewritten as one. A value: sizes in, a range out.
///
/// Small row groups merge in tiers: a group joins the younger ones behind it only when it is at most four
/// times as large as they are together. So a row is rewritten a number of times that grows with the logarithm
/// of the table, and the number of small groups stays bounded however many tiny commits there are.
struct CompactionPolicy {
    /// A row group below this many rows is small.
    static let smallRows = 16_384
    /// Small groups of one tier that make a merge worth it.
    static let groupsMin = 8
    static let tierFactor = 4
    /// A group that has lost this share of its rows is rewritten alone.
    static let deletedShareMax = 0.5

    struct Size {
        var liveRows: Int
        var allRows: Int
    }

    /// Row groups to rewrite, or nil when all is well.
    static func next(_ groups: [Size]) -> Range<Int>? {
        var end = groups.count
        while end > 0 {
            guard groups[end - 1].liveRows < smallRows else {
                end -= 1
                continue
            }
            var start = end
            while start > 0 && groups[start - 1].liveRows < smallRows { start -= 1 }
            if let found = next(inSmallRun: groups, start..<end) { return found }
            end = start
        }
        return groups.firstIndex { size in
            Double(size.allRows - size.liveRows) > Double(size.allRows) * deletedShareMax
        }.map { $0..<($0 + 1) }
    }

    private static func next(inSmallRun groups: [Size], _ run: Range<Int>) -> Range<Int>? {
        var end = run.upperBound
        while end > run.lowerBound {
            var start = end - 1
            var total = groups[start].liveRows
            while start > run.lowerBound, groups[start - 1].liveRows <= max(1, total) * tierFactor,
                total + groups[start - 1].liveRows <= RowGroup.rowCountMax
            {
                start -= 1
                total += groups[start].liveRows
            }
            let count = end - start
            if count >= groupsMin || (count >= 2 && total >= smallRows) { return start..<end }
            end -= 1
        }
        return nil
    }
}
