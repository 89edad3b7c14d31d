import Columns
import Storage
import TableCatalog
import Testing

/// Scans with exact predicates against a filter of all rows, one at a time.
@Suite("Scans that filter")
struct ScanFilterTests {
    let directory = TemporaryDirectory()

    private static let definition = TableDefinition(
        name: TableName(name: "t"),
        columns: Schema([
            Field(name: "id", type: .bigint, isNullable: false), Field(name: "city", type: .text),
            Field(name: "x", type: .doublePrecision), Field(name: "name", type: .text),
            Field(name: "day", type: .date), Field(name: "price", type: .decimal(precision: 18, scale: 2)),
            Field(name: "flag", type: .boolean), Field(name: "version", type: .integer),
        ]), primaryKey: [0])

    private func makeTable(rowCount: Int, seed: UInt64) throws -> (ColumnStore, TableID, [[Value]]) {
        var generator = SeededGenerator(seed)
        func orNull(_ value: Value) -> Value { generator.next() % 9 == 0 ? .null : value }
        let rows: [[Value]] = (0..<rowCount).map { row in
            let number = generator.next()
            return [
                .bigint(Int64(row)), orNull(.text("город \(number % 12)")),
                orNull(.doublePrecision(number % 50 == 0 ? .nan : Double(number % 1000) / 8 - 3)),
                orNull(.text("строка номер \(number % 5000)")), orNull(.date(Int32(row / 700))),
                .decimal(unscaled: Int128(number % 100_000), scale: 2), orNull(.boolean(number & 4 == 0)),
                .integer(Int32(row / 3000)),
            ]
        }
        let store = try ColumnStore.open(directory: directory.path)
        let transaction = try store.begin()
        let table = try transaction.createTable(Self.definition)
        try Samples.append(rows, to: table, in: transaction, types: Self.definition.columns.types)
        _ = try transaction.commit()
        return (store, table, rows)
    }

    private static func predicate(
        _ rows: [[Value]], _ generator: inout SeededGenerator
    ) -> ScanPredicate {
        let column = Int(generator.next() % 8)
        let constant = rows[Int(generator.next() % UInt64(rows.count))][column]
        if constant.isNull { return ScanPredicate(column: column, comparison: .isNull, values: []) }
        if let text = constant.stringValue, generator.next() % 3 == 0 {
            let part = generator.next() % 2 == 0 ? String(text.prefix(7)) : String(text.suffix(2))
            let comparisons: [ScanPredicate.Comparison] = [.beginsWith, .contains, .endsWith]
            return ScanPredicate(
                column: column, comparison: comparisons[Int(generator.next() % 3)], values: [.text(part)])
        }
        let comparisons: [ScanPredicate.Comparison] = [
            .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isIn, .isNotNull,
        ]
        let comparison = comparisons[Int(generator.next() % 8)]
        switch comparison {
        case .isNotNull: return ScanPredicate(column: column, comparison: comparison, values: [])
        case .isIn:
            let more = (0..<5).map { _ in rows[Int(generator.next() % UInt64(rows.count))][column] }
            return ScanPredicate(column: column, comparison: comparison, values: [constant] + more)
        default: return ScanPredicate(column: column, comparison: comparison, values: [constant])
        }
    }

    @Test("a scan returns exactly the rows that pass", arguments: 0..<6 as Range<UInt64>)
    func exactRows(seed: UInt64) throws {
        let (store, table, all) = try makeTable(rowCount: seed == 0 ? 70_000 : 9000, seed: seed)
        var generator = SeededGenerator(seed &+ 1000)
        var rows = all
        for round in 0..<2 {
            if round == 1 {
                // Deleted rows leave holes, one vector and more of them whole.
                let share = 2 + generator.next() % 5
                let dead = Set(
                    (0..<rows.count).filter { (2000..<7000).contains($0) || generator.next() % share == 0 })
                let transaction = try store.begin()
                let ids = dead.sorted().map { Int64($0) }
                for start in stride(from: 0, to: ids.count, by: 2048) {
                    let part = Array(ids[start..<min(start + 2048, ids.count)])
                    _ = try transaction.delete(table, keys: Samples.keys(part))
                }
                _ = try transaction.commit()
                rows = rows.indices.filter { !dead.contains($0) }.map { rows[$0] }
            }
            for _ in 0..<(seed == 0 ? 12 : 40) {
                let predicates = (0..<Int(generator.next() % 4)).map { _ in
                    Self.predicate(all, &generator)
                }
                let columns = (0..<8).filter { _ in generator.next() % 2 == 0 }
                let found = try Samples.rows(
                    of: table, in: store.snapshot(), columns: columns, predicates: predicates)
                let twin = rows.filter { row in predicates.allSatisfy { Self.passes(row, $0) } }
                #expect(
                    Self.bits(found) == Self.bits(twin.map { row in columns.map { row[$0] } }),
                    "\(predicates) \(columns)")
            }
        }
    }

    @Test("row locators name the rows that are left, few or many", arguments: [1, 7, 100])
    func locators(share: Int64) throws {
        let (store, table, _) = try makeTable(rowCount: 9000, seed: 4)
        let values = (0..<9000).map { Int64($0) }.filter { $0 % share == 0 }.map { Value.bigint($0) }
        let scan = try store.snapshot().scan(
            table, columns: [0], predicates: [ScanPredicate(column: 0, comparison: .isIn, values: values)],
            includesRowLocator: true)
        #expect(scan.isExact(0))
        let reader = scan.makeReader()
        var found = 0
        for morsel in 0..<scan.morselCount where try reader.open(morsel: morsel) {
            while let chunk = try reader.next() {
                for row in 0..<chunk.selectedCount {
                    let pair = chunk.row(row).compactMap(\.integerValue)
                    #expect(pair[1] & 0xFFFF == pair[0])
                    found += 1
                }
            }
        }
        #expect(found == values.count)
    }

    @Test("a predicate of another type is not exact and filters nothing")
    func inexact() throws {
        let (store, table, rows) = try makeTable(rowCount: 3000, seed: 5)
        let predicate = ScanPredicate(column: 5, comparison: .equal, values: [.bigint(3)])
        let scan = try store.snapshot().scan(table, columns: [0], predicates: [predicate])
        #expect(!scan.isExact(0))
        #expect(
            try Samples.rows(of: table, in: store.snapshot(), predicates: [predicate]).count == rows.count)
    }

    @Test("a column that only a predicate reads is not decoded when zones prove it, nor read")
    func provedVectors() throws {
        let (store, table, rows) = try makeTable(rowCount: 9000, seed: 6)
        store.cache.removeAll()
        let predicate = ScanPredicate(column: 7, comparison: .lessOrEqual, values: [.integer(2)])
        let found = try Samples.rows(
            of: table, in: store.snapshot(), columns: [0], predicates: [predicate])
        #expect(found.count == rows.count)
        #expect(store.cache.usage.segments == 1)
    }

    @Test("late columns are not read where no row passes")
    func lateColumns() throws {
        let (store, table, _) = try makeTable(rowCount: 9000, seed: 7)
        store.cache.removeAll()
        // No zone rules the value out, the dictionary does.
        let predicate = ScanPredicate(column: 1, comparison: .equal, values: [.text("город 10а")])
        let found = try Samples.rows(
            of: table, in: store.snapshot(), columns: [0, 3], predicates: [predicate])
        #expect(found.isEmpty)
        #expect(store.cache.usage.segments == 1)
    }

    private static func passes(_ row: [Value], _ predicate: ScanPredicate) -> Bool {
        let value = row[predicate.column]
        switch predicate.comparison {
        case .isNull: return value.isNull
        case .isNotNull: return !value.isNull
        case .isIn: return predicate.values.contains { order(value, $0) == 0 }
        case .beginsWith, .contains, .endsWith:
            guard let text = value.stringValue, let part = predicate.values[0].stringValue else {
                return false
            }
            let (all, some) = (Array(text.utf8), Array(part.utf8))
            switch predicate.comparison {
            case .beginsWith: return all.starts(with: some)
            case .endsWith: return all.suffix(some.count).elementsEqual(some)
            default: return all.indices.contains { all[$0...].starts(with: some) }
            }
        default: break
        }
        guard let order = order(value, predicate.values[0]) else { return false }
        switch predicate.comparison {
        case .equal: return order == 0
        case .notEqual: return order != 0
        case .less: return order < 0
        case .lessOrEqual: return order <= 0
        case .greater: return order > 0
        default: return order >= 0
        }
    }

    /// nil when one is NULL.
    private static func order(_ left: Value, _ right: Value) -> Int? {
        func sign<Number: Comparable>(_ left: Number, _ right: Number) -> Int {
            left < right ? -1 : left > right ? 1 : 0
        }
        switch (left, right) {
        case (.null, _), (_, .null): return nil
        case (.boolean(let left), .boolean(let right)): return sign(left ? 1 : 0, right ? 1 : 0)
        case (.doublePrecision(let left), .doublePrecision(let right)):
            if left.isNaN || right.isNaN { return sign(left.isNaN ? 1 : 0, right.isNaN ? 1 : 0) }
            return sign(left, right)
        case (.decimal(let left, _), .decimal(let right, _)): return sign(left, right)
        case (.text(let left), .text(let right)):
            let (first, second) = (Array(left.utf8), Array(right.utf8))
            return first == second ? 0 : first.lexicographicallyPrecedes(second) ? -1 : 1
        default: return sign(left.integerValue ?? 0, right.integerValue ?? 0)
        }
    }

    /// Rows with NaN replaced, which equals nothing in Swift.
    private static func bits(_ rows: [[Value]]) -> [[Value]] {
        rows.map { row in
            row.map { value in
                if case .doublePrecision(let number) = value, number.isNaN { return .text("NaN") }
                return value
            }
        }
    }
}
