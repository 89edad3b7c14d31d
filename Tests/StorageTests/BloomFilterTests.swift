import Columns
import DurableIO
import Glibc
@testable import Storage
import TableCatalog
import Testing

@Suite("Bloom filters")
struct BloomFilterTests {
    let directory = TemporaryDirectory()

    private static func table(_ type: DataType, options: TableOptions = TableOptions()) -> TableDefinition {
        TableDefinition(
            name: TableName(name: "t"), columns: Schema([Field(name: "v", type: type)]), options: options)
    }

    private func skipped(
        _ value: Value, in store: ColumnStore, _ table: TableID, comparison: ScanPredicate.Comparison = .equal
    ) throws -> (counters: SkipCounters, rows: Int) {
        let predicate = ScanPredicate(column: 0, comparison: comparison, values: [value])
        let scan = try store.snapshot().scan(table, columns: [0], predicates: [predicate])
        let reader = scan.makeReader()
        var rows = 0
        for morsel in 0..<scan.morselCount where try reader.open(morsel: morsel) {
            while let chunk = try reader.next() {
                for row in 0..<chunk.selectedCount where chunk.row(row) == [value] { rows += 1 }
            }
        }
        return (reader.counters, rows)
    }

    /// Value `number` of a type, spread so that zone maps tell nothing; nil when the type has too few values.
    private static func value(_ type: DataType, _ number: Int) -> Value? {
        let noise = Hashing.hash(UInt64(number))
        let wide = Int64(truncatingIfNeeded: noise >> 2)
        switch type {
        case .boolean: return nil
        case .smallint: return .smallint(Int16(truncatingIfNeeded: noise))
        case .integer: return .integer(Int32(truncatingIfNeeded: noise))
        case .bigint: return .bigint(wide)
        case .real: return .real(Float(noise % 8_000_000) - 4_000_000)
        case .doublePrecision: return .doublePrecision(number == 0 ? -0.0 : Double(wide) / 3)
        case .decimal(let precision, let scale):
            return .decimal(
                unscaled: precision > 18 ? Int128(wide) << 40 : Int128(wide % 1_000_000_000), scale: scale)
        case .date: return .date(Int32(noise % 900_000))
        case .timestamp: return .timestamp(wide)
        case .timestampTZ: return .timestampTZ(wide)
        case .time: return .time(wide % 86_400_000_000)
        case .array(let element): return .array("{}", of: element)
        case .interval:
            return .interval(Interval(months: Int32(noise % 99), days: 1, microseconds: wide % 1_000_000_007))
        case .text: return .text("\(String(noise, radix: 36)) товар")
        case .uuid: return .uuid(UInt128(noise) << 64 | UInt128(number))
        case .json: return .json("{\"a\":\(noise)}")
        }
    }

    @Test("a filter never leaves out a value that is there, for every type", arguments: Samples.allTypes)
    func noFalseNegatives(type: DataType) throws {
        let rowCount = 6000
        guard Self.value(type, 0) != nil else { return }
        let store = try ColumnStore.open(directory: directory.path)
        let transaction = try store.begin()
        let table = try transaction.createTable(Self.table(type, options: TableOptions(bloomColumns: [0])))
        let values = (0..<rowCount).compactMap { Self.value(type, $0) }
        let rows = values.enumerated().map { $0.offset % 17 == 3 ? [Value.null] : [$0.element] }
        try Samples.append(rows, to: table, in: transaction, types: [type])
        _ = try transaction.commit()
        let group = try #require(store.snapshot().state.tables[table]?.rowGroups.first?.group)
        let cache = BlockCache()
        let filter = try #require(try group.bloomFilter(column: 0, cache: cache))
        for (index, value) in values.enumerated() where index % 17 != 3 {
            let hash = try #require(BloomPredicate.hash(of: value, type: type))
            if !filter.mayContain(hash) { Issue.record("left out: \(value)") }
        }
        var passed = 0
        var tried = 0
        let present = Set(values)
        for number in rowCount..<(rowCount + 20_000) {
            guard let value = Self.value(type, number), !present.contains(value),
                let hash = BloomPredicate.hash(of: value, type: type)
            else { continue }
            tried += 1
            if filter.mayContain(hash) { passed += 1 }
        }
        #expect(Double(passed) <= 0.02 * Double(tried) + 5)
        #expect(try skipped(values[0], in: store, table).rows >= 1)
    }

    @Test("zero and minus zero are one value to a filter")
    func minusZero() {
        let plus = BloomPredicate.hash(of: .doublePrecision(0), type: .doublePrecision)
        #expect(plus == BloomPredicate.hash(of: .doublePrecision(-0.0), type: .doublePrecision))
    }

    @Test("a lookup of a uuid that is missing, or in one row group of many, opens few of them")
    func skipping() throws {
        let store = try ColumnStore.open(directory: directory.path)
        let transaction = try store.begin()
        let table = try transaction.createTable(Self.table(.uuid))
        let types: [DataType] = [.uuid]
        for group in 0..<4 {
            for start in stride(from: 0, to: 65_536, by: 2048) {
                let buffer = VectorBuffer(byteCount: 2048 * 16)
                for row in 0..<2048 {
                    let number = group * 65_536 + start + row
                    guard case .uuid(let uuid)? = Self.value(.uuid, number) else { continue }
                    buffer.pointer(as: UInt128.self)[row] = uuid
                }
                let vector = Vector(flat: buffer, type: types[0], count: 2048)
                try transaction.append(table, DataChunk(columns: [vector], rowCount: 2048))
            }
        }
        _ = try transaction.commit()
        let wanted = try #require(Self.value(.uuid, 70_000))
        let found = try skipped(wanted, in: store, table)
        #expect(found.rows == 1)
        #expect(found.counters.rowGroups == 4)
        #expect(found.counters.rowGroupsSkippedByBloom == 3)
        #expect(try skipped(wanted, in: store, table, comparison: .isIn).rows == 1)
        var skippedGroups = 0
        for number in 1_000_000..<1_000_100 {
            let missing = try #require(Self.value(.uuid, number))
            skippedGroups += try skipped(missing, in: store, table).counters.rowGroupsSkippedByBloom
        }
        #expect(skippedGroups >= 392)
    }

    @Test("only asked columns, scattered keys and uuids have filters, and few distinct values never")
    func policy() throws {
        let store = try ColumnStore.open(directory: directory.path)
        let transaction = try store.begin()
        let fields = [
            Field(name: "key", type: .bigint, isNullable: false), Field(name: "other", type: .bigint),
            Field(name: "uuid", type: .text), Field(name: "few", type: .uuid),
        ]
        func rows(_ isScattered: Bool) -> [[Value]] {
            (0..<5000).map { row in
                let noise = Hashing.hash(UInt64(row))
                let hex = String(noise | 1 << 63, radix: 16)
                let uuid = "\(hex.prefix(8))-\(hex.suffix(4))-4000-8000-\(hex.prefix(12))"
                return [
                    .bigint(isScattered ? Int64(noise >> 1) : Int64(row)), .bigint(Int64(noise >> 1)),
                    .text(uuid), .uuid(UInt128(row % 40)),
                ]
            }
        }
        var found: [[Bool]] = []
        let choices: [(isScattered: Bool, bloom: [Int]?)] = [
            (true, nil), (false, nil), (true, [1, 3]), (true, []),
        ]
        for (index, choice) in choices.enumerated() {
            let definition = TableDefinition(
                name: TableName(name: "t\(index)"), columns: Schema(fields), primaryKey: [0],
                options: TableOptions(bloomColumns: choice.bloom))
            let table = try transaction.createTable(definition)
            try Samples.append(
                rows(choice.isScattered), to: table, in: transaction, types: fields.map(\.type))
        }
        _ = try transaction.commit()
        for index in choices.indices {
            let snapshot = store.snapshot()
            let table = try #require(snapshot.catalog.table(schema: "public", name: "t\(index)"))
            let group = try #require(snapshot.state.tables[table]?.rowGroups.first?.group)
            found.append(try group.footer().columns.map { $0.bloomBytes > 0 })
        }
        #expect(found[0] == [true, false, true, false])
        #expect(found[1] == [false, false, true, false])
        #expect(found[2] == [false, true, false, false])
        #expect(found[3] == [false, false, false, false])
    }

    @Test("a damaged filter is an error that names the file")
    func damage() throws {
        let disk = SimulatedDisk(seed: 1)
        let store = try ColumnStore.open(directory: "/store", fileSystem: disk)
        let transaction = try store.begin()
        let table = try transaction.createTable(Self.table(.uuid))
        let rows = (0..<3000).compactMap { Self.value(.uuid, $0).map { [$0] } }
        try Samples.append(rows, to: table, in: transaction, types: [.uuid])
        _ = try transaction.commit()
        let group = try #require(store.snapshot().state.tables[table]?.rowGroups.first?.group)
        let column = try group.footer().columns[0]
        #expect(column.bloomBytes > 3000)
        let place = column.byteOffset + column.byteCount
        disk.flipBit(of: group.file.path, byte: place + 100, bit: 3)
        let outcome: StorageError?
        do throws(StorageError) {
            _ = try group.bloomFilter(column: 0, cache: BlockCache())
            outcome = nil
        } catch { outcome = error }
        #expect(
            outcome == .damagedFile(path: group.file.path, byteOffset: place, reason: "Bloom filter"))
    }
}
