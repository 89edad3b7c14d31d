import Columns
import Storage
import TableCatalog

/// A small generator of the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Hashing.hash(state)
    }
}

/// Tables and rows for tests.
enum Samples {
    static let allTypes: [DataType] = [
        .boolean, .smallint, .integer, .bigint, .real, .doublePrecision, .decimal(precision: 18, scale: 2),
        .decimal(precision: 38, scale: 4), .date, .timestamp, .interval, .text, .uuid, .json,
    ]

    /// `id` BIGINT is the key.
    static func keyed(_ name: String = "item", more: [Field] = []) -> TableDefinition {
        TableDefinition(
            name: TableName(schema: "shop", name: name),
            columns: Schema(
                [Field(name: "id", type: .bigint, isNullable: false), Field(name: "name", type: .text)] + more
            ),
            primaryKey: [0])
    }

    static func everything() -> TableDefinition {
        TableDefinition(
            name: TableName(name: "everything"),
            columns: Schema(allTypes.enumerated().map { Field(name: "c\($0.offset)", type: $0.element) }))
    }

    static func chunk(_ rows: [[Value]], types: [DataType]) -> DataChunk {
        let builder = DataChunkBuilder(types: types)
        for row in rows { builder.append(row) }
        return builder.finish()
    }

    static func keys(_ ids: [Int64]) -> DataChunk { chunk(ids.map { [.bigint($0)] }, types: [.bigint]) }

    static func append(
        _ rows: [[Value]], to table: TableID, in transaction: StoreTransaction, types: [DataType]
    ) throws {
        var start = 0
        while start < rows.count {
            let end = min(start + DataChunk.capacity, rows.count)
            try transaction.append(table, chunk(Array(rows[start..<end]), types: types))
            start = end
        }
    }

    /// Every row of a table, in scan order.
    static func rows(
        of table: TableID, in snapshot: StoreSnapshot, columns: [Int]? = nil, predicates: [ScanPredicate] = []
    ) throws -> [[Value]] {
        let count = snapshot.catalog.definition(of: table)?.columns.count ?? 0
        let scan = try snapshot.scan(table, columns: columns ?? Array(0..<count), predicates: predicates)
        let reader = scan.makeReader()
        var rows: [[Value]] = []
        for morsel in 0..<scan.morselCount where try reader.open(morsel: morsel) {
            while let chunk = try reader.next() {
                for row in 0..<chunk.selectedCount { rows.append(chunk.row(row)) }
            }
        }
        return rows
    }

    static func random(_ type: DataType, _ generator: inout SeededGenerator, distinct: UInt64) -> Value {
        let small = Int64(generator.next() % distinct)
        let wide = generator.next() % 50 == 0
        switch type {
        case .boolean: return .boolean(small % 2 == 0)
        case .smallint: return .smallint(wide ? .min : Int16(small % 1000))
        case .integer: return .integer(wide ? .max : Int32(small))
        case .bigint: return .bigint(wide ? .min : small)
        case .real: return .real(wide ? .infinity : Float(small) / 8)
        case .doublePrecision: return .doublePrecision(wide ? .greatestFiniteMagnitude : Double(small) / 3)
        case .decimal(let precision, let scale):
            let big: Int128 =
                precision > 18 && wide ? 99_999_999_999_999_999_999_999_999_999_999_999_999 : Int128(small)
            return .decimal(unscaled: big, scale: scale)
        case .date: return .date(Int32(small % 20_000))
        case .timestamp: return .timestamp(small &* 1_000_003)
        case .timestampTZ: return .timestampTZ(small &* 1_000_003)
        case .time: return .time(small % 86_400_000_000)
        case .array(let element): return .array("{}", of: element)
        case .interval: return .interval(Interval(months: Int32(small % 12), days: 3, microseconds: small))
        case .text: return .text(wide ? String(repeating: "длинная строка ", count: 20) : "имя \(small)")
        case .uuid: return .uuid(UInt128(generator.next()) << 64 | UInt128(small))
        case .json: return .json("{\"a\":\(small)}")
        }
    }
}
