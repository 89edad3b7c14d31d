import Columns
import Storage
import TableCatalog
import Testing

@Suite("Scans")
struct ScanTests {
    let directory = TemporaryDirectory()

    private func makeTable(rowCount: Int) throws -> (ColumnStore, TableID) {
        let definition = TableDefinition(
            name: TableName(name: "t"),
            columns: Schema([
                Field(name: "n", type: .bigint), Field(name: "city", type: .text),
                Field(name: "x", type: .doublePrecision), Field(name: "text", type: .text),
            ]))
        let store = try ColumnStore.open(directory: directory.path)
        let transaction = try store.begin()
        let table = try transaction.createTable(definition)
        let rows: [[Value]] = (0..<rowCount).map { row in
            [
                .bigint(Int64(row)), row % 5 == 4 ? .null : .text("город \(row % 7)"),
                .doublePrecision(Double(rowCount - row)), .text("строка номер \(row)"),
            ]
        }
        try Samples.append(rows, to: table, in: transaction, types: definition.columns.types)
        _ = try transaction.commit()
        return (store, table)
    }

    @Test("zone maps skip row groups and vectors, and never a row that matches")
    func skipping() throws {
        let (store, table) = try makeTable(rowCount: 140_000)
        let snapshot = store.snapshot()
        let predicate = ScanPredicate(column: 0, comparison: .equal, values: [.bigint(70_000)])
        let scan = try snapshot.scan(table, columns: [0], predicates: [predicate])
        let reader = scan.makeReader()
        var values: [Int64] = []
        for morsel in 0..<scan.morselCount where try reader.open(morsel: morsel) {
            while let chunk = try reader.next() {
                values += (0..<chunk.selectedCount).compactMap { chunk.row($0)[0].integerValue }
            }
        }
        #expect(values == [70_000])
        #expect(reader.counters.rowsFiltered == 2047)
        #expect(reader.counters.rowGroups == 3)
        #expect(reader.counters.rowGroupsSkipped == 2)
        #expect(reader.counters.vectorsSkipped == reader.counters.vectors - 1)
    }

    @Test("every comparison keeps all matching rows", arguments: 0..<12 as Range<UInt64>)
    func comparisons(seed: UInt64) throws {
        let (store, table) = try makeTable(rowCount: 9000)
        var generator = SeededGenerator(seed)
        let snapshot = store.snapshot()
        let all = try Samples.rows(of: table, in: snapshot)
        let column = Int(generator.next() % 4)
        let constants = (0..<3).map { _ in all[Int(generator.next() % 9000)][column] }.filter { !$0.isNull }
        let comparisons: [ScanPredicate.Comparison] = [
            .equal, .less, .lessOrEqual, .greater, .greaterOrEqual, .isIn, .isNull, .isNotNull,
        ]
        for comparison in comparisons {
            let needed: [Value] =
                switch comparison {
                case .isIn: constants
                case .isNull, .isNotNull: []
                default: Array(constants.prefix(1))
                }
            if needed.isEmpty && comparison != .isNull && comparison != .isNotNull { continue }
            let predicate = ScanPredicate(column: column, comparison: comparison, values: needed)
            let found = Set(try Samples.rows(of: table, in: snapshot, predicates: [predicate]))
            for row in all where Self.matches(row[column], predicate) { #expect(found.contains(row)) }
        }
    }

    private static func matches(_ value: Value, _ predicate: ScanPredicate) -> Bool {
        switch predicate.comparison {
        case .isNull: return value.isNull
        case .isNotNull: return !value.isNull
        case .isIn: return !value.isNull && predicate.values.contains(value)
        default: break
        }
        let order: Int
        switch (value, predicate.values[0]) {
        case (.bigint(let left), .bigint(let right)): order = left < right ? -1 : left > right ? 1 : 0
        case (.doublePrecision(let left), .doublePrecision(let right)):
            order = left < right ? -1 : left > right ? 1 : 0
        case (.text(let left), .text(let right)):
            order = Array(left.utf8).lexicographicallyPrecedes(Array(right.utf8)) ? -1 : left == right ? 0 : 1
        default: return false
        }
        switch predicate.comparison {
        case .equal: return order == 0
        case .less: return order < 0
        case .lessOrEqual: return order <= 0
        case .greater: return order > 0
        default: return order >= 0
        }
    }

    @Test("a column that repeats comes as codes of the table's dictionary in every row group")
    func dictionaryCodes() throws {
        let (store, table) = try makeTable(rowCount: 140_000)
        let scan = try store.snapshot().scan(table, columns: [1, 3])
        let identity = try #require(scan.dictionaryIdentity(ofColumn: 0))
        #expect(scan.dictionary(ofColumn: 0)?.count == 7)
        let reader = scan.makeReader()
        var codes: [UInt32: Set<Value>] = [:]
        for morsel in 0..<scan.morselCount {
            #expect(try reader.open(morsel: morsel))
            while let chunk = try reader.next() {
                #expect(chunk.columns[0].form == .dictionary)
                #expect(chunk.columns[0].dictionary?.identity == identity)
                #expect(chunk.columns[1].form == .flat)
                for row in 0..<chunk.rowCount where !chunk.columns[0].isNull(row) {
                    let code = chunk.columns[0].pointer(as: UInt32.self)[row]
                    codes[code, default: []].insert(chunk.columns[0].value(at: row))
                }
            }
        }
        #expect(codes.count == 7)
        #expect(codes.values.allSatisfy { $0.count == 1 })
    }

    @Test("columns that nobody asks for are not read, and vectors stay valid while they are held")
    func lateColumns() throws {
        let (store, table) = try makeTable(rowCount: 5000)
        let cache = store.cache
        cache.removeAll()
        let scan = try store.snapshot().scan(table, columns: [0, 3])
        let reader = scan.makeReader()
        #expect(try reader.open(morsel: 0))
        var held: [Vector] = []
        while try reader.advance() { held.append(try reader.column(0)) }
        #expect(cache.usage.segments == 1)
        #expect(held.map(\.count) == [2048, 2048, 904])
        #expect(held[0].value(at: 7) == .bigint(7))
        #expect(held[2].value(at: 0) == .bigint(4096))
    }

    @Test("the cache stays within its bytes and scans stay right")
    func smallCache() throws {
        let (_, table) = try makeTable(rowCount: 140_000)
        let cache = BlockCache(bytesMax: 300_000)
        let store = try ColumnStore.open(directory: directory.path, mode: .readOnly, cache: cache)
        for _ in 0..<2 {
            let rows = try Samples.rows(of: table, in: store.snapshot(), columns: [0, 1])
            #expect(rows.count == 140_000)
            #expect(rows[139_999][0] == .bigint(139_999))
            #expect(cache.usage.bytes <= 300_000)
        }
    }

    @Test("statistics tell rows, NULLs, bounds and about how many values differ")
    func statistics() throws {
        let (store, table) = try makeTable(rowCount: 70_000)
        let statistics = try store.snapshot().statistics(of: table)
        #expect(statistics.rowCount == 70_000)
        #expect(statistics.columns[0].minimum == .bigint(0))
        #expect(statistics.columns[0].maximum == .bigint(69_999))
        #expect(statistics.columns[1].nullCount == 14_000)
        #expect(statistics.columns[2].minimum == .doublePrecision(1))
        #expect((58_000...70_000).contains(statistics.columns[0].distinctCount))
        #expect((6.0...8.0).contains(statistics.columns[1].distinctCount))
    }
}
