/// Which sorted runs are merged. A run is a stretch of row groups that were sorted together, or one group
/// that was not sorted.
extension CompactionPolicy {
    struct Run: Hashable, Sendable {
        var groups: Range<Int>
        var liveRows: Int
        var range: KeyRange
        var isSorted: Bool
        /// A single small group.
        var isSmall: Bool
    }

    static func runs(_ groups: [Group]) -> [Run] {
        var runs: [Run] = []
        for (index, group) in groups.enumerated() {
            guard let range = group.range else { return [] }
            if let last = runs.last, group.sortedRun != 0,
                groups[last.groups.lowerBound].sortedRun == group.sortedRun
            {
                let joined = Run(
                    groups: last.groups.lowerBound..<(index + 1), liveRows: last.liveRows + group.liveRows,
                    range: last.range.union(range), isSorted: true, isSmall: false)
                runs[runs.count - 1] = joined
                continue
            }
            runs.append(
                Run(
                    groups: index..<(index + 1), liveRows: group.liveRows, range: range,
                    isSorted: group.sortedRun != 0, isSmall: group.isSmall))
        }
        return runs
    }

    /// As with small groups: a run joins the younger ones behind it when it is of no higher tier, or no
    /// larger than they are together. So a run that is merged again ends up in one a good deal larger.
    func overlapping(_ groups: [Group]) -> Range<Int>? {
        let runs = Self.runs(groups)
        var end = runs.count
        while end > 0 {
            var start = end - 1
            var total = runs[start].liveRows
            var tier = Self.tier(total, base: 4)
            while true {
                while start > 0, Self.tier(runs[start - 1].liveRows, base: 4) <= tier {
                    start -= 1
                    total += runs[start].liveRows
                }
                if let found = crowded(runs[start..<end]) { return found }
                guard start > 0, runs[start - 1].liveRows <= total else { break }
                start -= 1
                total += runs[start].liveRows
                tier = max(tier, Self.tier(runs[start].liveRows, base: 4))
            }
            end = start
        }
        return nil
    }

    /// The last stretch of runs that lie over each other `depthMin` deep, as far as they can be merged at a
    /// time.
    private func crowded(_ runs: ArraySlice<Run>) -> Range<Int>? {
        guard runs.count >= Self.depthMin else { return nil }
        for stretch in stretches(runs).reversed() where stretch.count >= Self.depthMin {
            let isCrowded =
                depth(stretch.filter { !$0.isSmall }) >= Self.depthMin
                || depth(stretch) >= Self.smallDepthMin
            if isCrowded, let window = Self.window(stretch) { return window }
        }
        return nil
    }

    /// Cuts the runs where all keys before are below all keys behind.
    private func stretches(_ runs: ArraySlice<Run>) -> [ArraySlice<Run>] {
        guard let highestOfFirst = runs.first?.range.upper else { return [] }
        var lowest: [KeyBound] = []  // of this run and those behind it
        var bound = KeyBound(key: nil)
        for run in runs.reversed() {
            bound = min(bound, run.range.lower)
            lowest.append(bound)
        }
        lowest.reverse()
        var stretches: [ArraySlice<Run>] = []
        var first = runs.startIndex
        var highest = highestOfFirst
        for index in runs.indices.dropFirst() {
            let next = lowest[index - runs.startIndex]
            if highest < next || (allowsTouching && highest == next) {
                stretches.append(runs[first..<index])
                first = index
            }
            highest = max(highest, runs[index].range.upper)
        }
        stretches.append(runs[first...])
        return stretches
    }

    /// How many runs lie over one point at most.
    private func depth(_ runs: some Sequence<Run>) -> Int {
        let starts = runs.map(\.range.lower).sorted()
        let ends = runs.map(\.range.upper).sorted()
        var depth = 0
        var most = 0
        var closed = 0
        for start in starts {
            while closed < ends.count, ends[closed] < start || (allowsTouching && ends[closed] == start) {
                // Of a run with a single key the end may come first; it counts when its start has come.
                closed += 1
                depth -= 1
            }
            depth += 1
            most = max(most, depth)
        }
        return most
    }

    /// As many runs from the first one on as a merge takes: some of them unsorted, which it keeps in memory.
    static func window(_ runs: ArraySlice<Run>) -> Range<Int>? {
        var end = runs.startIndex
        var rows = 0
        var unsortedRows = 0
        while end < runs.endIndex, end - runs.startIndex < runsMax {
            let run = runs[end]
            rows += run.liveRows
            if !run.isSorted { unsortedRows += run.liveRows }
            if rows > mergedRowsMax || unsortedRows > sortedRowsMax { break }
            end += 1
        }
        guard end - runs.startIndex >= 2 else { return nil }
        return runs[runs.startIndex].groups.lowerBound..<runs[end - 1].groups.upperBound
    }

    // MARK: Everything

    /// The next rewriting on the way to a table as if it had been loaded at once: full row groups without
    /// deleted rows, with current options, and in sorted runs that do not overlap if there is a clustering
    /// key.
    ///
    /// - Parameter start: The first group that is not known to be well yet; moved on over those that are.
    func everything(_ groups: [Group], from start: inout Int) -> Action? {
        let isClustered = groups.contains { $0.range != nil }
        func isWell(_ index: Int) -> Bool {
            let group = groups[index]
            if group.liveRows < group.allRows || !group.hasCurrentOptions { return false }
            if isClustered { return group.sortedRun != 0 }
            return group.liveRows == RowGroup.rowCountMax || index == groups.count - 1
        }
        while start < groups.count && isWell(start) { start += 1 }
        if start < groups.count {
            var end = start + 1
            var rows = groups[start].liveRows
            while end < groups.count, end - start < Self.smallGroupsMax, !isClustered || !isWell(end),
                rows + groups[end].liveRows <= Self.sortedRowsMax
            {
                rows += groups[end].liveRows
                end += 1
            }
            return Action(groups: start..<end, reason: .everything)
        }
        for stretch in stretches(Self.runs(groups)[...]) where stretch.count > 1 {
            if let window = Self.window(stretch) { return Action(groups: window, reason: .everything) }
        }
        return nil
    }
}
