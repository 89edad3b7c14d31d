import Columns
import Storage
import TableCatalog
import Testing

@Suite("Estimates from statistics of written rows")
struct DistributionTests {
    let directory = TemporaryDirectory()

    static let definition = TableDefinition(
        name: TableName(name: "t"),
        columns: Schema([
            Field(name: "moment", type: .timestamp), Field(name: "price", type: .bigint),
            Field(name: "rate", type: .doublePrecision), Field(name: "city", type: .text),
            Field(name: "mostly", type: .integer), Field(name: "code", type: .text),
        ]))

    /// Time ascends; prices have a long tail; one city has 60 % of the rows; most numbers are 0; codes
    /// differ.
    static func row(_ row: Int) -> [Value] {
        let noise = Hashing.hash(UInt64(row))
        let unit = Double(noise >> 11) / Double(1 << 53)
        let city = noise % 10 < 6 ? 0 : Int(noise / 10 % 40) + 1
        return [
            .timestamp(Int64(row) * 60_000_000), .bigint(Int64(100 / (unit + 0.001))),
            row % 9 == 0 ? .null : .doublePrecision(unit * unit * 50), .text("город \(city)"),
            .integer(noise % 4 == 0 ? Int32(noise / 8 % 1000) : 0), .text(String(noise, radix: 36)),
        ]
    }

    private func load(rowCount: Int) throws -> (statistics: TableStatistics, rows: [[Value]]) {
        let store = try ColumnStore.open(directory: directory.path)
        let transaction = try store.begin()
        let table = try transaction.createTable(Self.definition)
        let rows = (0..<rowCount).map { Self.row($0) }
        try Samples.append(rows, to: table, in: transaction, types: Self.definition.columns.types)
        _ = try transaction.commit()
        let reopened = try ColumnStore.open(directory: directory.path, mode: .readOnly)
        let statistics = try reopened.snapshot().statistics(of: table)
        #expect(try statistics == store.snapshot().statistics(of: table))
        return (statistics, rows)
    }

    private static func number(_ value: Value) -> Double? {
        if case .doublePrecision(let number) = value { return number }
        return value.integerValue.map { Double($0) }
    }

    @Test("shares below a value and between two are right within 4 % of all rows, on skewed data")
    func ranges() throws {
        let (statistics, rows) = try load(rowCount: 150_000)
        for column in [0, 1, 2, 4] {
            let known = statistics.columns[column]
            let values = rows.compactMap { Self.number($0[column]) }.sorted()
            for part in 1..<20 {
                let bound = values[part * values.count / 20]
                let value: Value =
                    switch column {
                    case 0: .timestamp(Int64(bound))
                    case 1: .bigint(Int64(bound))
                    case 2: .doublePrecision(bound)
                    default: .integer(Int32(bound))
                    }
                let below = Double(values.count { $0 < bound }) / Double(values.count)
                let through = Double(values.count { $0 <= bound }) / Double(values.count)
                let estimate = try #require(known.selectivity(below: value))
                #expect(abs(estimate - below) < 0.04, "column \(column) below \(value): \(below)")
                let inclusive = try #require(known.selectivity(below: value, orEqual: true))
                #expect(abs(inclusive - through) < 0.04)
                let above = try #require(known.selectivity(above: value))
                #expect(abs(above + inclusive - 1) < 1e-9)
            }
        }
        let moments = statistics.columns[0]
        let day = try #require(
            moments.selectivity(from: .timestamp(0), through: .timestamp(15_000 * 60_000_000)))
        #expect(abs(day - 0.1) < 0.02)
        #expect(moments.selectivity(below: .timestamp(-1)) == 0)
        #expect(moments.selectivity(below: .timestamp(1 << 60)) == 1)
        #expect(moments.selectivity(below: .text("x")) == nil)
    }

    @Test("common values have their own shares, others an even part of the rest")
    func equality() throws {
        let (statistics, rows) = try load(rowCount: 140_000)
        let cities = statistics.columns[3]
        let first = cities.selectivity(equalTo: .text("город 0"))
        #expect(abs(first - 0.6) < 0.01)
        let other = cities.selectivity(equalTo: .text("город 7"))
        #expect(abs(other - 0.01) < 0.005)
        #expect(abs(cities.selectivity(in: [.text("город 0"), .text("город 7")]) - first - other) < 1e-9)
        #expect(abs((try #require(cities.averageBytes)) - 12.5) < 0.6)
        let mostly = statistics.columns[4]
        #expect(abs(mostly.selectivity(equalTo: .integer(0)) - 0.75) < 0.04)
        #expect(mostly.selectivity(equalTo: .integer(500)) < 0.002)
        #expect(mostly.selectivity(equalTo: .integer(5000)) == 0)
        #expect(mostly.selectivity(equalTo: .null) == 0)
        let codes = statistics.columns[5]
        #expect(codes.mostCommon.isEmpty)
        #expect(codes.selectivity(equalTo: rows[9][5]) < 0.0001)
        let half = try #require(codes.selectivity(below: .text("2")))
        let actual = Double(rows.count { ($0[5].stringValue ?? "") < "2" }) / Double(rows.count)
        #expect(abs(half - actual) < 0.06)
    }
}
