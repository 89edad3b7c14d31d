import Columns
import TableCatalog
import Testing

@testable import Storage

@Suite("Sorting by the clustering key")
struct CompactionSortTests {
    /// The order that the documentation promises, value by value.
    static func comesBefore(_ left: [Value], _ right: [Value], types: [DataType]) -> Bool {
        for (index, type) in types.enumerated() {
            let order = compare(left[index], right[index], type)
            if order != 0 { return order < 0 }
        }
        return false
    }

    static func compare(_ left: Value, _ right: Value, _ type: DataType) -> Int {
        if left.isNull || right.isNull { return (left.isNull ? 1 : 0) - (right.isNull ? 1 : 0) }
        switch (left, right) {
        case (.text(let first), .text(let second)), (.json(let first), .json(let second)):
            let first = Array(first.utf8)
            let second = Array(second.utf8)
            return first.lexicographicallyPrecedes(second)
                ? -1 : second.lexicographicallyPrecedes(first) ? 1 : 0
        default:
            guard let first = ZoneKey.key(of: left, type: type),
                let second = ZoneKey.key(of: right, type: type)
            else { return 0 }
            return first < second ? -1 : first > second ? 1 : 0
        }
    }

    private func value(_ type: DataType, _ generator: inout SeededGenerator) -> Value {
        switch (generator.next() % 8, type) {
        case (0, _): return .null
        case (1, .text): return .text("a\0b")
        case (2, .text): return .text("a")
        case (3, .text): return .text(String(repeating: "a\0", count: Int(generator.next() % 9)))
        case (1, .doublePrecision): return .doublePrecision(-.infinity)
        case (2, .doublePrecision): return .doublePrecision(.nan)
        case (3, .doublePrecision): return .doublePrecision(-0.0)
        case (4, .doublePrecision): return .doublePrecision(-Double(generator.next() % 5) - 0.5)
        case (1, .bigint): return .bigint(-Int64(generator.next() % 1000))
        case (1, .decimal(_, let scale)):
            return .decimal(unscaled: -Int128(generator.next() % 1000), scale: scale)
        case (1, .interval): return .interval(Interval(months: -1, days: 40, microseconds: 5))
        default: return Samples.random(type, &generator, distinct: 30)
        }
    }

    @Test("keys of every type compare as their values do", arguments: Samples.allTypes)
    func keys(type: DataType) {
        var generator = SeededGenerator(11)
        let types = [type, DataType.smallint]
        let rows: [[Value]] = (0..<400).map { _ in
            [value(type, &generator), value(.smallint, &generator)]
        }
        let chunk = Samples.chunk(rows, types: types)
        let keys = SortKeys()
        keys.append(chunk.columns.map { $0.flattened() }, rowCount: rows.count)
        for left in stride(from: 0, to: rows.count, by: 3) {
            for right in rows.indices {
                let expected =
                    Self.comesBefore(rows[left], rows[right], types: types)
                    ? -1 : Self.comesBefore(rows[right], rows[left], types: types) ? 1 : 0
                let found = keys.compare(left, keys, right)
                #expect(found.signum() == expected, "\(rows[left]) and \(rows[right])")
                if found.signum() != expected { return }
            }
        }
    }

    /// Every row group's rows, for a table that has been compacted.
    static func groups(
        of table: TableID, in snapshot: StoreSnapshot
    ) throws -> [(run: UInt32, rows: [[Value]])] {
        let state = try #require(snapshot.state.tables[table])
        let scan = try snapshot.scan(table, columns: Array(0..<state.definition.columns.count))
        let reader = scan.makeReader()
        var groups: [(run: UInt32, rows: [[Value]])] = []
        for morsel in 0..<scan.morselCount {
            var rows: [[Value]] = []
            if try reader.open(morsel: morsel) {
                while let chunk = try reader.next() {
                    for row in 0..<chunk.selectedCount { rows.append(chunk.row(row)) }
                }
            }
            groups.append((state.rowGroups[morsel].form.sortedRun, rows))
        }
        return groups
    }

    /// Whether the rows of each sorted run are in order.
    static func expectSorted(_ table: TableID, in snapshot: StoreSnapshot) throws {
        let definition = try #require(snapshot.catalog.definition(of: table))
        let types = definition.clusteringKey.map { definition.columns[$0].type }
        var last: [UInt32: [Value]] = [:]
        for group in try groups(of: table, in: snapshot) where group.run != 0 {
            for row in group.rows {
                let key = definition.clusteringKey.map { row[$0] }
                if let before = last[group.run] {
                    #expect(!comesBefore(key, before, types: types), "run \(group.run)")
                }
                last[group.run] = key
            }
        }
    }

    @Test("compaction sorts by keys of every type and keeps every row", arguments: Samples.allTypes)
    func everyType(type: DataType) throws {
        let disk = SimulatedDisk(seed: 21)
        let store = try ColumnStore.open(directory: "/store", fileSystem: disk)
        var definition = Samples.keyed(more: [Field(name: "key", type: type)])
        definition.clusteringKey = [2, 1]
        let types = definition.columns.types
        var generator = SeededGenerator(22)
        var transaction = try store.begin()
        let table = try transaction.createTable(definition)
        _ = try transaction.commit()
        var all: [[Value]] = []
        for commit in 0..<9 {
            transaction = try store.begin()
            let rows: [[Value]] = (0..<300).map { row in
                [
                    .bigint(Int64(commit * 300 + row)), .text("n\(generator.next() % 5)"),
                    value(type, &generator),
                ]
            }
            all += rows
            try transaction.append(table, Samples.chunk(rows, types: types))
            _ = try transaction.commit()
        }
        let steps = try store.compact(table, everything: true)
        #expect(steps.count == 1)
        let groups = try Self.groups(of: table, in: store.snapshot())
        #expect(groups.count == 1)
        let rows = try #require(groups.first?.rows)
        #expect(groups.first?.run != 0)
        // Equal keys keep the order in which they came, so there is one right answer.
        let keyTypes = [type, DataType.text]
        let expected = all.enumerated().sorted { left, right in
            let first = [left.element[2], left.element[1]]
            let second = [right.element[2], right.element[1]]
            if Self.comesBefore(first, second, types: keyTypes) { return true }
            if Self.comesBefore(second, first, types: keyTypes) { return false }
            return left.offset < right.offset
        }.map { "\($0.element)" }
        #expect(rows.map { "\($0)" } == expected)
    }
}
