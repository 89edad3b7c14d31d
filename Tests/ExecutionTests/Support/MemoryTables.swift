import Columns
import TableCatalog

@testable import Execution

/// Tables in memory, numbered from 1.
final class MemoryTables: TableSource {
    let tables: [UInt32: [DataChunk]]

    init(_ tables: [UInt32: [DataChunk]]) { self.tables = tables }

    func source(for scan: ScanNode) throws(ExecutionError) -> any ChunkSource {
        guard let chunks = tables[scan.table.rawValue] else {
            throw .unsupported(feature: "table \(scan.tableName)")
        }
        return MemorySource(chunks: chunks.map { $0.projected(scan.columns) })
    }

    /// A scan of the given columns of a table.
    func scan(_ table: UInt32, types: [DataType], columns: [Int]? = nil, filter: Expression? = nil)
        -> PhysicalPlan
    {
        let indices = columns ?? Array(types.indices)
        let node = ScanNode(
            table: TableID(rawValue: table), tableName: "t\(table)", columns: indices,
            columnNames: indices.map { "c\($0)" }, filter: filter)
        return PhysicalPlan(.scan(node), outputTypes: indices.map { types[$0] }, estimatedRows: 0)
    }
}

/// Rows as values, in memory forms that operators must all understand.
struct TestTable {
    let types: [DataType]
    let rows: [[Value]]

    /// The rows in chunks of at most `chunkRows`; text columns as dictionary codes in every other chunk when
    /// asked.
    func chunks(chunkRows: Int = DataChunk.capacity, usesDictionaries: Bool = false) -> [DataChunk] {
        var chunks: [DataChunk] = []
        var start = 0
        while start < rows.count {
            let part = rows[start..<min(start + chunkRows, rows.count)]
            let builder = DataChunkBuilder(types: types)
            for row in part { builder.append(row) }
            let chunk = builder.finish()
            chunks.append(usesDictionaries && chunks.count % 2 == 0 ? Self.encoded(chunk) : chunk)
            start += chunkRows
        }
        return chunks
    }

    private static func encoded(_ chunk: DataChunk) -> DataChunk {
        DataChunk(
            columns: chunk.columns.map { column in
                guard column.physical == .string else { return column }
                var codes: [Value: UInt32] = [:]
                let entries = VectorBuilder(type: column.type, capacity: DataChunk.capacity + 1)
                entries.append(.text("unused entry"))
                let buffer = VectorBuffer(byteCount: column.count * 4)
                for row in 0..<column.count {
                    let value = column.value(at: row)
                    if value.isNull {
                        buffer.pointer(as: UInt32.self)[row] = 0
                        continue
                    }
                    if codes[value] == nil {
                        codes[value] = UInt32(entries.count)
                        entries.append(value)
                    }
                    buffer.pointer(as: UInt32.self)[row] = codes[value] ?? 0
                }
                return Vector(
                    codes: buffer, dictionary: VectorDictionary(entries: entries.finish()),
                    count: column.count,
                    validity: column.validity)
            }, rowCount: chunk.rowCount)
    }
}

/// Runs plans in tests.
struct TestRun {
    var tables = MemoryTables([:])
    var workers = 1
    var memoryLimitBytes = QueryContext.memoryLimitBytesDefault
    var spill: SpillSpace?
    var forcedSpillBytes: Int?

    static let pool = WorkerPool(parallelism: 4)

    func context() -> QueryContext {
        QueryContext(
            tables: tables, pool: Self.pool, workerCount: workers, memoryLimitBytes: memoryLimitBytes,
            statementTimestamp: 1_700_000_000_000_000, spill: spill, forcedSpillBytes: forcedSpillBytes)
    }

    func rows(_ plan: PhysicalPlan) throws -> [[Value]] {
        try QueryExecutor.collect(plan, context()).flatMap { chunk in
            (0..<chunk.rowCount).map { chunk.row($0) }
        }
    }
}

/// A seeded generator: the same seed gives the same test.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Hashing.hash(state)
    }
}

/// Random values with NULLs, repetitions and extremes.
enum RandomValues {
    static func value(
        _ type: DataType, distinct: Int = 20, nulls: Bool = true, _ random: inout SeededGenerator
    ) -> Value {
        if nulls, Int.random(in: 0..<10, using: &random) == 0 { return .null }
        let number = Int.random(in: 0..<distinct, using: &random) - distinct / 2
        switch type {
        case .boolean: return .boolean(number % 2 == 0)
        case .smallint: return .smallint(Int16(truncatingIfNeeded: number))
        case .integer: return .integer(Int32(truncatingIfNeeded: number))
        case .bigint: return .bigint(number == 3 ? Int64(1) << 62 : Int64(number))
        case .real: return .real(number == 1 ? .nan : Float(number) / 4)
        case .doublePrecision: return .doublePrecision(number == 2 ? .nan : Double(number) / 8)
        case .decimal(_, let scale): return .decimal(unscaled: Int128(number) * 7, scale: scale)
        case .date: return .date(Int32(number * 11))
        case .timestamp: return .timestamp(Int64(number) * 86_000_000_000)
        case .timestampTZ: return .timestampTZ(Int64(number) * 86_000_000_000)
        case .time: return .time(Int64(number + distinct) * 1_000_000)
        case .array(let element): return .array(number % 2 == 0 ? "{}" : "{NULL}", of: element)
        case .interval: return .interval(Interval(months: Int32(number % 3), days: Int32(number)))
        case .text:
            return .text(number % 3 == 0 ? "a long text number \(number), longer than a view" : "t\(number)")
        case .json: return .json("{\"n\": \(number)}")
        case .uuid: return .uuid(UInt128(UInt64(bitPattern: Int64(number))) << 60)
        }
    }

    static func table(
        _ types: [DataType], rowCount: Int, distinct: Int = 20, nulls: Bool = true,
        _ random: inout SeededGenerator
    ) -> TestTable {
        var rows: [[Value]] = []
        for _ in 0..<rowCount {
            rows.append(types.map { value($0, distinct: distinct, nulls: nulls, &random) })
        }
        return TestTable(types: types, rows: rows)
    }
}
