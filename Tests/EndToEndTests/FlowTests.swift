import Foundation
import Testing

/// The whole flow with real parts: simulator, Postgres, column store and HTTP, each in its own process.
@Suite("The flow, end to end", .serialized)
struct FlowTests {
    static let signedRevenue =
        "CASE WHEN kind IN ('salesreturn', 'retailsalesreturn') THEN -sum_base ELSE sum_base END"
    static let sales =
        "kind IN ('demand', 'retaildemand', 'salesreturn', 'retailsalesreturn') AND applicable AND NOT deleted"

    static let revenueByMonth =
        "SELECT CAST(date_trunc('month', moment) AS date) AS month, sum(\(signedRevenue)) AS revenue "
        + "FROM shop.document_line WHERE \(sales) GROUP BY 1 ORDER BY 1"

    static let revenueByCity =
        "SELECT c.city, sum(l.sum_base) AS revenue, count(DISTINCT l.document_id) AS orders "
        + "FROM shop.document_line l JOIN shop.counterparty c ON c.id = l.counterparty_id "
        + "WHERE l.kind = 'demand' AND l.applicable AND NOT l.deleted GROUP BY c.city ORDER BY revenue DESC, c.city LIMIT 20"

    @Test("revenue by month and by city over HTTP equals Postgres to the kopeck, and edits follow")
    func flow() async throws {
        let shop = try await Shop.open(scale: 6_000)
        do {
            let api = try await shop.signIn(try await shop.serve(["--no-sync"]))
            _ = try await shop.sync()
            try await equal(shop, api, Self.revenueByMonth)
            try await equal(shop, api, Self.revenueByCity)
            let months = try await api.rows(Self.revenueByMonth)
            #expect(months.count > 24, "three years of sales")
            let tables = try await api.send("GET", "api/v1/tables")
            #expect(tables.status == 200 && tables.text.contains("document_line"))
            try await editsFollow(shop, api)
            let verified = try await shop.verify()
            #expect(!verified.isEmpty)
        } catch {
            await shop.close()
            throw error
        }
        await shop.close()
    }

    /// Waits until the store shows the same as Postgres; differences in trailing zeros do not count.
    private func equal(_ shop: Shop, _ api: APIConnection, _ sql: String) async throws {
        let record = try shop.record(sql).map(Self.normalised)
        #expect(!record.isEmpty)
        var last: [String] = []
        do {
            try await poll(within: 20, "the store to follow the record") {
                last = try await api.rows(sql).map(Self.normalised)
                return last == record ? true : nil
            }
        } catch {
            #expect(last == record)
        }
    }

    static func normalised(_ row: String) -> String {
        row.replacingOccurrences(of: "\"\"", with: "").split(separator: ",", omittingEmptySubsequences: false)
            .map { field in
                guard field.contains("."), field.allSatisfy({ $0.isNumber || $0 == "." || $0 == "-" }) else {
                    return String(field)
                }
                var text = field
                while text.last == "0" { text.removeLast() }
                if text.last == "." { text.removeLast() }
                return String(text)
            }.joined(separator: ",")
    }

    /// An edited and a deleted object are seen by a query within 2 s of the end of the next sync.
    private func editsFollow(_ shop: Shop, _ api: APIConnection) async throws {
        let victims = try await api.rows(
            "SELECT uid FROM shop.document WHERE kind = 'demand' AND applicable AND NOT deleted ORDER BY id LIMIT 1"
        )
        let client = try await api.rows(
            "SELECT uid FROM shop.counterparty WHERE NOT archived ORDER BY id LIMIT 1")
        let document = try #require(victims.first)
        let counterparty = try #require(client.first)
        _ = try await shop.edit("DELETE", "entity/demand/\(document)")
        _ = try await shop.edit(
            "PUT", "entity/counterparty/\(counterparty)", body: #"{"name":"Переименован"}"#)
        _ = try await shop.sync()
        let synced = ContinuousClock.now
        try await poll(within: 10, "the deleted document to vanish") {
            let left = try await api.rows(
                "SELECT count(*) FROM shop.document WHERE uid = '\(document)' AND NOT deleted")
            return left == ["0"] ? true : nil
        }
        try await poll(within: 10, "the new name") {
            let name = try await api.rows("SELECT name FROM shop.counterparty WHERE uid = '\(counterparty)'")
            return name == ["Переименован"] ? true : nil
        }
        #expect(ContinuousClock.now - synced < .seconds(2), "seen within 2 s of the sync")
    }
}
