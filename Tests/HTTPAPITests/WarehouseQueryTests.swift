import APIContract
import Columns
import Foundation
import Testing
import WarehouseEngine

@testable import HTTPAPI

/// The engine as the API sees it.
private struct EngineQueries: QueryService {
    let warehouse: Warehouse
    var timeLimit: Duration?

    private struct Rows: QueryRows {
        let stream: ResultStream
        var columns: [ResultColumn] { stream.columns }
        func next() throws -> DataChunk? { try stream.next() }
        func cancel() { stream.cancel() }
    }

    func run(_ sql: String, parameters: [Value]) throws -> any QueryRows {
        let options = QueryOptions(timeLimit: timeLimit, isReadOnly: true)
        return Rows(stream: try warehouse.run(sql, parameters: parameters, options: options))
    }

    func tables() throws -> [TableDescription] {
        warehouse.tables().map { definition, rowCount in
            TableDescription(
                schema: definition.name.schema, name: definition.name.name, rowCount: rowCount,
                columns: definition.columns.fields.map {
                    .init(name: $0.name, type: $0.type.sqlName, nullable: $0.isNullable)
                })
        }
    }
}

@Suite("The engine over HTTP")
final class WarehouseQueryTests {
    private let directory: String
    private let warehouse: Warehouse
    private let token: String

    init() async throws {
        directory =
            FileManager.default.temporaryDirectory
            .appending(path: "ambar-http-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        warehouse = try Warehouse.open(directory: directory, mode: .readWrite, workerCount: 2)
        token = try await TestAPI.token(.analyst)
        for sql in [
            "CREATE TABLE sale (id BIGINT PRIMARY KEY, name TEXT, price DECIMAL(12,2), sold DATE)",
            """
            INSERT INTO sale VALUES (1, 'чай, чёрный', 120.50, DATE '2025-01-31'), (2, NULL, 0.05, NULL),
                (9007199254740993, 'say "hi"', 99999999.99, DATE '2024-02-29')
            """,
        ] {
            _ = try warehouse.run(sql).allRows()
        }
    }

    deinit { _ = try? FileManager.default.removeItem(atPath: directory) }

    private func query(
        _ sql: String, _ parameters: String = "[]", accept: String? = nil, timeLimit: Duration? = nil
    ) async throws -> TestAPI.Reply {
        let queries = EngineQueries(warehouse: warehouse, timeLimit: timeLimit)
        let token = token
        return try await TestAPI(queries: queries).with {
            try await $0.query(sql, parameters, accept: accept, token: token)
        }
    }

    @Test("rows come as JSON with every digit")
    func json() async throws {
        let reply = try await query("SELECT id, name, price, sold FROM sale ORDER BY id")
        #expect(reply.status == 200, "\(reply.text)")
        let start =
            #"{"columns":[{"name":"id","type":"BIGINT"},{"name":"name","type":"TEXT"},"#
            + #"{"name":"price","type":"DECIMAL(12,2)"},{"name":"sold","type":"DATE"}],"#
            + #""rows":[[1,"чай, чёрный",120.50,"2025-01-31"],[2,null,0.05,null],"#
            + #"[9007199254740993,"say \"hi\"",99999999.99,"2024-02-29"]],"rowCount":3,"#
        #expect(reply.text.hasPrefix(start), "\(reply.text)")
    }

    @Test("rows come as lines of JSON and as CSV")
    func lines() async throws {
        let sql = "SELECT id, name FROM sale ORDER BY id"
        let ndjson = try await query(sql, accept: "application/x-ndjson")
        #expect(
            ndjson.text == """
                {"id":1,"name":"чай, чёрный"}
                {"id":2,"name":null}
                {"id":9007199254740993,"name":"say \\"hi\\""}

                """)
        let csv = try await query(sql, accept: "text/csv")
        #expect(csv.text == "id,name\n1,\"чай, чёрный\"\n2,\n9007199254740993,\"say \"\"hi\"\"\"\n")
        let empty = try await query("SELECT id FROM sale WHERE id < 0", accept: "text/csv")
        #expect(empty.status == 200 && empty.text == "id\n")
    }

    @Test("parameters are bound, exactly")
    func parameters() async throws {
        let reply = try await query(
            "SELECT id FROM sale WHERE price = $1 AND (name = $2 OR $3) ORDER BY id",
            #"[120.50,"чай, чёрный",false]"#, accept: "text/csv")
        #expect(reply.text == "id\n1\n", "\(reply.text)")
        let missing = try await query("SELECT $1 + 1 AS x")
        #expect(try missing.problem().code.count == 5 && missing.status == 400)
    }

    @Test("errors of SQL carry code and place")
    func errors() async throws {
        let syntax = try await query("SELECT id FRM sale WHERE")
        let problem = try syntax.problem()
        #expect(syntax.status == 400 && problem.code == "42601" && problem.position != nil)
        let table = try await query("SELECT 1 FROM sales")
        #expect(try table.problem().code == "42P01" && table.status == 400)
        #expect(try table.problem().position == 15)
        let column = try await query("SELECT prise FROM sale")
        #expect(try column.problem().code == "42703")
        #expect(try column.problem().position == 8)
        let write = try await query("DROP TABLE sale")
        #expect(try write.problem().code == "25006")
        let division = try await query("SELECT 1 / (id - 1) FROM sale")
        #expect(try division.problem().code == "22012" && division.status == 400)
    }

    @Test("a query that takes too long ends with 57014")
    func timeLimit() async throws {
        let values = (0..<500).map { "(\($0))" }.joined(separator: ",")
        _ = try warehouse.run("CREATE TABLE n (x BIGINT)").allRows()
        _ = try warehouse.run("INSERT INTO n VALUES \(values)").allRows()
        let reply = try await query(
            "SELECT count(*) FROM n a, n b, n c, n d WHERE a.x + b.x + c.x + d.x = -1",
            timeLimit: .milliseconds(100))
        #expect(try reply.problem().code == "57014" && reply.status == 408)
    }

    @Test("the tables are those of the store")
    func tables() async throws {
        let (queries, token) = (EngineQueries(warehouse: warehouse), token)
        let reply = try await TestAPI(queries: queries).with {
            try await $0.send(.get, "/api/v1/tables", token: token)
        }
        let sale = try #require(try reply.decode(TablesReply.self).tables.first { $0.name == "sale" })
        #expect(sale.rowCount == 3)
        #expect(sale.columns.map(\.name) == ["id", "name", "price", "sold"])
        #expect(sale.columns.map(\.nullable) == [false, true, true, true])
    }
}
