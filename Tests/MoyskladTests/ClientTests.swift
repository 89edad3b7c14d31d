import Foundation
import Moysklad
import Testing

@Suite("Client")
struct ClientTests {
    private func client(
        _ server: ScriptedServer, attempts: Int = 4, limits: RateLimiter.Limits = .init(),
        credentials: MoyskladConfiguration.Credentials = .token("t0ken"), timeLimit: Duration = .seconds(10)
    ) throws -> MoyskladClient {
        try MoyskladClient(
            MoyskladConfiguration(
                baseURL: server.url + "/api/remap/1.2/", credentials: credentials, limits: limits,
                retries: RetryPolicy(
                    attemptsMax: attempts, firstWait: .milliseconds(2), longestWait: .milliseconds(10)),
                timeLimit: timeLimit))
    }

    @Test("a request carries what Moysklad demands")
    func headers() async throws {
        let server = try ScriptedServer { _, _ in .json(#"{"rows": [], "meta": {"size": 0}}"#) }
        defer { server.stop() }
        let page = try await client(server).page(
            ListRequest(
                "entity/demand", filters: ["updated>=2026-01-01 00:00:00"], order: "id,asc", limit: 100))
        #expect(page.rows.isEmpty && page.size == 0)
        let request = try #require(server.requests.first)
        #expect(request.headers["accept-encoding"] == "gzip")
        #expect(request.headers["accept"] == "application/json;charset=utf-8")
        #expect(request.headers["authorization"] == "Bearer t0ken")
        #expect(request.headers["content-type"] == nil)
        #expect(
            request.target == "/api/remap/1.2/entity/demand?limit=100&offset=0"
                + "&filter=updated%3E%3D2026-01-01%2000%3A00%3A00&order=id%2Casc")
    }

    @Test("a login goes as Basic and can be exchanged for a token")
    func basic() async throws {
        let server = try ScriptedServer { _, _ in .json(#"{"access_token": "abc"}"#) }
        defer { server.stop() }
        let token = try await client(server, credentials: .password(login: "admin@shop", password: "тайна"))
            .issueToken()
        #expect(token == "abc")
        let request = try #require(server.requests.first)
        #expect(request.method == "POST" && request.target == "/api/remap/1.2/security/token")
        let expected = Data("admin@shop:тайна".utf8).base64EncodedString()
        #expect(request.headers["authorization"] == "Basic \(expected)")
    }

    @Test("passing faults are tried again", arguments: [500, 502, 503, 504])
    func retries(status: Int) async throws {
        let server = try ScriptedServer { _, index in
            index < 2
                ? .init(status: status, headers: ["Content-Type": "text/html"], body: Array("<html>".utf8))
                : .json("{}")
        }
        defer { server.stop() }
        _ = try await client(server).get("entity/store")
        #expect(server.requests.count == 3)
    }

    @Test(
        "maintenance and a parallel change are tried again by their code",
        arguments: [(503, 1074), (412, 1065)])
    func retriesByCode(status: Int, code: Int) async throws {
        let server = try ScriptedServer { _, index in index == 0 ? .error(status, code: code) : .json("{}") }
        defer { server.stop() }
        _ = try await client(server).get("entity/store")
        #expect(server.requests.count == 2)
    }

    @Test("other faults are not tried again, and say what to do")
    func permanentFaults() async throws {
        let cases: [(ScriptedServer.Reply, MoyskladError)] = [
            (.error(401, code: 1056), .wrongCredentials(host: "", usesToken: true)),
            (.error(403, code: 1061), .noAccessToAPI(host: "")),
            (.error(403, code: 1016), .forbidden(path: "entity/store", code: 1016, message: "Отказ")),
            (.error(403, code: 47000), .notInTariff(path: "entity/store", code: 47000)),
            (.error(404, code: 1021), .notFound(path: "entity/store")),
            (
                .error(412, code: 1002),
                .badRequest(path: "entity/store", status: 412, code: 1002, message: "Отказ")
            ),
            (
                .init(status: 415, body: []),
                .badRequest(path: "entity/store", status: 415, code: nil, message: "no explanation")
            ),
        ]
        for (reply, expected) in cases {
            let server = try ScriptedServer { _, _ in reply }
            defer { server.stop() }
            do {
                _ = try await client(server).get("entity/store?limit=1")
                Issue.record("accepted \(reply.status)")
            } catch let error as MoyskladError {
                let host = "127.0.0.1:\(server.port)"
                switch expected {
                case .wrongCredentials: #expect(error == .wrongCredentials(host: host, usesToken: true))
                case .noAccessToAPI: #expect(error == .noAccessToAPI(host: host))
                default: #expect(error == expected)
                }
                #expect(!error.description.contains("\n") && !error.description.contains("t0ken"))
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test("a refusal for the rate waits as long as it says and goes on")
    func rateRefusal() async throws {
        let server = try ScriptedServer { _, index in
            index == 0
                ? .error(
                    429, code: 1049, headers: ["X-Lognex-Retry-After": "150", "X-RateLimit-Limit": "45"])
                : .json("{}", headers: ["X-RateLimit-Limit": "45", "X-RateLimit-Remaining": "44"])
        }
        defer { server.stop() }
        let started = ContinuousClock.now
        let client = try client(server)
        _ = try await client.get("entity/store")
        #expect(ContinuousClock.now - started >= .milliseconds(150))
        #expect(await client.refusalCount == 1)
    }

    @Test("refusals without end stop before the user is switched off")
    func breaker() async throws {
        let server = try ScriptedServer { _, _ in
            .error(429, code: 1049, headers: ["X-Lognex-Retry-After": "1"])
        }
        defer { server.stop() }
        do {
            _ = try await client(server, limits: .init(refusalsMax: 5)).get("entity/store")
            Issue.record("accepted")
        } catch let error as MoyskladError {
            #expect(error == .tooManyRefusals(host: "127.0.0.1:\(server.port)", count: 5))
        }
        #expect(server.requests.count == 5)
    }

    @Test("a connection that breaks is replaced by a fresh one")
    func reset() async throws {
        let server = try ScriptedServer { _, index in index == 1 ? .reset : .json("{}") }
        defer { server.stop() }
        let client = try client(server)
        _ = try await client.get("entity/store")
        _ = try await client.get("entity/store")
        let connections = server.requests.map(\.connection)
        #expect(
            connections.count == 3 && connections[0] == connections[1] && connections[2] != connections[1])
    }

    @Test("no connection serves more than 100 requests")
    func connectionAge() async throws {
        let server = try ScriptedServer { _, _ in .json("{}") }
        defer { server.stop() }
        let client = try client(server)
        for _ in 0..<250 { _ = try await client.get("entity/store") }
        let perConnection = Dictionary(grouping: server.requests, by: \.connection).mapValues(\.count)
        #expect(server.requests.count == 250)
        #expect(perConnection.values.allSatisfy { $0 <= 100 })
        #expect(perConnection.count <= 5, "connections are kept alive")
    }

    @Test("never more than five requests at once")
    func parallel() async throws {
        let server = try ScriptedServer { _, _ in .json("{}") }
        defer { server.stop() }
        let client = try client(server)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<60 { group.addTask { _ = try await client.get("entity/store") } }
            try await group.waitForAll()
        }
        #expect(server.requests.count == 60)
        #expect(Set(server.requests.map(\.connection)).count <= 6)
    }

    @Test("an empty or foreign body of a good answer is no JSON")
    func emptyBody() async throws {
        for reply in [
            ScriptedServer.Reply(body: []), .init(headers: ["Content-Type": "text/html"], body: [60]),
        ] {
            let server = try ScriptedServer { _, _ in reply }
            defer { server.stop() }
            await #expect(throws: MoyskladError.self) {
                try await client(server, attempts: 2).get("entity/store")
            }
            #expect(server.requests.count == 2)
        }
    }

    @Test("a host that does not answer is named")
    func unreachable() async throws {
        let server = try ScriptedServer { _, _ in .reset }
        let client = try client(server, attempts: 2)
        server.stop()
        do {
            _ = try await client.get("entity/store")
            Issue.record("accepted")
        } catch {
            #expect(error.description.contains("127.0.0.1:\(server.port)"))
        }
    }

    @Test("an answer that takes too long is abandoned")
    func timeLimit() async throws {
        let server = try ScriptedServer { _, _ in
            Thread.sleep(forTimeInterval: 0.4)
            return .json("{}")
        }
        defer { server.stop() }
        do {
            _ = try await client(server, attempts: 1, timeLimit: .milliseconds(50)).get("entity/store")
            Issue.record("accepted")
        } catch let error as MoyskladError {
            #expect(error == .timedOut(host: "127.0.0.1:\(server.port)", path: "entity/store"))
        }
    }

    @Test("a cancelled task gives its request up")
    func cancellation() async throws {
        let server = try ScriptedServer { _, _ in
            Thread.sleep(forTimeInterval: 1)
            return .json("{}")
        }
        defer { server.stop() }
        let client = try client(server)
        let task = Task { try await client.get("entity/store") }
        while server.requests.isEmpty { await Task.yield() }
        task.cancel()
        await #expect(throws: MoyskladError.cancelled) { try await task.value }
    }

    @Test("a 308 leads to the object's own address")
    func redirect() async throws {
        let server = try ScriptedServer { request, _ in
            request.target.hasSuffix("/ui")
                ? .json("", status: 308, headers: ["Location": "/api/remap/1.2/entity/product/api"])
                : .json(#"{"name": "x"}"#)
        }
        defer { server.stop() }
        let root = try await client(server).get("entity/product/ui").root
        #expect(root["name"]?.string == "x")
        #expect(server.requests.last?.headers["authorization"] == "Bearer t0ken")
    }

    @Test("positions that were cut off are fetched and stand in the object")
    func cutPositions() async throws {
        @Sendable func position(_ index: Int) -> String {
            #"{"id": "40603fbd-019e-11e6-9464-e4de0000\#(String(format: "%04d", index))", "price": 1.50}"#
        }
        let server = try ScriptedServer { request, _ in
            let offset = request.target.contains("offset=1000") ? 1000 : 0
            let rows = (offset..<min(1203, offset + 1000)).map(position).joined(separator: ",")
            return .json(#"{"meta": {"size": 1203}, "rows": [\#(rows)]}"#)
        }
        defer { server.stop() }
        let client = try client(server)
        let id = #""id": "40603fbd-019e-11e6-9464-e4de00000086", "moment": "2026-01-01 10:00:00""#
        for rows in [#", "rows": [\#(position(0))]"#, ""] {
            let text = #"{"meta": {}, \#(id), "positions": {"meta": {"size": 1203}\#(rows)}, "sum": 1}"#
            let row = try JSONDocument(Array(text.utf8)).root
            let document = try await TradeDocument(ObjectReader(client.completed(row, type: .demand)))
            #expect(document.positions.count == 1203)
            #expect(Set(document.positions.map(\.id)).count == 1203)
            #expect(document.sum == ExactDecimal(1))
        }
        #expect(
            server.requests.first?.target.contains(
                "/entity/demand/40603fbd-019e-11e6-9464-e4de00000086/positions") == true)
    }

    @Test("settings that cannot work are refused at once")
    func configuration() {
        for configuration in [
            MoyskladConfiguration(baseURL: "ftp://x", credentials: .token("a")),
            MoyskladConfiguration(baseURL: "https://", credentials: .token("a")),
            MoyskladConfiguration(credentials: .token("")),
            MoyskladConfiguration(credentials: .token("a\r\nX: y")),
        ] {
            #expect(throws: MoyskladError.self) { try MoyskladClient(configuration) }
        }
    }
}
