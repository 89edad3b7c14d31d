import Storage
import Testing

@Suite("Retention of versions")
struct RetentionTests {
    static let minute: Int64 = 60_000_000
    static let hour = 60 * minute

    private func versions(_ times: [Int64]) -> [StoreVersion] {
        times.enumerated().map { StoreVersion(number: UInt64($0.offset), time: $0.element) }
    }

    @Test("nothing but the newest is kept without a limit")
    func newestOnly() {
        let kept = RetentionPolicy.newestOnly.kept(versions([0, 5, 9]), now: 9)
        #expect(kept == [2])
        #expect(RetentionPolicy.standard.kept([], now: 9).isEmpty)
    }

    @Test("the versions in force at full minutes and hours are kept")
    func boundaries() {
        let policy = RetentionPolicy(newestCount: 1, limit: 3 * Self.hour)
        let now = 10 * Self.hour
        // In force from each time to the next one.
        let times = [
            0,  // 0: until 06:59, before the limit
            7 * Self.hour - Self.minute,  // 1: in force at 07:00, at the limit
            7 * Self.hour + 1,  // 2: not at a full hour
            8 * Self.hour - 1,  // 3: at 08:00
            8 * Self.hour + 5 * Self.minute,  // 4: full minutes, but more than an hour ago
            8 * Self.hour + 7 * Self.minute,  // 5: at 09:00
            9 * Self.hour + 1,  // 6: within a minute
            9 * Self.hour + 2,  // 7: at 09:01
            9 * Self.hour + Self.minute + 1,  // 8: within a minute
            9 * Self.hour + Self.minute + 2,  // 9: no time passes
            9 * Self.hour + Self.minute + 2,  // 10: the newest
        ]
        #expect(policy.kept(versions(times), now: now) == [1, 3, 5, 7, 10])
    }

    @Test("what was true at a full hour within the limit stays readable", arguments: 0..<50 as Range<UInt64>)
    func exactHours(seed: UInt64) {
        var generator = SeededGenerator(seed)
        var time: Int64 = 0
        var times: [Int64] = []
        for _ in 0..<300 {
            time += Int64(generator.next() % UInt64(Self.hour / 2))
            times.append(time)
        }
        let all = versions(times)
        let policy = RetentionPolicy(newestCount: 3, limit: 48 * Self.hour)
        let kept = policy.kept(all, now: time)
        for back in 0..<48 as Range<Int64> {
            let moment = (time / Self.hour - back) * Self.hour
            guard moment >= time - policy.limit, let inForce = all.last(where: { $0.time <= moment }) else {
                continue
            }
            #expect(kept.contains(inForce.number), "hour \(back) back")
        }
    }

    @Test("thinning often keeps the same as thinning once", arguments: 0..<60 as Range<UInt64>)
    func thinningOften(seed: UInt64) {
        var generator = SeededGenerator(seed)
        let policy = RetentionPolicy(
            newestCount: Int(seed % 9) + 1, limit: Int64(generator.next() % 90) * Self.hour / 10)
        var all: [StoreVersion] = []
        var thinned: [StoreVersion] = []
        var time: Int64 = 1_700_000_000_000_000
        for number in 0..<400 as Range<UInt64> {
            let steps: [UInt64] = [1, 30_000_000, 90_000_000, 3_000_000_000]
            time += Int64(generator.next() % steps[Int(generator.next() % 4)])
            all.append(StoreVersion(number: number, time: time))
            thinned.append(StoreVersion(number: number, time: time))
            if generator.next() % 7 == 0 {
                let kept = policy.kept(thinned, now: time)
                thinned.removeAll { !kept.contains($0.number) }
            }
        }
        #expect(policy.kept(thinned, now: time) == policy.kept(all, now: time))
    }

    @Test("ten commits a second for a week leave at most 300 versions")
    func bounded() {
        let policy = RetentionPolicy.standard
        var thinned: [StoreVersion] = []
        var most = 0
        // A commit every 2 s stands for ten a second; thinning sees some hundreds at a time.
        for number in 0..<302_400 as Range<UInt64> {
            let time = 1_700_000_000_000_000 + Int64(number) * 2_000_000
            thinned.append(StoreVersion(number: number, time: time))
            if number % 600 == 0 {
                let kept = policy.kept(thinned, now: time)
                thinned.removeAll { !kept.contains($0.number) }
                most = max(most, thinned.count)
            }
        }
        #expect(most <= 300)
        #expect(most > 200)
    }

    @Test("a clock that went far ahead drops nothing of the newest versions")
    func clockAhead() {
        let policy = RetentionPolicy(newestCount: 2, limit: Self.hour)
        #expect(policy.kept(versions([0, 1, 2, 3]), now: 1 << 60) == [2, 3])
        #expect(policy.kept(versions([0, 1 << 60]), now: 5) == [0, 1])
    }

    @Test("times are written as dates in UTC")
    func texts() {
        #expect(StoreVersion.text(ofTime: 0) == "1970-01-01 00:00:00 UTC")
        #expect(StoreVersion.text(ofTime: 1_709_164_799_000_001) == "2024-02-28 23:59:59.000001 UTC")
        #expect(StoreVersion.text(ofTime: 1_709_164_800_000_000) == "2024-02-29 00:00:00 UTC")
        #expect(StoreVersion.text(ofTime: -1) == "1969-12-31 23:59:59.999999 UTC")
        #expect(StoreVersion(number: 3, time: 0).description == "version 3 of 1970-01-01 00:00:00 UTC")
    }
}
