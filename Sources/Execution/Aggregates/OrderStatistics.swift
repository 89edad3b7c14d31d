import Columns

/// Finds the values at given places of the order without sorting all of them.
enum OrderStatistics {
    private static let bucketBits = 12
    private static let sortedMax = 128
    /// Up to this many groups are counted into buckets of their own.
    static let bucketGroupsMax = 64

    /// The values that would stand at `ranks` if `values` were sorted.
    ///
    /// - Parameters:
    ///   - values: Reordered freely.
    ///   - ranks: In any order, each below the count.
    ///
    /// Takes O(n) time for each 12 bits in which the values differ, mostly once or twice.
    static func select(_ values: UnsafeMutableBufferPointer<UInt64>, ranks: [Int]) -> [UInt64] {
        precondition(ranks.allSatisfy { values.indices.contains($0) }, "a rank is a place among the values")
        guard values.count > sortedMax else {
            var sorted = values
            sorted.sort()
            return ranks.map { sorted[$0] }
        }
        var low = UInt64.max
        var high = UInt64.min
        for value in values {
            low = min(low, value)
            high = max(high, value)
        }
        if low == high { return ranks.map { _ in low } }
        let shift = shift(low: low, high: high)
        var counts = [UInt32](repeating: 0, count: 1 << bucketBits)
        counts.withUnsafeMutableBufferPointer { counts in
            for value in values { counts[Int(truncatingIfNeeded: (value &- low) &>> shift)] &+= 1 }
        }
        var result = [UInt64](repeating: 0, count: ranks.count)
        var wanted: [Int: [(place: Int, rank: Int)]] = [:]
        for (place, rank) in ranks.enumerated() {
            let (bucket, before) = bucket(of: rank, in: counts[...])
            wanted[bucket, default: []].append((place, rank - before))
        }
        for (bucket, places) in wanted {
            var inside = [UInt64]()
            inside.reserveCapacity(Int(counts[bucket]))
            for value in values where Int(truncatingIfNeeded: (value &- low) &>> shift) == bucket {
                inside.append(value)
            }
            let found = inside.withUnsafeMutableBufferPointer { select($0, ranks: places.map(\.rank)) }
            for (index, entry) in places.enumerated() { result[entry.place] = found[index] }
        }
        return result
    }

    /// The bits to drop so that differences from `low` number the buckets.
    private static func shift(low: UInt64, high: UInt64) -> UInt64 {
        UInt64(max(0, 64 - (high - low).leadingZeroBitCount - bucketBits))
    }

    /// The bucket in which a rank lies, counted from the slice's start, and the values before it.
    private static func bucket(of rank: Int, in counts: ArraySlice<UInt32>) -> (bucket: Int, before: Int) {
        var before = 0
        for (bucket, count) in counts.enumerated() {
            if rank < before + Int(count) { return (bucket, before) }
            before += Int(count)
        }
        preconditionFailure("a rank lies in one of the buckets")
    }

    /// The values at ranks of each group of a log.
    ///
    /// - Parameter ranks: By group and its number of values; as many for every group that has values.
    /// - Returns: As many values a group, zeros for a group without values.
    static func select(
        _ log: ValueLog, groupCount: Int, ranksPerGroup: Int, ranks: (_ count: Int) -> [Int]
    ) -> [UInt64] {
        if log.count == 0 { return [UInt64](repeating: 0, count: groupCount * ranksPerGroup) }
        return groupCount <= bucketGroupsMax
            ? selectByBuckets(log, groupCount, ranksPerGroup, ranks)
            : selectBySorting(log, groupCount, ranksPerGroup, ranks)
    }

    /// Few groups: counts all groups' values into buckets at once, then takes those of the buckets in which
    /// ranks lie.
    private static func selectByBuckets(
        _ log: ValueLog, _ groupCount: Int, _ ranksPerGroup: Int, _ ranks: (Int) -> [Int]
    ) -> [UInt64] {
        let bucketCount = 1 << bucketBits
        let low = log.low
        let shift = shift(low: low, high: log.high)
        var counts = [UInt32](repeating: 0, count: groupCount * bucketCount)
        counts.withUnsafeMutableBufferPointer { counts in
            forEachRun(log) { words, groups, count in
                if let groups {
                    for row in 0..<count {
                        let bucket = Int(truncatingIfNeeded: (words[row] &- low) &>> shift)
                        counts[Int(groups[row]) &* bucketCount &+ bucket] &+= 1
                    }
                } else {
                    for row in 0..<count {
                        counts[Int(truncatingIfNeeded: (words[row] &- low) &>> shift)] &+= 1
                    }
                }
            }
        }
        /// Values of one bucket of one group, of which some ranks are wanted.
        struct Wanted {
            var places: [Int] = []
            var ranks: [Int] = []
            var values: [UInt64] = []
        }
        var wanted: [Wanted] = []
        // By group and bucket: index + 1 of `wanted`, 0 for a bucket that is not.
        var table = [UInt16](repeating: 0, count: groupCount * bucketCount)
        for group in 0..<groupCount {
            let own = counts[(group * bucketCount)..<((group + 1) * bucketCount)]
            let count = own.reduce(0) { $0 + Int($1) }
            if count == 0 { continue }
            for (place, rank) in ranks(count).enumerated() {
                let (bucket, before) = bucket(of: rank, in: own)
                let index = group * bucketCount + bucket
                if table[index] == 0 {
                    wanted.append(Wanted())
                    wanted[wanted.count - 1].values.reserveCapacity(Int(counts[index]))
                    table[index] = UInt16(wanted.count)
                }
                wanted[Int(table[index]) - 1].places.append(group * ranksPerGroup + place)
                wanted[Int(table[index]) - 1].ranks.append(rank - before)
            }
        }
        table.withUnsafeBufferPointer { table in
            forEachRun(log) { words, groups, count in
                for row in 0..<count {
                    let bucket = Int(truncatingIfNeeded: (words[row] &- low) &>> shift)
                    let group = groups.map { Int($0[row]) } ?? 0
                    let index = table[group &* bucketCount &+ bucket]
                    if index != 0 { wanted[Int(index) &- 1].values.append(words[row]) }
                }
            }
        }
        var result = [UInt64](repeating: 0, count: groupCount * ranksPerGroup)
        for index in wanted.indices {
            let ranks = wanted[index].ranks
            let found = wanted[index].values.withUnsafeMutableBufferPointer { select($0, ranks: ranks) }
            for (place, value) in zip(wanted[index].places, found) { result[place] = value }
        }
        return result
    }

    /// Many groups: brings the values of each together, then selects among them.
    private static func selectBySorting(
        _ log: ValueLog, _ groupCount: Int, _ ranksPerGroup: Int, _ ranks: (Int) -> [Int]
    ) -> [UInt64] {
        var ends = [Int](repeating: 0, count: groupCount + 1)
        forEachRun(log) { _, groups, count in
            if let groups {
                for row in 0..<count { ends[Int(groups[row]) &+ 1] &+= 1 }
            } else {
                ends[1] += count
            }
        }
        for group in 0..<groupCount { ends[group + 1] += ends[group] }
        let sorted = VectorBuffer(byteCount: log.count * 8)
        let values = sorted.pointer(as: UInt64.self)
        var next = ends
        forEachRun(log) { words, groups, count in
            for row in 0..<count {
                let group = groups.map { Int($0[row]) } ?? 0
                values[next[group]] = words[row]
                next[group] &+= 1
            }
        }
        var result = [UInt64](repeating: 0, count: groupCount * ranksPerGroup)
        for group in 0..<groupCount where ends[group + 1] > ends[group] {
            let count = ends[group + 1] - ends[group]
            let own = UnsafeMutableBufferPointer(start: values + ends[group], count: count)
            for (place, value) in select(own, ranks: ranks(count)).enumerated() {
                result[group * ranksPerGroup + place] = value
            }
        }
        withExtendedLifetime(sorted) {}
        return result
    }

    @inline(__always) private static func forEachRun(
        _ log: ValueLog, _ body: (UnsafePointer<UInt64>, UnsafePointer<UInt32>?, Int) -> Void
    ) {
        for block in log.blocks {
            let groups = block.groups.map { UnsafePointer($0.pointer(as: UInt32.self)) }
            body(UnsafePointer(block.words.pointer(as: UInt64.self)), groups, block.count)
            withExtendedLifetime(block) {}
        }
    }
}
