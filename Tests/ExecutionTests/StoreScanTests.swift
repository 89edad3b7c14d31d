import Columns
import Glibc
import Storage
import TableCatalog
import Testing

@testable import Execution

/// Filters of scans, which the store evaluates in part, against the same filters over rows in memory.
@Suite("Filters in the store's scans")
struct StoreScanTests {
    private static let types: [DataType] = [
        .bigint, .text, .doublePrecision, .date, .boolean, .decimal(precision: 18, scale: 2), .integer,
    ]

    /// A store with one table of the rows; its directory is removed at the end.
    private static func withTable(
        _ chunks: [DataChunk], _ body: (StoreSnapshot, TableID) throws -> Void
    ) throws {
        var template = Array("/tmp/ambar-scan-XXXXXX".utf8CString)
        let path = try #require(
            template.withUnsafeMutableBufferPointer { buffer in
                buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
            })
        defer {
            for name in ["LOCK", "READERS", "MANIFEST", "data/00000001.rows"] { unlink("\(path)/\(name)") }
            rmdir("\(path)/data")
            rmdir(path)
        }
        let store = try ColumnStore.open(directory: path)
        let transaction = try store.begin()
        let table = try transaction.createTable(
            TableDefinition(
                name: TableName(name: "t"),
                columns: Schema(types.enumerated().map { Field(name: "c\($0.offset)", type: $0.element) })))
        for chunk in chunks { try transaction.append(table, chunk) }
        _ = try transaction.commit()
        try body(store.snapshot(), table)
    }

    private static func like(_ column: Int, _ pattern: String) throws -> Expression {
        let function = try FunctionCatalog.resolveScalar(
            name: "~~", arguments: [.known(.text), .known(.text)])
        return .call(function, [.column(column, .text), .constant(.text(pattern), .text)])
    }

    private static func condition(
        _ rows: [[Value]], _ random: inout SeededGenerator
    ) throws -> Expression {
        let column = Int.random(in: 0..<types.count, using: &random)
        let type = types[column]
        let value = rows[Int.random(in: 0..<rows.count, using: &random)][column]
        let operand = Expression.column(column, type)
        switch Int.random(in: 0..<9, using: &random) {
        case 0: return .isNull(operand)
        case 1: return .isNotNull(operand)
        case 2:
            let values = (0..<4).map { _ in rows[Int.random(in: 0..<rows.count, using: &random)][column] }
            return .inList(operand, values)
        case 3 where type == .text:
            let patterns = ["t%", "%3", "%number%", "t1", "a long%5%", "%", "t_", "t\\%"]
            return try like(column, patterns[Int.random(in: 0..<patterns.count, using: &random)])
        case 4: return .or([.isNull(operand), .comparison(.equal, operand, .constant(value, type))])
        case 5 where type == .boolean: return Bool.random(using: &random) ? operand : .not(operand)
        default:
            let signs: [Comparison] = [
                .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .distinct, .notDistinct,
            ]
            let sign = signs[Int.random(in: 0..<8, using: &random)]
            let constant = Expression.constant(value, type)
            return Bool.random(using: &random)
                ? .comparison(sign, operand, constant) : .comparison(sign, constant, operand)
        }
    }

    @Test(
        "the same rows pass, whatever part of the filter the store takes", arguments: 0..<8 as Range<UInt64>)
    func filters(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let distinct = [3, 20, 300][Int(seed % 3)]
        let table = RandomValues.table(Self.types, rowCount: 5000, distinct: distinct, &random)
        let memory = MemoryTables([1: table.chunks()])
        try Self.withTable(table.chunks()) { snapshot, id in
            for _ in 0..<30 {
                let conditions = try (0..<Int.random(in: 1...4, using: &random)).map { _ in
                    try Self.condition(table.rows, &random)
                }
                let columns = Array(Self.types.indices)
                let predicates = ScanConditions.predicates(of: conditions) { $0 }
                let kept = Set(columns.filter { _ in Bool.random(using: &random) })
                let node = ScanNode(
                    table: id, tableName: "t", columns: columns, columnNames: columns.map { "c\($0)" },
                    predicates: predicates, filter: .conjunction(conditions),
                    filterOnlyColumns: Set(columns).subtracting(kept))
                let scan = PhysicalPlan(.scan(node), outputTypes: Self.types, estimatedRows: 0)
                let plan = PhysicalPlan(
                    .project(scan, kept.sorted().map { .column($0, Self.types[$0]) }),
                    outputTypes: kept.sorted().map { Self.types[$0] }, estimatedRows: 0)
                let context = QueryContext(
                    tables: StoreTables(snapshot), pool: TestRun.pool, workerCount: 1)
                let found = try QueryExecutor.collect(plan, context).flatMap { chunk in
                    let whole = chunk.compacted()
                    return (0..<whole.rowCount).map { "\(whole.row($0))" }
                }
                let whole = memory.scan(1, types: Self.types, filter: .conjunction(conditions))
                let twin = try TestRun(tables: memory).rows(whole).map { row in
                    "\(kept.sorted().map { row[$0] })"
                }
                #expect(found == twin, "\(conditions)")
            }
        }
    }

    @Test("patterns with percent signs at their ends alone need no filter above")
    func patterns() throws {
        let cases: [(String, ScanPredicate.Comparison?, String, Bool)] = [
            ("abc", .equal, "abc", true), ("abc%", .beginsWith, "abc", true),
            ("%abc", .endsWith, "abc", true),
            ("%abc%", .contains, "abc", true), ("%%abc%%", .contains, "abc", true),
            ("%", .contains, "", true),
            ("", .equal, "", true), ("ab%c", .beginsWith, "ab", false), ("ab_", .beginsWith, "ab", false),
            ("a\\%b", .beginsWith, "a", false), ("%a_b", nil, "", false), ("_", nil, "", false),
        ]
        for (pattern, comparison, text, isWhole) in cases {
            let derived = ScanConditions.derive(from: try Self.like(1, pattern)) { $0 }
            #expect(derived.isWhole == isWhole, "\(pattern)")
            #expect(derived.predicates.map(\.comparison) == (comparison.map { [$0] } ?? []), "\(pattern)")
            #expect(derived.predicates.allSatisfy { $0.values == [.text(text)] }, "\(pattern)")
        }
    }

    @Test("what the scan left out is in the profile")
    func profile() throws {
        var random = SeededGenerator(seed: 1)
        let table = RandomValues.table(Self.types, rowCount: 5000, &random)
        try Self.withTable(table.chunks()) { snapshot, id in
            let filter = Expression.comparison(.less, .column(0, .bigint), .constant(.bigint(0), .bigint))
            let node = ScanNode(
                table: id, tableName: "t", columns: [0], columnNames: ["c0"],
                predicates: ScanConditions.predicates(of: [filter]) { $0 }, filter: filter)
            let context = QueryContext(tables: StoreTables(snapshot), pool: TestRun.pool, workerCount: 1)
            let plan = PhysicalPlan(.scan(node), outputTypes: [.bigint], estimatedRows: 0)
            let rows = try QueryExecutor.collect(plan, context).reduce(0) { $0 + $1.selectedCount }
            let scan = try #require(context.profile.operators[0])
            #expect(scan.rows == rows)
            #expect(scan.rows + scan.filteredRows == 5000)
            #expect(scan.readMorsels == 1)
        }
    }
}
