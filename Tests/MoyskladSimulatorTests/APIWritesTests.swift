import Foundation
import Testing

@testable import MoyskladSimulator

@Suite("Writes")
struct APIWritesTests {
    @Test("a counterparty is made, changed, found and deleted")
    func counterparty() async throws {
        try await RunningSimulator.serve { server in
            let made = try await server.send(
                "POST", "/entity/counterparty",
                body: ["name": "ООО «Новый»", "companyType": "legal", "tags": ["опт"]])
            #expect(made.status == 200)
            let href = try #require((made.json["meta"] as? [String: Any])?["href"] as? String)
            let first = try #require(made.json["updated"] as? String)
            let changed = try await server.send("PUT", href, body: ["phone": "+7 900", "archived": true])
            #expect(changed.json["phone"] as? String == "+7 900")
            #expect(changed.json["name"] as? String == "ООО «Новый»")
            #expect((changed.json["updated"] as? String ?? "") > first)
            #expect(try await server.send("DELETE", href).status == 200)
            #expect(try await server.get(href).errorCode == 1021)
            #expect(
                try await server.send("POST", "/entity/counterparty", body: ["phone": "1"]).errorCode == 3000)
        }
    }

    @Test("what is used cannot be deleted, and the answer names its users")
    func dependencies() async throws {
        try await RunningSimulator.serve { server in
            let order = try await server.get("/entity/customerorder?limit=1")
            let agent = try #require(order.rows.first?["agent"] as? [String: Any])
            let href = try #require((agent["meta"] as? [String: Any])?["href"] as? String)
            let refused = try await server.send("DELETE", href)
            #expect(refused.status == 409 && refused.errorCode == 1028)
            let fault = (refused.json["errors"] as? [[String: Any]])?.first
            #expect((fault?["dependencies"] as? [Any])?.isEmpty == false)
        }
    }

    @Test("an order is made with lines, edited and deleted, and its sum follows")
    func order() async throws {
        try await RunningSimulator.serve { server in
            let organization = reference(try await server.first("organization"))
            let agent = reference(try await server.first("counterparty"))
            let product = reference(try await server.first("product"))
            let line: [String: Any] = [
                "assortment": product, "quantity": 1.5, "price": 33.33, "discount": 10, "vat": 20,
            ]
            let body: [String: Any] = [
                "organization": organization, "agent": agent, "positions": [line, line],
            ]
            let made = try await server.send("POST", "/entity/customerorder", body: body)
            #expect(made.status == 200)
            // 1.5 × 33.33 less a tenth is 44.9955 kopecks, 45 when rounded, twice.
            #expect(made.json["sum"] as? Double == 90)
            let href = try #require((made.json["meta"] as? [String: Any])?["href"] as? String)
            let positions = try await server.get(href + "/positions")
            #expect(positions.size == 2 && positions.rows[0]["price"] as? Double == 33.33)

            let edited = try await server.send(
                "PUT", href, body: ["positions": [line], "vatIncluded": false, "applicable": false])
            #expect(edited.json["sum"] as? Double == 54)
            #expect(edited.json["applicable"] as? Bool == false)
            let added = try await server.send(
                "POST", href + "/positions", body: [["assortment": product, "price": 100]])
            #expect(added.array.count == 1)
            #expect(try await server.get(href + "/positions").size == 2)
            let lineHref = try #require((added.array[0]["meta"] as? [String: Any])?["href"] as? String)
            _ = try await server.send("PUT", lineHref, body: ["quantity": 3])
            #expect(try await server.get(lineHref).json["quantity"] as? Double == 3)
            #expect(try await server.send("DELETE", lineHref).status == 200)
            #expect(try await server.get(href).json["sum"] as? Double == 54)
            #expect(try await server.send("DELETE", href).status == 200)
            let id = try #require(made.json["id"] as? String)
            #expect(try await server.get("/entity/customerorder?filter=id%3D\(id)").size == 0)
        }
    }

    @Test("the last change is the newest of the list")
    func freshness() async throws {
        try await RunningSimulator.serve { server in
            let demand = try await server.first("demand")
            let href = try #require((demand["meta"] as? [String: Any])?["href"] as? String)
            let path = "/entity/demand?limit=1&order=updated,desc"
            _ = try await server.get(path)
            _ = try await server.send("PUT", href, body: ["description": "проверено"])
            #expect(try await server.get(path).rows.first?["id"] as? String == demand["id"] as? String)
        }
    }

    @Test("an order is shipped as long as a posted demand stands on it")
    func shipping() async throws {
        try await RunningSimulator.serve { server in
            let demands = try await server.get("/entity/demand?limit=100").rows
            let demand = try #require(
                demands.first { $0["customerOrder"] != nil && $0["applicable"] as? Bool == true })
            let order = try #require(demand["customerOrder"] as? [String: Any])
            let orderHref = try #require((order["meta"] as? [String: Any])?["href"] as? String)
            #expect((try await server.get(orderHref).json["shippedSum"] as? Double ?? 0) > 0)
            let href = try #require((demand["meta"] as? [String: Any])?["href"] as? String)
            _ = try await server.send("DELETE", href)
            #expect(try await server.get(orderHref).json["shippedSum"] as? Double == 0)
        }
    }

    @Test("bodies are checked before anything changes")
    func faults() async throws {
        try await RunningSimulator.serve { server in
            let organization = reference(try await server.first("organization"))
            let agent = reference(try await server.first("counterparty"))
            let elsewhere = ["meta": ["href": "https://elsewhere.example/entity/counterparty/1"]]
            let cases: [(Any, Int)] = [
                (["agent": agent], 3000), (["organization": organization], 3000),
                (["organization": organization, "agent": agent], 3000),
                (["organization": organization, "agent": elsewhere], 1059),
                (["organization": organization, "agent": "x"], 2012), ("text", 2005),
            ]
            let before = try await server.get("/entity/demand?limit=1").size
            for (body, code) in cases {
                #expect(try await server.send("POST", "/entity/demand", body: body).errorCode == code)
            }
            #expect(try await server.get("/entity/demand?limit=1").size == before)
            let plain = try await server.send(
                "POST", "/entity/demand", body: [:] as [String: Any], headers: ["Content-Type": "text/plain"])
            #expect(plain.status == 415 && plain.errorCode == 1037)
        }
    }

    @Test("an array makes and changes, element by element")
    func bulk() async throws {
        try await RunningSimulator.serve { server in
            let product = try await server.first("product")
            var changed = reference(product)
            changed["name"] = "Переименован"
            let body: [[String: Any]] = [changed, ["name": "Новый товар"], ["code": "без имени"]]
            let reply = try await server.send("POST", "/entity/product", body: body)
            #expect(reply.status == 200 && reply.array.count == 3)
            #expect(reply.array[0]["id"] as? String == product["id"] as? String)
            #expect(reply.array[0]["name"] as? String == "Переименован")
            #expect((reply.array[2]["errors"] as? [[String: Any]])?.first?["code"] as? Int == 3000)
            let gone = try await server.send(
                "POST", "/entity/product/delete", body: [reference(reply.array[1])])
            #expect((gone.array.first?["info"] as? String)?.contains("успешно удалена") == true)
        }
    }
}
