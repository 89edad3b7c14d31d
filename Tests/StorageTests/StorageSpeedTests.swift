import Columns
import Glibc
import Storage
import TableCatalog
import Testing

/// Times the hot paths; meaningful only in a release build, so it runs only when AMBAR_BENCH is set.
@Suite("Speed", .enabled(if: getenv("AMBAR_BENCH") != nil), .serialized)
struct StorageSpeedTests {
    let directory = TemporaryDirectory()

    private func seconds(_ body: () throws -> Void) rethrows -> Double {
        let clock = ContinuousClock()
        let elapsed = try clock.measure(body)
        return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    }

    static let definition = TableDefinition(
        name: TableName(name: "sales"),
        columns: Schema([
            Field(name: "id", type: .bigint, isNullable: false), Field(name: "document", type: .bigint),
            Field(name: "moment", type: .timestamp), Field(name: "kind", type: .text),
            Field(name: "product", type: .integer),
            Field(name: "quantity", type: .decimal(precision: 18, scale: 4)),
            Field(name: "price", type: .decimal(precision: 18, scale: 2)),
            Field(name: "discount", type: .doublePrecision),
            Field(name: "city", type: .text), Field(name: "number", type: .text),
        ]), primaryKey: [0])

    private func chunk(
        _ first: Int, _ generator: inout SeededGenerator, _ strings: StringHeap, _ views: [StringView]
    ) -> DataChunk {
        let count = DataChunk.capacity
        func int64(_ body: (Int) -> Int64) -> VectorBuffer {
            let buffer = VectorBuffer(byteCount: count * 8)
            let pointer = buffer.pointer(as: Int64.self)
            for row in 0..<count { pointer[row] = body(row) }
            return buffer
        }
        func text(_ body: (Int) -> StringView, _ heap: StringHeap) -> Vector {
            let buffer = VectorBuffer(byteCount: count * 16)
            let pointer = buffer.pointer(as: StringView.self)
            for row in 0..<count { pointer[row] = body(row) }
            return Vector(flat: buffer, type: .text, count: count, heap: heap)
        }
        let noise = int64 { _ in Int64(truncatingIfNeeded: generator.next() >> 1) }
        let random = noise.pointer(as: Int64.self)
        let products = VectorBuffer(byteCount: count * 4)
        for row in 0..<count { products.pointer(as: Int32.self)[row] = Int32(random[row] % 20_000) }
        let discounts = VectorBuffer(byteCount: count * 8)
        for row in 0..<count { discounts.pointer(as: Double.self)[row] = Double(random[row] / 7 % 31) }
        let numbers = StringHeap()
        let columns: [Vector] = [
            Vector(flat: int64 { Int64(first + $0) }, type: .bigint, count: count),
            Vector(flat: int64 { Int64((first + $0) / 4) }, type: .bigint, count: count),
            Vector(
                flat: int64 { Int64(first + $0) * 7_000_000 + random[$0] % 1_000_000 }, type: .timestamp,
                count: count),
            text({ views[Int(random[$0] % 4)] }, strings),
            Vector(flat: products, type: .integer, count: count),
            Vector(
                flat: int64 { random[$0] / 3 % 10 * 10_000 }, type: .decimal(precision: 18, scale: 4),
                count: count),
            Vector(
                flat: int64 { random[$0] / 5 % 1_000_000 }, type: .decimal(precision: 18, scale: 2),
                count: count),
            Vector(flat: discounts, type: .doublePrecision, count: count),
            text({ views[Int(random[$0] / 11 % 1000)] }, strings),
            text({ numbers.add("N-\(first + $0)") }, numbers),
        ]
        return DataChunk(columns: columns, rowCount: count)
    }

    @Test("appending, scanning, updating by key and opening")
    func all() throws {
        var generator = SeededGenerator(1)
        let strings = StringHeap()
        let views = (0..<1000).map { strings.add("город номер \($0)") }
        let chunks = (0..<512).map { chunk($0 * 2048, &generator, strings, views) }
        let rowCount = 512 * 2048
        let store = try ColumnStore.open(directory: directory.path)
        var table = TableID(rawValue: 0)
        let load = try seconds {
            let transaction = try store.begin()
            table = try transaction.createTable(Self.definition)
            for chunk in chunks { try transaction.append(table, chunk) }
            _ = try transaction.commit()
        }
        print("append: \(Double(rowCount) / load / 1e6) M rows/s of 10 columns")
        let size = try #require(try store.snapshot().size(of: table))
        print("size: \(Double(size.bytes) / Double(rowCount)) bytes a row")
        for column in 0..<10 {
            for pass in ["cold", "cached"] {
                let name = Self.definition.columns[column].name
                var best = Double.infinity
                for _ in 0..<(pass == "cold" ? 1 : 5) {
                    best = min(best, try seconds { try scan(store, table, column) })
                }
                print("scan \(name) \(pass): \(best * 1e9 / Double(rowCount)) ns a row")
            }
        }
        let keys = int64Chunks(100_000, stride: 10)
        let first = try seconds {
            let transaction = try store.begin()
            _ = try transaction.delete(table, keys: keys[0])
            transaction.rollback()
        }
        print("build key index: \(first * 1e9 / Double(rowCount)) ns a row, \(store.keyIndexBytes) bytes")
        let update = try seconds {
            let transaction = try store.begin()
            for chunk in keys { _ = try transaction.delete(table, keys: chunk) }
            _ = try transaction.commit()
        }
        print("delete 100,000 by key: \(update) s")
        let small = try seconds {
            for commit in 0..<200 {
                let transaction = try store.begin()
                let rows = chunks[commit].projected(Array(0..<10))
                let ten = DataChunk(
                    columns: rows.columns.map { $0.slice(0..<10) }, rowCount: 10)
                try transaction.upsert(table, ten)
                _ = try transaction.commit()
                if commit % 20 == 19 { try store.compactIfNeeded(table) }
            }
        }
        print("upsert of 10 rows with commit: \(small * 1e3 / 200) ms")
        let statistics = try seconds { _ = try store.snapshot().statistics(of: table) }
        print("statistics: \(statistics * 1e3) ms")
        let open = try seconds { _ = try ColumnStore.open(directory: directory.path, mode: .readOnly) }
        print("open: \(open * 1e3) ms")
    }

    private func int64Chunks(_ count: Int, stride: Int) -> [DataChunk] {
        Swift.stride(from: 0, to: count, by: 2048).map { start in
            let rows = min(2048, count - start)
            let buffer = VectorBuffer(byteCount: rows * 8)
            for row in 0..<rows { buffer.pointer(as: Int64.self)[row] = Int64((start + row) * stride) }
            return DataChunk(columns: [Vector(flat: buffer, type: .bigint, count: rows)], rowCount: rows)
        }
    }

    private func scan(_ store: ColumnStore, _ table: TableID, _ column: Int) throws {
        let scan = try store.snapshot().scan(table, columns: [column])
        let reader = scan.makeReader()
        var total: Int64 = 0
        for morsel in 0..<scan.morselCount where try reader.open(morsel: morsel) {
            while try reader.advance() {
                let vector = try reader.column(0)
                if vector.physical == .int64 && vector.form == .flat {
                    let values = vector.pointer(as: Int64.self)
                    for row in 0..<vector.count { total &+= values[row] }
                } else {
                    total &+= Int64(vector.count)
                }
            }
        }
        #expect(total != 1)
    }
}
