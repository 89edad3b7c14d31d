import Testing

@testable import Storage

@Suite("Compaction policy")
struct CompactionPolicyTests {
    typealias Group = CompactionPolicy.Group

    /// A table of nothing but numbers, on which actions are carried out.
    struct Model {
        var groups: [Group] = []
        var policy = CompactionPolicy()
        var rowsAppended = 0
        var rowsRewritten = 0
        var nextRun: UInt32 = 1
        var groupsMost = 0

        mutating func append(_ rows: Int, keys: ClosedRange<Int>? = nil) {
            var rest = rows
            while rest > 0 {
                let count = min(rest, RowGroup.rowCountMax)
                groups.append(
                    Group(liveRows: count, allRows: count, range: keys.map(CompactionPolicyTests.range)))
                rest -= count
            }
            rowsAppended += rows
        }

        mutating func settle(_ limit: Int = 10_000) {
            for _ in 0..<limit {
                guard let action = policy.next(groups) else { return }
                apply(action)
            }
            Issue.record("compaction does not come to an end")
        }

        mutating func apply(_ action: CompactionPolicy.Action) {
            let inputs = groups[action.groups]
            let rows = inputs.reduce(0) { $0 + $1.liveRows }
            rowsRewritten += rows
            let range = inputs.compactMap(\.range).reduce(nil as KeyRange?) { $0?.union($1) ?? $1 }
            let runs = Set(inputs.map(\.sortedRun))
            var run = runs.first ?? 0
            if range != nil && (runs.count > 1 || run == 0) {
                run = nextRun
                nextRun += 1
            }
            var made: [Group] = []
            var done = 0
            while done < rows {
                let count = min(rows - done, RowGroup.rowCountMax)
                // Keys are taken to be spread evenly.
                let part = range.map { CompactionPolicyTests.part($0, done, done + count, of: rows) }
                made.append(Group(liveRows: count, allRows: count, sortedRun: run, range: part))
                done += count
            }
            groups.replaceSubrange(action.groups, with: made)
        }

        /// Groups that a search for one key reads.
        func depth(at key: Int) -> Int {
            groups.count { group in
                guard let range = group.range else { return true }
                return range.lower <= KeyBound(key: Int128(key)) && KeyBound(key: Int128(key)) <= range.upper
            }
        }

        var amplification: Double { Double(rowsAppended + rowsRewritten) / Double(rowsAppended) }
    }

    static func range(_ keys: ClosedRange<Int>) -> KeyRange {
        KeyRange(lower: KeyBound(key: Int128(keys.lowerBound)), upper: KeyBound(key: Int128(keys.upperBound)))
    }

    static func part(_ range: KeyRange, _ start: Int, _ end: Int, of rows: Int) -> KeyRange {
        guard let low = range.lower.key, let high = range.upper.key else { return range }
        let width = high - low
        return KeyRange(
            lower: KeyBound(key: low + width * Int128(start) / Int128(rows)),
            upper: KeyBound(key: low + width * Int128(end) / Int128(rows)))
    }

    @Test("tiny commits leave few groups and rewrite each row a logarithmic number of times")
    func tinyCommits() {
        var model = Model()
        var most = 0
        for _ in 0..<36_000 {
            model.append(10)
            model.settle()
            most = max(most, model.groups.count)
        }
        // 360,000 rows are six full groups; seven groups wait in each of five tiers at most.
        #expect(most <= 6 + 5 * 12)
        // A tier is eight times as large as the one below: log8(65,536 / 10) < 5 rewritings.
        #expect(model.amplification < 6)
    }

    @Test("commits of any size end in well filled groups", arguments: 1...12 as ClosedRange<UInt64>)
    func mixedCommits(seed: UInt64) {
        var generator = SeededGenerator(seed)
        var model = Model()
        for _ in 0..<1_000 {
            let magnitude = 1 << Int(generator.next() % 18)
            model.append(Int(generator.next() % UInt64(magnitude)) + 1)
            model.settle()
        }
        let large = model.groups.count { !$0.isSmall }
        #expect(model.groups.count <= 2 * large + 60, "seed \(seed)")
        #expect(large * RowGroup.rowCountMax < 2 * model.rowsAppended)
        #expect(model.amplification < 4, "seed \(seed)")
    }

    @Test("rows in order of the clustering key are not merged, and a key lies in few groups")
    func ascending() {
        var model = Model()
        for step in 0..<400 {
            // Each group reaches back into the one before, as rows that come a little late do.
            model.append(RowGroup.rowCountMax, keys: (step * 100 - 20)...(step * 100 + 99))
            model.settle()
        }
        #expect(model.rowsRewritten == 0)
        #expect((0..<39_900).allSatisfy { model.depth(at: $0) <= 2 })
    }

    @Test("rows in random order end in few runs, merged a logarithmic number of times")
    func random() {
        var model = Model()
        var deepest = 0
        for step in 0..<2_048 {
            model.append(RowGroup.rowCountMax, keys: 0...1_000_000)
            model.settle()
            if step % 64 == 63 {
                for key in stride(from: 3, to: 1_000_000, by: 50_000) {
                    deepest = max(deepest, model.depth(at: key))
                }
            }
        }
        // Three runs of each of six tiers, and a group more where runs touch.
        #expect(deepest <= 24)
        // log4(2,048) = 5.5 merges.
        #expect(model.amplification < 7.5)
        #expect(model.depth(at: 500_001) * 20 < model.groups.count)
    }

    @Test("a table loaded unsorted is sorted sixteen groups at a time, then merged")
    func loaded() {
        var model = Model()
        for _ in 0..<500 { model.append(RowGroup.rowCountMax, keys: 0...1_000_000) }
        while let action = model.policy.next(model.groups) {
            let unsorted = model.groups[action.groups].filter { $0.sortedRun == 0 }
            #expect(unsorted.reduce(0) { $0 + $1.liveRows } <= CompactionPolicy.sortedRowsMax)
            model.apply(action)
        }
        #expect(model.amplification < 4.1)
        #expect(model.depth(at: 500_001) <= 6)
    }

    @Test("late rows of a wide range do not rewrite the table again and again")
    func lateRows() {
        var model = Model()
        var generator = SeededGenerator(7)
        for step in 0..<1_500 {
            if generator.next() % 5 == 0 {
                model.append(3_000, keys: 0...(step * 100))
            } else {
                model.append(60_000, keys: (step * 100)...(step * 100 + 99))
            }
            model.settle()
        }
        #expect(model.amplification < 9)
        #expect((0..<1_400).allSatisfy { model.depth(at: $0 * 100 + 50) <= 45 })
    }

    @Test("a group that lost three tenths of its rows takes neighbours that fit")
    func deleted() {
        let full = Group(liveRows: 65_536, allRows: 65_536)
        let half = Group(liveRows: 30_000, allRows: 65_536)
        let policy = CompactionPolicy()
        #expect(policy.next([full, half, full])?.groups == 1..<2)
        #expect(policy.next([full, half, half, full])?.groups == 1..<3)
        let worn = Group(liveRows: 45_800, allRows: 65_536)
        #expect(policy.next([full, worn, full])?.groups == 1..<2)
        let thin = Group(liveRows: 45_900, allRows: 65_536)
        #expect(policy.next([full, thin, full]) == nil)
    }

    @Test("groups of other options are rewritten last, a stretch at a time")
    func options() {
        var old = Group(liveRows: 65_536, allRows: 65_536)
        old.hasCurrentOptions = false
        let new = Group(liveRows: 65_536, allRows: 65_536)
        let policy = CompactionPolicy()
        #expect(
            policy.next([new, old, old, new, old]) == CompactionPolicy.Action(groups: 1..<3, reason: .options)
        )
        let gone = Group(liveRows: 10, allRows: 65_536)
        #expect(policy.next([old, new, gone])?.reason == .deleted)
    }

    @Test("everything ends in full groups and one sorted run", arguments: [false, true])
    func everything(isClustered: Bool) {
        var model = Model()
        var generator = SeededGenerator(5)
        for _ in 0..<300 {
            model.append(Int(generator.next() % 40_000) + 1, keys: isClustered ? 0...1_000 : nil)
        }
        var start = 0
        var steps = 0
        while let action = model.policy.everything(model.groups, from: &start), steps < 1_000 {
            let before = model.groups.count
            model.apply(action)
            let written = model.groups.count - before + action.groups.count
            if start < before { start += max(written - 1, written < action.groups.count ? 0 : 1) }
            steps += 1
        }
        #expect(steps < 100)
        let full = (model.rowsAppended + RowGroup.rowCountMax - 1) / RowGroup.rowCountMax
        #expect(model.groups.count == full)
        if isClustered { #expect(Set(model.groups.map(\.sortedRun)).count == 1) }
    }
}
