import Columns
import Execution
import SQLSyntax
import TableCatalog

@testable import Planning

/// A small shop in memory, with NULLs where they hurt.
struct Shop {
    static let city = TableID(rawValue: 1)
    static let product = TableID(rawValue: 2)
    static let sale = TableID(rawValue: 3)

    static let money = DataType.decimal(precision: 18, scale: 2)

    static let definitions: [TableID: TableDefinition] = [
        city: TableDefinition(
            name: TableName(name: "city"),
            columns: Schema([
                Field(name: "id", type: .integer), Field(name: "name", type: .text),
                Field(name: "region", type: .text),
            ]), primaryKey: [0]),
        product: TableDefinition(
            name: TableName(name: "product"),
            columns: Schema([
                Field(name: "id", type: .bigint), Field(name: "name", type: .text),
                Field(name: "price", type: .decimal(precision: 12, scale: 2)),
                Field(name: "folder", type: .text),
            ]), primaryKey: [0]),
        sale: TableDefinition(
            name: TableName(name: "sale"),
            columns: Schema([
                Field(name: "id", type: .bigint), Field(name: "day", type: .date),
                Field(name: "moment", type: .timestamp), Field(name: "city_id", type: .integer),
                Field(name: "product_id", type: .bigint), Field(name: "quantity", type: .integer),
                Field(name: "sum", type: money), Field(name: "discount", type: .doublePrecision),
                Field(name: "paid", type: .boolean),
            ]), primaryKey: [0]),
    ]

    static let cities = [
        "1|Москва|Центр", "2|Казань|Поволжье", "3|Омск|", "4|Тула|Центр",
    ]
    static let products = [
        "10|Чай|150.00|Напитки", "11|Кофе|700.50|Напитки", "12|Сахар|80.25|", "13|Мёд||Сладости",
    ]
    static let sales = [
        "1|2024-01-05|2024-01-05 10:00:00|1|10|2|300.00|0.1|t",
        "2|2024-01-17|2024-01-17 12:30:00|1|11|1|700.50||t",
        "3|2024-02-01|2024-02-01 00:00:00|2|10|5|750.00|0|f",
        "4|2024-02-29|2024-02-29 23:59:59|2|12|10|802.50|0.25|t",
        "5|2024-03-03|2024-03-03 08:15:00|3|11|2|1401.00||",
        "6|2024-03-31|2024-03-31 18:00:00||10|1|150.00|0.5|f",
        "7|2024-12-31|2024-12-31 23:00:00|1|12|4|321.00||t",
        "8|2025-01-01|2025-01-01 00:00:01|3|10|3|450.00|0.1|",
    ]

    static func rows(of table: TableID) -> [String] {
        table == city ? cities : table == product ? products : sales
    }

    static func planner(optimizing: Bool = true, statistics: Bool = true) -> Planner {
        Planner(
            catalog: Catalog(definitions), statistics: { statistics ? Self.statistics(of: $0) : nil },
            options: Planner.Options(isOptimizing: optimizing))
    }

    /// As if each table had a thousand times its rows.
    static func statistics(of table: TableID) -> TableStatistics? {
        guard let definition = definitions[table] else { return nil }
        let rows = rows(of: table)
        let columns = definition.columns.fields.enumerated().map { index, field in
            let cells = rows.map { $0.split(separator: "|", omittingEmptySubsequences: false)[index] }
            let values = cells.compactMap { try? TextReader.value(String($0), as: field.type) }
            let sorted = values.sorted { (ValueOrder.compare($0, $1) ?? 0) < 0 }
            return ColumnStatistics(
                nullCount: cells.count { $0.isEmpty } * 1000, minimum: sorted.first, maximum: sorted.last,
                distinctCount: Double(Set(cells).count) * (index == 0 && table == sale ? 1000 : 1))
        }
        return TableStatistics(rowCount: rows.count * (table == sale ? 1000 : 1), columns: columns)
    }
}

/// The shop's tables for the executor.
struct ShopTables: TableSource {
    func source(for scan: ScanNode) throws(ExecutionError) -> any ChunkSource {
        guard let definition = Shop.definitions[scan.table] else {
            throw .unsupported(feature: scan.tableName)
        }
        let fields = scan.columns.map { definition.columns[$0] }
        let builder = DataChunkBuilder(types: fields.map(\.type))
        for row in Shop.rows(of: scan.table) {
            let cells = row.split(separator: "|", omittingEmptySubsequences: false)
            builder.append(
                zip(scan.columns, fields).map { index, field in
                    let cell = String(cells[index])
                    return cell.isEmpty ? .null : (try? TextReader.value(cell, as: field.type)) ?? .null
                })
        }
        return MemorySource(chunks: [builder.finish()])
    }
}

extension Shop {
    /// Plans and runs a query; each row is its values with bars between, NULL as ∅.
    static func run(
        _ sql: String, parameters: [Value] = [], optimizing: Bool = true
    ) throws -> [String] {
        let statement = try SQLParser.statement(in: sql)
        let planned = try planner(optimizing: optimizing).plan(statement: statement, parameters: parameters)
        let context = QueryContext(tables: ShopTables(), pool: WorkerPool(parallelism: 1))
        let chunks = try QueryExecutor.collect(planned.plan, context)
        return chunks.flatMap { chunk in
            let whole = chunk.compacted()
            return (0..<whole.rowCount).map { row in
                whole.row(row).map { $0.text ?? "∅" }.joined(separator: "|")
            }
        }
    }

    /// The plan of a query as text, without estimates.
    static func plan(_ sql: String) throws -> String {
        let statement = try SQLParser.statement(in: sql)
        return PlanPrinter.text(try planner().plan(statement: statement).plan, showsRows: false)
    }
}
