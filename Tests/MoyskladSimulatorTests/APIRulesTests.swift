import Foundation
import Testing

@testable import MoyskladSimulator

@Suite("The rules that every request meets")
struct APIRulesTests {
    @Test("without gzip there is 415 and nothing else")
    func gzip() async throws {
        try await RunningSimulator.serve { server in
            let reply = try await server.get("/entity/store", headers: ["Accept-Encoding": "identity"])
            #expect(reply.status == 415)
            #expect(reply.body.isEmpty)
        }
    }

    @Test("a bare application/json is not accepted, the full value and */* are")
    func accept() async throws {
        try await RunningSimulator.serve { server in
            let bare = try await server.get("/entity/store", headers: ["Accept": "application/json"])
            #expect(bare.status == 400 && bare.errorCode == 1062)
            #expect(try await server.get("/entity/store", headers: ["Accept": "*/*"]).status == 200)
            let full = try await server.get("/entity/store")
            #expect(full.status == 200)
            #expect(full.header("Content-Type") == "application/json;charset=utf-8")
        }
    }

    @Test("wrong credentials get 401 with the extended code")
    func credentials() async throws {
        try await RunningSimulator.serve { server in
            for authorization in [nil, "Bearer nonsense", "Basic bm86bm8=", "Digest x"] {
                var stranger = server
                stranger.authorization = authorization
                let reply = try await stranger.get("/entity/store")
                #expect(reply.status == 401 && reply.errorCode == 1056)
                #expect(reply.header("X-Lognex-Auth") == "401001")
                #expect(
                    reply.header("X-Lognex-Auth-Message")?.removingPercentEncoding?.contains("Ошибка") == true
                )
            }
        }
    }

    @Test("a new token ends the former one")
    func tokens() async throws {
        try await RunningSimulator.serve { server in
            var person = server
            let pair = "\(SimulatorConfiguration.defaultLogin):\(SimulatorConfiguration.defaultPassword)"
            person.authorization = "Basic " + Data(pair.utf8).base64EncodedString()
            #expect(try await person.get("/entity/store").status == 200)
            let issued = try await person.send("POST", "/security/token")
            let token = try #require(issued.json["access_token"] as? String)
            #expect(issued.status == 200 && token.count == 40)
            #expect(try await server.get("/entity/store").status == 401)
            var holder = server
            holder.authorization = "Bearer \(token)"
            #expect(try await holder.get("/entity/store").status == 200)
            _ = try await person.send("POST", "/security/token")
            #expect(try await holder.get("/entity/store").status == 401)
        }
    }

    @Test("the bucket refuses with 1049, the time in milliseconds and no Retry-After")
    func rate() async throws {
        let limit = SimulatorConfiguration.RateLimit(unitsPerWindow: 12, window: .seconds(60), weight: 2)
        try await RunningSimulator.serve(rateLimit: limit) { server in
            for left in [5, 4, 3] {
                let reply = try await server.get("/entity/store")
                #expect(reply.status == 200)
                #expect(reply.header("X-RateLimit-Limit") == "6")
                #expect(reply.header("X-RateLimit-Remaining") == "\(left)")
                #expect(reply.header("X-Lognex-Retry-TimeInterval") == "60000")
                #expect(reply.header("X-Lognex-Retry-After") == "0")
            }
            // The extended stock reports cost five units.
            #expect(
                try await server.get("/report/stock/bystore?limit=1").header("X-RateLimit-Remaining") == "0")
            let refused = try await server.get("/entity/store")
            #expect(refused.status == 429 && refused.errorCode == 1049)
            #expect(refused.header("X-Lognex-Auth") == "429002")
            let wait = Int(refused.header("X-Lognex-Retry-After") ?? "") ?? 0
            #expect((1...60_000).contains(wait))
            #expect(refused.header("Retry-After") == nil)
        }
    }

    @Test("more requests at once than allowed get 1073")
    func parallel() async throws {
        try await RunningSimulator.serve(rateLimit: .init(unitsPerWindow: 10_000_000, parallelMax: 2)) {
            server in
            let fault: [String: Any] = ["kind": "delay", "milliseconds": 1500, "count": 2, "match": "store"]
            _ = try await server.send("POST", server.control("/faults"), body: fault)
            async let slow = server.get("/entity/store")
            async let slower = server.get("/entity/store")
            var refused: RunningSimulator.Reply?
            let deadline = ContinuousClock.now + .seconds(10)
            while refused == nil, ContinuousClock.now < deadline {
                let reply = try await server.get("/entity/group")
                if reply.status == 429 { refused = reply }
            }
            #expect(refused?.errorCode == 1073)
            #expect(refused?.header("X-Lognex-Auth") == "429005")
            #expect(refused?.header("X-Lognex-Retry-After") == "0")
            let statuses = [try await slow.status, try await slower.status]
            #expect(statuses.contains(200))
        }
    }

    @Test("unknown things get their own codes")
    func unknown() async throws {
        try await RunningSimulator.serve { server in
            let missing = "/entity/product/00000000-0000-11ef-0a80-000000000000"
            let cases: [(String, Int, Int)] = [
                (missing, 404, 1021), ("/entity/product/nonsense", 400, 1052), ("/entity/unicorn", 412, 1005),
                ("/nonsense", 404, 1002), ("/report/stock/nonsense", 404, 1002),
                ("/entity/store?limit=0", 412, 1040), ("/entity/store?limit=1001", 412, 1040),
                ("/entity/store?offset=-1", 412, 1040),
                ("/entity/demand?limit=10&expand=sum", 412, 1089),
            ]
            for (path, status, code) in cases {
                let reply = try await server.get(path)
                #expect(reply.status == status && reply.errorCode == code, "\(path)")
            }
            let method = try await server.send("PATCH", "/entity/product")
            #expect(method.status == 405 && method.errorCode == 1039)
        }
    }

    @Test("faults strike as often as they were asked for")
    func faults() async throws {
        try await RunningSimulator.serve { server in
            func order(_ fault: [String: Any]) async throws {
                let reply = try await server.send("POST", server.control("/faults"), body: fault)
                #expect(reply.status == 200)
            }
            try await order(["kind": "serverError", "count": 2, "match": "/entity/store"])
            #expect(try await server.get("/entity/group").status == 200)
            #expect(try await server.get("/entity/store").errorCode == 1999)
            #expect(try await server.get("/entity/store").status == 500)
            #expect(try await server.get("/entity/store").status == 200)
            try await order(["kind": "badGateway"])
            let gateway = try await server.get("/entity/store")
            #expect(gateway.status == 502 && gateway.header("Content-Type") == "text/html")
            try await order(["kind": "rateLimit", "milliseconds": 700, "skip": 1])
            #expect(try await server.get("/entity/store").status == 200)
            #expect(try await server.get("/entity/store").errorCode == 1049)
            try await order(["kind": "maintenance"])
            #expect(try await server.get("/entity/store").errorCode == 1074)
            try await order(["kind": "reset"])
            await #expect(throws: (any Error).self) { try await server.get("/entity/store") }
            try await order(["kind": "emptyBody"])
            #expect(try await server.get("/entity/store").body.isEmpty)
            let wrong = try await server.send("POST", server.control("/faults"), body: ["kind": "flood"])
            #expect(wrong.status == 400)
        }
    }

    @Test("what makes no shop is refused by name")
    func configuration() {
        #expect(throws: Simulator.Failure.scaleOutOfRange(5)) {
            try Simulator(SimulatorConfiguration(scale: 5))
        }
        #expect(throws: Simulator.Failure.malformedMoment("soon")) {
            try Simulator(SimulatorConfiguration(scale: 100, now: "soon"))
        }
    }

    @Test("without a given moment the shop ends at midnight and its changes are of now")
    func ownClock() async throws {
        let simulator = try Simulator(SimulatorConfiguration(port: 0, scale: 500, rateLimit: nil))
        try await simulator.whileRunning { base in
            let server = RunningSimulator(base: base)
            let path = "/entity/demand?limit=1&order=updated,desc"
            let newest = try #require(try await server.get(path).rows.first)
            let href = try #require((newest["meta"] as? [String: Any])?["href"] as? String)
            let changed = try await server.send("PUT", href, body: ["description": "сейчас"])
            let moment = try #require(ShopTime(changed.json["updated"] as? String ?? ""))
            #expect(abs(moment.milliseconds - ShopClock.wall().milliseconds) < 60_000)
            let before = try #require(ShopTime(newest["updated"] as? String ?? ""))
            #expect(before <= ShopTime(day: moment.day))
        }
    }
}
