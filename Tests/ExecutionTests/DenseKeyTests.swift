import Columns
import Testing

@testable import Execution

/// Keys and distinct values that are numbered densely are found by their place; those that are not, by hash.
@Suite("Dense keys")
struct DenseKeyTests {
    private static func integers(_ values: [Int64], _ type: DataType) -> Vector {
        let builder = VectorBuilder(type: type, capacity: values.count)
        for value in values {
            switch type {
            case .smallint: builder.append(.smallint(Int16(truncatingIfNeeded: value)))
            case .integer: builder.append(.integer(Int32(truncatingIfNeeded: value)))
            default: builder.append(.bigint(value))
            }
        }
        return builder.finish()
    }

    @Test(
        "memory keeps what was written when it grows, and is zero elsewhere", arguments: [8, 4_096, 1 << 21])
    func tableMemory(byteCount: Int) {
        var memory = TableMemory(byteCount: byteCount)
        var size = byteCount
        var written: [Int] = []
        while size < 1 << 25 {
            let place = size - 8
            memory.base.storeBytes(of: UInt64(place + 1), toByteOffset: place, as: UInt64.self)
            written.append(place)
            size = size * 3 / 8 * 8
            memory.grow(to: size)
            for place in written {
                let kept = memory.base.load(fromByteOffset: place, as: UInt64.self)
                #expect(kept == UInt64(place + 1))
            }
            let words = memory.base.assumingMemoryBound(to: UInt64.self)
            var sum: UInt64 = 0
            for index in 0..<(size / 8) { sum &+= words[index] == 0 ? 0 : 1 }
            #expect(sum == UInt64(written.count))
        }
        let finalBytes = memory.byteCount
        #expect(finalBytes == size)
    }

    @Test(
        "bits are the pairs that were added, wherever the numbers begin",
        arguments: [DataType.smallint, .integer, .bigint], 0..<4 as Range<UInt64>)
    func bits(type: DataType, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var workers: [Set<[Int64]>] = [[], []]
        var bits = DistinctBits()
        var other = DistinctBits()
        let origin: Int64 = [0, -30_000, 20_000, -3][Int(seed)]
        for chunk in 0..<20 {
            let groupCount = chunk + 1
            // Down in odd chunks, up in even ones, so that both ends move.
            let centre = origin + Int64(chunk) * (chunk % 2 == 0 ? 90 : -90)
            let rows = (0..<700).map { _ in
                (
                    group: UInt32.random(in: 0..<UInt32(groupCount), using: &random),
                    value: centre + Int64.random(in: -200..<200, using: &random)
                )
            }
            let vector = Self.integers(rows.map(\.value), type)
            let groups = rows.map(\.group)
            let isFirst = chunk % 3 != 0
            for row in rows { workers[isFirst ? 0 : 1].insert([Int64(row.group), row.value]) }
            let isAdded = groups.withUnsafeBufferPointer { groups in
                isFirst
                    ? bits.add(vector, groups: groups.baseAddress, groupCount: groupCount, count: rows.count)
                    : other.add(vector, groups: groups.baseAddress, groupCount: groupCount, count: rows.count)
            }
            #expect(isAdded)
        }
        let countBefore = bits.count
        #expect(countBefore == workers[0].count)
        let mapping = (0..<20).map { UInt32(19 - $0) }
        let isAbsorbed = mapping.withUnsafeBufferPointer { mapping in
            mapping.baseAddress.map {
                bits.absorb(other, mapping: $0, groupsMapped: 20, groupCount: 20)
            } ?? false
        }
        #expect(isAbsorbed)
        let expected = workers[0].union(workers[1].map { [19 - $0[0], $0[1]] })
        let countAfter = bits.count
        #expect(countAfter == expected.count)
        var found: Set<[Int64]> = []
        bits.forEachChunk(type: type) { groups, values, count in
            for row in 0..<count { found.insert([Int64(groups[row]), values.wholeNumber(at: row)]) }
        }
        #expect(found == expected)
        for group in 0..<20 {
            let ofGroup = bits.count(of: group)
            #expect(ofGroup == expected.count { $0[0] == Int64(group) })
        }
    }

    @Test("numbers that lie far apart are refused, and nothing is added")
    func farApart() {
        var bits = DistinctBits()
        let isTaken = bits.add(Self.integers([1, 2, 2], .bigint), groups: nil, groupCount: 1, count: 3)
        #expect(isTaken)
        for far in [Int64.max, .min, 1 << 40] {
            let isFarTaken = bits.add(Self.integers([3, far], .bigint), groups: nil, groupCount: 1, count: 2)
            #expect(!isFarTaken)
        }
        var extremes = DistinctBits()
        let areTaken = extremes.add(
            Self.integers([.min, .max], .bigint), groups: nil, groupCount: 1, count: 2)
        #expect(!areTaken)
        let counts = [bits.count, extremes.count]
        #expect(counts == [2, 0])
    }

    @Test("distinct numbers by group, dense or scattered, are counted and added", arguments: [1, 3])
    func distinct(workers: Int) throws {
        let types: [DataType] = [.integer, .integer, .bigint]
        for spread in [1, 7, 1_000_003] as [Int64] {
            var random = SeededGenerator(seed: UInt64(spread))
            let rows = (0..<9_000).map { row -> [Value] in
                let number = Int64.random(in: -400..<400, using: &random)
                return [
                    .integer(Int32(row % 37)), number % 50 == 0 ? .null : .integer(Int32(number * 3)),
                    .bigint(number * spread),
                ]
            }
            let table = TestTable(types: types, rows: rows)
            let run = TestRun(tables: MemoryTables([1: table.chunks()]), workers: workers)
            let calls = try [
                AggregateTests.call("count", 1, types, distinct: true),
                AggregateTests.call("count", 2, types, distinct: true),
                AggregateTests.call("sum", 2, types, distinct: true),
            ]
            for groups in [[0], []] {
                let scan = run.tables.scan(1, types: types)
                let answers = try run.rows(AggregateTests.plan(scan, groups: groups, calls))
                let expected = Dictionary(grouping: rows) { groups.isEmpty ? Value.null : $0[0] }
                #expect(answers.count == expected.count)
                for answer in answers {
                    let key = groups.isEmpty ? Value.null : answer[0]
                    let members = try #require(expected[key])
                    let first = Set(members.map { $0[1] }.filter { !$0.isNull })
                    let second = Set(members.compactMap { AggregateTests.number($0[2]) })
                    let results = answer.suffix(3).map { AggregateTests.number($0) }
                    let wanted = [Int128(first.count), Int128(second.count), second.reduce(0, +)]
                    #expect(results == wanted)
                }
            }
        }
    }

    @Test("groups of numbers in order, downwards, and with a gap", arguments: [1, 2])
    func orderedGroups(workers: Int) throws {
        let types: [DataType] = [.bigint, .bigint]
        let ascending = (0..<300_000).map { Int64($0 / 3 * 4) }
        let shapes: [[Int64]] = [
            ascending, Array(ascending.reversed()), ascending.map { $0 > 200_000 ? $0 << 30 : $0 },
        ]
        for keys in shapes {
            let table = TestTable(types: types, rows: keys.map { [.bigint($0), .bigint($0 % 11)] })
            let run = TestRun(tables: MemoryTables([1: table.chunks()]), workers: workers)
            let calls = try [AggregateTests.call("count", nil, types), AggregateTests.call("sum", 1, types)]
            let scan = run.tables.scan(1, types: types)
            let answers = try run.rows(AggregateTests.plan(scan, groups: [0], calls))
            #expect(answers.count == 100_000)
            let isRight = answers.allSatisfy { row in
                guard let key = AggregateTests.number(row[0]), let sum = AggregateTests.number(row[2]) else {
                    return false
                }
                return row[1] == .bigint(3) && sum == 3 * (key % 11)
            }
            #expect(isRight)
        }
    }

    @Test("sums beyond 64 bits, and their averages of one state", arguments: [1, 3])
    func wideSums(workers: Int) throws {
        let type = DataType.decimal(precision: 30, scale: 0)
        let types: [DataType] = [.integer, type]
        for factor in [Int128(3), Int128(1) << 61, Int128(1) << 70] {
            let rows = (0..<6_000).map { row -> [Value] in
                let isWide = row % 1_000 > 700
                let value = Int128(row % 91 - 40) * (isWide ? factor : 1)
                return [.integer(Int32(row % 3)), .decimal(unscaled: value, scale: 0)]
            }
            let run = TestRun(
                tables: MemoryTables([1: TestTable(types: types, rows: rows).chunks()]), workers: workers)
            let calls = try [
                AggregateTests.call("avg", 1, types), AggregateTests.call("sum", 1, types),
                AggregateTests.call("count", 1, types), AggregateTests.call("avg", 1, types),
            ]
            let scan = run.tables.scan(1, types: types)
            let answers = try run.rows(AggregateTests.plan(scan, groups: [0], calls))
            #expect(answers.count == 3)
            for answer in answers {
                let members = rows.filter { $0[0] == answer[0] }
                let sum = members.compactMap { AggregateTests.number($0[1]) }.reduce(0, +)
                #expect(AggregateTests.number(answer[2]) == sum)
                #expect(answer[3] == .bigint(Int64(members.count)))
                #expect(answer[1] == answer[4])
            }
        }
    }
}
