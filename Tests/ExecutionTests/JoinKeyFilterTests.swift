import Columns
import TableCatalog
import Testing

@testable import Execution

/// A filter of join keys lets every key through that the build side has, and hardly any other.
@Suite("Filters of join keys")
struct JoinKeyFilterTests {
    private static func vector(_ values: [Value], _ type: DataType) -> Vector {
        let builder = VectorBuilder(type: type, capacity: max(values.count, 1))
        for value in values { builder.append(value) }
        return builder.finish()
    }

    /// A key of a type, the same for the same number.
    private static func key(_ number: Int, _ type: DataType) -> Value {
        switch type {
        case .smallint: .smallint(Int16(truncatingIfNeeded: number % 30_000))
        case .integer: .integer(Int32(truncatingIfNeeded: number))
        case .bigint: .bigint(Int64(number))
        case .date: .date(Int32(truncatingIfNeeded: number))
        case .decimal(let precision, let scale) where precision <= 18:
            .decimal(unscaled: Int128(number), scale: scale)
        case .decimal(_, let scale):
            .decimal(unscaled: Int128(number) * 1_000_000_000_000_000_000_000, scale: scale)
        case .uuid: .uuid(UInt128(number) &* 0x1234_5678_9ABC_DEF1_0F1E_2D3C)
        default: .text("a key of more than twelve bytes: \(number)")
        }
    }

    static let types: [DataType] = [
        .smallint, .integer, .bigint, .date, .decimal(precision: 12, scale: 2),
        .decimal(precision: 38, scale: 4), .uuid, .text,
    ]

    /// Keys close to each other (bits) and far apart (a Bloom filter).
    @Test("no key is lost, and few others pass", arguments: types, [3, 1_000_003])
    func membership(type: DataType, step: Int) throws {
        let build = (0..<1_500).map { $0 % 50 == 7 ? Value.null : Self.key($0 * step, type) }
        let filter = try #require(JoinKeyFilter(Self.vector(build, type), rowCount: build.count))
        let keys = Set(build).subtracting([.null])
        let probe = (0..<2_000).map { $0 % 31 == 3 ? Value.null : Self.key($0 * step / 2 + $0 % 2, type) }
        let column = Self.vector(probe, type)
        let all = filter.passing(column, count: probe.count, selection: nil)
        let passed = (0..<all.count).map { Int(all.rows[$0]) }
        #expect(passed == passed.sorted())
        #expect(!passed.contains { probe[$0].isNull })
        for row in probe.indices where keys.contains(probe[row]) {
            #expect(passed.contains(row), "row \(row) was lost")
        }
        let strangers = passed.filter { !keys.contains(probe[$0]) }.count
        #expect(strangers < probe.count / 20, "\(strangers) rows without a key passed")
        // Of a selection, exactly those of its rows that pass alone.
        let odd = probe.indices.filter { $0 % 2 == 1 }
        let some = filter.passing(column, count: probe.count, selection: SelectionVector(odd))
        #expect((0..<some.count).map { Int(some.rows[$0]) } == passed.filter { $0 % 2 == 1 })
    }

    @Test("a build side without keys rules out everything")
    func empty() throws {
        for type in Self.types {
            let nulls = Self.vector([.null, .null], type)
            let filter = try #require(JoinKeyFilter(nulls, rowCount: 2))
            let probe = Self.vector([Self.key(0, type), .null], type)
            #expect(filter.passing(probe, count: 2, selection: nil).count == 0)
        }
    }

    @Test("the range of the keys bounds the scan")
    func range() throws {
        let filter = try #require(
            JoinKeyFilter(Self.vector([.integer(900), .null, .integer(-3)], .integer), rowCount: 3))
        #expect(filter.range?.low == -3)
        #expect(filter.range?.high == 900)
        let node = ScanNode(table: TableID(rawValue: 1), tableName: "t", columns: [4, 7], columnNames: ["a", "b"])
        let limited = node.limited(by: [ScanKeyFilter(column: 1, filter: filter)])
        #expect(limited.zonePredicates.map(\.column) == [7, 7])
        #expect(limited.zonePredicates.map(\.values) == [[.integer(-3)], [.integer(900)]])
    }
}
