import Columns
import Testing

@testable import Execution

/// Groups are the distinct keys, whatever way the keys took: runs, arrays of codes, or hashing.
@Suite("Grouping")
struct GroupingTests {
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    private static func key(_ number: Int, _ type: DataType) -> Value {
        switch type {
        case .bigint: .bigint(Int64(number) &* 0x9E37_79B9_7F4A_7C1)
        case .integer: .integer(Int32(truncatingIfNeeded: number))
        default: .text("document \(number) with a long name")
        }
    }

    /// Clustered keys come in runs, scattered ones do not; some are NULL.
    @Test(
        "each row's group has its key, and each key one group",
        arguments: [[DataType.bigint], [.text], [.integer, .text], [.bigint, .integer]],
        [(1, 0.0), (4, 0.0), (4, 0.02), (1, 0.02)])
    func groups(types: [DataType], shape: (run: Int, nulls: Double)) {
        var random = Generator(state: UInt64(shape.run * 1_000 + types.count))
        let grouping = Grouping(types: types, stateBytes: 0)
        var known: [[Value]: UInt32] = [:]
        var keys: [UInt32: [Value]] = [:]
        for chunk in 0..<40 {
            let rows = (0..<500).map { row in
                let number =
                    shape.run > 1
                    ? (chunk * 500 + row) / shape.run : Int.random(in: 0..<9_000, using: &random)
                return types.map { type in
                    Double.random(in: 0..<1, using: &random) < shape.nulls
                        ? Value.null : Self.key(number, type)
                }
            }
            let vectors = types.indices.map { index in
                let builder = VectorBuilder(type: types[index], capacity: rows.count)
                for row in rows { builder.append(row[index]) }
                return builder.finish()
            }
            var groups = [UInt32](repeating: .max, count: rows.count)
            groups.withUnsafeMutableBufferPointer { target in
                if let base = target.baseAddress { grouping.assign(vectors, count: rows.count, into: base) }
            }
            for (row, group) in zip(rows, groups) {
                #expect(known[row] ?? group == group, "a key has one group")
                #expect(keys[group] ?? row == row, "a group has one key")
                known[row] = group
                keys[group] = row
            }
        }
        #expect(grouping.count == keys.count)
        var start = 0
        while start < grouping.count {
            let range = start..<min(start + DataChunk.capacity, grouping.count)
            let columns = grouping.keys(range)
            for group in range {
                #expect(columns.map { $0.value(at: group - start) } == keys[UInt32(group)])
            }
            start = range.upperBound
        }
    }
}
