import Columns
import DurableIO
import Glibc
import Storage
import TableCatalog
import Testing

/// Times appending the fact table of the retail benchmark; meaningful only in a release build, so it runs
/// only when AMBAR_RETAIL_CSV names `sale_positions.csv` of `Tests/Benchmarks/generate_retail.py`.
@Suite("Speed of appending retail rows", .enabled(if: getenv("AMBAR_RETAIL_CSV") != nil), .serialized)
struct RetailLoadSpeedTests {
    let directory = TemporaryDirectory()

    static let definition = TableDefinition(
        name: TableName(name: "sale_positions"),
        columns: Schema([
            Field(name: "position_id", type: .bigint, isNullable: false),
            Field(name: "moment", type: .timestamp), Field(name: "doc_id", type: .text),
            Field(name: "doc_type", type: .text), Field(name: "product_id", type: .integer),
            Field(name: "counterparty_id", type: .integer), Field(name: "store_id", type: .integer),
            Field(name: "employee_id", type: .integer), Field(name: "sales_channel", type: .text),
            Field(name: "quantity", type: .decimal(precision: 18, scale: 3)),
            Field(name: "price_kop", type: .bigint), Field(name: "discount_kop", type: .bigint),
            Field(name: "cost_kop", type: .bigint), Field(name: "sum_kop", type: .bigint),
            Field(name: "is_return", type: .boolean),
        ]))

    @Test("rows a second of one thread and of two, and nanoseconds a row of each column")
    func load() throws {
        let rowCount = getenv("AMBAR_RETAIL_ROWS").flatMap { Int(String(cString: $0)) } ?? 2_000_000
        let path = String(cString: try #require(getenv("AMBAR_RETAIL_CSV")))
        let chunks = try RetailRows(path: path).chunks(rowCount: rowCount)
        for column in Self.definition.columns.fields.indices {
            let parts = chunks.map { $0.projected([column]) }
            let (cpu, bytes) = try append(parts, columns: [column], threads: 1)
            let name = Self.definition.columns[column].name
            print("\(name): \(Self.round(cpu * 1e9 / Double(rowCount))) ns a row, \(Self.round(bytes)) bytes")
        }
        let all = Array(Self.definition.columns.fields.indices)
        for threads in [1, 2, 2] {
            let wall = ContinuousClock().now
            let (cpu, bytes) = try append(chunks, columns: all, threads: threads)
            let elapsed = wall.duration(to: .now)
            print(
                "\(threads) threads: \(Self.round(cpu * 1e9 / Double(rowCount))) ns CPU a row,",
                "\(Self.round(bytes)) bytes a row, \(elapsed)")
        }
    }

    private static func round(_ number: Double) -> Double { (number * 10).rounded() / 10 }

    /// CPU seconds of the process, and bytes a row.
    private func append(
        _ chunks: [DataChunk], columns: [Int], threads: Int
    ) throws -> (cpu: Double, bytes: Double) {
        let place = TemporaryDirectory()
        let store = try ColumnStore.open(directory: place.path)
        var definition = Self.definition
        definition.columns = Schema(columns.map { Self.definition.columns[$0] })
        let start = Self.cpuSeconds()
        let transaction = try store.begin()
        let table = try transaction.createTable(definition)
        let turns = Turns()
        let failures = Threads.run(threads) { () -> StorageError? in
            while let turn = turns.next(below: chunks.count) {
                turns.wait(for: turn)
                do throws(StorageError) {
                    try transaction.append(table, chunks[turn]) { turns.pass(turn) }
                } catch { return error }
            }
            return nil
        }
        #expect(failures.compactMap { $0 }.isEmpty)
        _ = try transaction.commit()
        let cpu = Self.cpuSeconds() - start
        let size = try #require(try store.snapshot().size(of: table))
        return (cpu, Double(size.bytes) / Double(chunks.reduce(0) { $0 + $1.rowCount }))
    }

    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Decodes the benchmark's CSV, which quotes nothing that holds a comma.
struct RetailRows {
    private let bytes: [UInt8]

    init(path: String) throws {
        let file = try POSIXFileSystem().open(path, .read)
        let count = min(try file.byteCount(), 600 << 20)
        bytes = try file.readBytes(atByteOffset: 0, byteCount: count)
    }

    func chunks(rowCount: Int) -> [DataChunk] {
        let fields = RetailLoadSpeedTests.definition.columns.fields
        var chunks: [DataChunk] = []
        bytes.withUnsafeBufferPointer { bytes in
            var at = (bytes.firstIndex(of: 10) ?? 0) + 1
            var done = 0
            while done < rowCount {
                let rows = min(DataChunk.capacity, rowCount - done)
                let buffers = fields.map { VectorBuffer(byteCount: rows * $0.type.physical.byteCount) }
                let heap = StringHeap()
                for row in 0..<rows {
                    for (column, field) in fields.enumerated() {
                        let start = at
                        while bytes[at] != 44 && bytes[at] != 10 { at += 1 }
                        let text = UnsafeBufferPointer(rebasing: bytes[start..<at])
                        Self.store(text, field.type, buffers[column].base, row, heap)
                        at += 1
                    }
                }
                let columns = zip(fields, buffers).map {
                    Vector(flat: $1, type: $0.type, count: rows, heap: heap)
                }
                chunks.append(DataChunk(columns: columns, rowCount: rows))
                done += rows
            }
        }
        return chunks
    }

    private static func store(
        _ text: UnsafeBufferPointer<UInt8>, _ type: DataType, _ target: UnsafeMutableRawPointer, _ row: Int,
        _ heap: StringHeap
    ) {
        switch type {
        case .text:
            let quoted = text.first == 34
            let body = UnsafeBufferPointer(rebasing: quoted ? text.dropFirst().dropLast() : text[...])
            target.assumingMemoryBound(to: StringView.self)[row] = heap.add(body)
        case .boolean: target.assumingMemoryBound(to: UInt8.self)[row] = text.first == 116 ? 1 : 0
        case .integer: target.assumingMemoryBound(to: Int32.self)[row] = Int32(digits(text))
        case .timestamp:
            func part(_ start: Int, _ count: Int) -> Int64 {
                digits(UnsafeBufferPointer(rebasing: text[start..<(start + count)]))
            }
            let days = (part(0, 4) - 2000) * 372 + part(5, 2) * 31 + part(8, 2)
            let seconds = ((days * 24 + part(11, 2)) * 60 + part(14, 2)) * 60 + part(17, 2)
            target.assumingMemoryBound(to: Int64.self)[row] = seconds * 1_000_000
        default: target.assumingMemoryBound(to: Int64.self)[row] = digits(text)
        }
    }

    private static func digits(_ text: UnsafeBufferPointer<UInt8>) -> Int64 {
        var number: Int64 = 0
        for byte in text where byte >= 48 && byte <= 57 { number = number &* 10 &+ Int64(byte &- 48) }
        return number
    }
}
