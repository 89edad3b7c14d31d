import Foundation
import Testing

@testable import MoyskladSimulator

@Suite("Lists and objects")
struct APIListsTests {
    @Test("paging brings every object once", arguments: ObjectType.allCases.map(\.rawValue))
    func paging(type: String) async throws {
        try await RunningSimulator.serve { server in
            var ids: [String] = []
            let both =
                ObjectType(rawValue: type)?.isArchivable == true
                ? "&filter=archived%3Dtrue%3Barchived%3Dfalse" : ""
            var next: String? =
                "/entity/\(type)?limit=97&order=updated,asc;id,asc\(type == "group" ? "" : both)"
            if type == "group" { next = "/entity/group?limit=1&order=name;id" }
            var size = 0
            while let path = next {
                let page = try await server.get(path.replacingOccurrences(of: ";id", with: "%3Bid"))
                #expect(page.status == 200)
                size = page.size ?? -1
                ids += page.rows.compactMap { $0["id"] as? String }
                next = page.nextHref
            }
            #expect(ids.count == size && Set(ids).count == size && size > 0)
        }
    }

    @Test("the envelope names the page, and the neighbours keep the other parameters")
    func envelope() async throws {
        try await RunningSimulator.serve { server in
            let page = try await server.get("/entity/counterparty?limit=10&offset=10&order=name")
            let meta = try #require(page.json["meta"] as? [String: Any])
            #expect(meta["limit"] as? Int == 10 && meta["offset"] as? Int == 10)
            #expect(meta["type"] as? String == "counterparty")
            let list = "\(server.base)/entity/counterparty"
            #expect(meta["href"] as? String == "\(list)?limit=10&offset=10&order=name")
            #expect(meta["nextHref"] as? String == "\(list)?order=name&limit=10&offset=20")
            #expect(meta["previousHref"] as? String == "\(list)?order=name&limit=10&offset=0")
            #expect(page.json["context"] != nil)
            let whole = try await server.get("/entity/counterparty")
            let wholeMeta = try #require(whole.json["meta"] as? [String: Any])
            #expect(wholeMeta["limit"] as? Int == 1000 && wholeMeta["nextHref"] == nil)
        }
    }

    @Test("references become objects only on pages of a hundred or less, given explicitly")
    func expand() async throws {
        try await RunningSimulator.serve { server in
            func agent(_ query: String) async throws -> [String: Any] {
                let row = try await server.get("/entity/demand?\(query)").rows.first
                return row?["agent"] as? [String: Any] ?? [:]
            }
            #expect(try await agent("expand=agent&limit=100")["name"] != nil)
            #expect(try await agent("expand=agent&limit=101")["name"] == nil)
            #expect(try await agent("expand=agent")["name"] == nil)
            let deep = try await server.get(
                "/entity/demand?limit=1&expand=positions.assortment,state,organization")
            let positions = deep.rows.first?["positions"] as? [String: Any]
            let line = (positions?["rows"] as? [[String: Any]])?.first
            #expect((line?["assortment"] as? [String: Any])?["name"] != nil)
        }
    }

    @Test("embedded lines are cut at a hundred; the sub-resource has them all")
    func truncation() async throws {
        try await RunningSimulator.serve(scale: 3000) { server in
            let page = try await server.get("/entity/customerorder?limit=100&expand=positions")
            let order = try #require(page.rows.first { Self.size(of: $0) > 100 })
            let positions = try #require(order["positions"] as? [String: Any])
            #expect((positions["rows"] as? [[String: Any]])?.count == 100)
            let href = try #require((positions["meta"] as? [String: Any])?["href"] as? String)
            let all = try await server.get(href)
            #expect(all.rows.count == Self.size(of: order))
            #expect(Set(all.rows.compactMap { $0["id"] as? String }).count == all.rows.count)
        }
    }

    private static func size(of order: [String: Any]) -> Int {
        let meta = (order["positions"] as? [String: Any])?["meta"] as? [String: Any]
        return meta?["size"] as? Int ?? 0
    }

    @Test("an object is read by its href, and the web interface's id leads to it")
    func single() async throws {
        try await RunningSimulator.serve { server in
            let product = try await server.first("product")
            let meta = try #require(product["meta"] as? [String: Any])
            let href = try #require(meta["href"] as? String)
            let read = try await server.get(href + "?expand=productFolder")
            #expect(read.json["id"] as? String == product["id"] as? String)
            let webID = try #require((meta["uuidHref"] as? String)?.split(separator: "=").last)
            let moved = try await server.get("/entity/product/\(webID)")
            #expect(moved.status == 308 && moved.header("Location") == href)
        }
    }

    @Test("filters by moment, reference and state narrow the list")
    func filters() async throws {
        try await RunningSimulator.serve { server in
            let all = try #require(try await server.get("/entity/customerorder?limit=1").size)
            let late = try await server.get(
                "/entity/customerorder?limit=1000&filter=updated%3E%3D2026-06-01%2000:00:00")
            let size = try #require(late.size)
            #expect(size > 0 && size < all)
            #expect(late.rows.allSatisfy { ($0["updated"] as? String ?? "") >= "2026-06-01" })
            let metadata = try await server.get("/entity/customerorder/metadata")
            let states = try #require(metadata.json["states"] as? [[String: Any]])
            #expect(states.count == 7)
            let href = try #require((states[4]["meta"] as? [String: Any])?["href"] as? String)
            let delivered = try await server.get("/entity/customerorder?limit=1&filter=state%3D\(href)")
            let name = "Доставлен".utf8.map { "%" + String($0, radix: 16) }.joined()
            let named = try await server.get("/entity/customerorder?limit=1&filter=state.name%3D\(name)")
            #expect(delivered.size == named.size && (delivered.size ?? 0) > 0)
            #expect(try await server.get(href).json["name"] as? String == "Доставлен")
        }
    }

    @Test("who asks, what the company has set and the price types are told")
    func context() async throws {
        try await RunningSimulator.serve { server in
            let employee = try await server.get("/context/employee")
            #expect(employee.json["uid"] as? String == SimulatorConfiguration.defaultLogin)
            #expect(employee.json["permissions"] != nil)
            #expect(try await server.get("/context/application").errorCode == 55006)
            #expect(try await server.get("/context/companysettings").json["useRecycleBin"] as? Bool == false)
            #expect(try await server.get("/context/companysettings/pricetype").array.count == 3)
            #expect(try await server.get("/entity/metadata").json["demand"] != nil)
            #expect(try await server.get("/entity/product/metadata/attributes").size == 3)
        }
    }

    @Test("the stock reports agree with one another")
    func stock() async throws {
        try await RunningSimulator.serve { server in
            let all = try await server.get("/report/stock/all")
            let total = all.rows.reduce(0.0) { $0 + ($1["stock"] as? Double ?? 0) }
            let byStore = try await server.get("/report/stock/bystore")
            var other = 0.0
            for row in byStore.rows {
                let stores = row["stockByStore"] as? [[String: Any]] ?? []
                #expect(stores.count == 5)
                other += stores.reduce(0.0) { $0 + ($1["stock"] as? Double ?? 0) }
            }
            let current = try await server.get("/report/stock/all/current?stockType=stock").array
            let third = current.reduce(0.0) { $0 + ($1["stock"] as? Double ?? 0) }
            #expect(abs(total - other) < 0.01 && abs(total - third) < 0.01 && total > 0)
            let free = try await server.get("/report/stock/bystore/current?stockType=freeStock").array
            #expect(free.first?["freeStock"] != nil && free.first?["storeId"] != nil)
            #expect(try await server.get("/report/stock/all/current?stockType=x").errorCode == 1040)
            #expect(try await server.get("/entity/assortment?limit=5").rows.first?["stock"] != nil)
        }
    }
}
