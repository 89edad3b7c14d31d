import APIContract
import HTTPTypes
import Logging
import Synchronization
import Testing

@testable import HTTPAPI

@Suite("Paths, health and the log")
struct PathTests {
    @Test(
        "unknown paths and wrong methods are problems too",
        arguments: [
            (HTTPRequest.Method.get, "/"), (.get, "/api/v1/nothing"), (.get, "/api/v1/query"),
            (.delete, "/api/v1/tables"), (.post, "/healthz"), (.put, "/api/v1/auth/token"),
            (.get, "/%ff/../x"),
        ])
    func unknown(method: HTTPRequest.Method, path: String) async throws {
        let reply = try await TestAPI().with { try await $0.send(method, path) }
        #expect(try reply.problem().code == "not_found" && reply.status == 404)
        #expect(reply.headers[.xContentTypeOptions] == "nosniff")
    }

    @Test("health answers always, readiness says what is missing")
    func health() async throws {
        let missing = HealthReply.Check(name: "mirror", isReady: false, detail: "waiting for the record")
        let fine = HealthReply.Check(name: "record", isReady: true, detail: "answers")
        let notReady = try await TestAPI(ready: [fine, missing]).with { api in
            #expect(
                try await api.send(.get, "/healthz").decode(HealthReply.self) == HealthReply(status: "ok"))
            return try await api.send(.get, "/readyz")
        }
        #expect(notReady.status == 503)
        #expect(
            try notReady.decode(HealthReply.self)
                == HealthReply(status: "unavailable", checks: [fine, missing]))
        let ready = try await TestAPI(ready: [fine]).with { try await $0.send(.get, "/readyz") }
        #expect(ready.status == 200)
        #expect(try ready.decode(HealthReply.self) == HealthReply(status: "ok", checks: [fine]))
    }

    @Test("tables are listed with their columns")
    func tables() async throws {
        let token = try await TestAPI.token(.viewer)
        let reply = try await TestAPI().with { try await $0.send(.get, "/api/v1/tables", token: token) }
        let tables = try reply.decode(TablesReply.self).tables
        #expect(tables.map(\.name) == ["product"] && tables[0].rowCount == 3)
        #expect(tables[0].columns == [.init(name: "id", type: "BIGINT", nullable: false)])
    }

    @Test("each request leaves one line, without SQL, passwords and tokens")
    func accessLog() async throws {
        let lines = LogLines()
        var api = TestAPI()
        api.logger = Logger(label: "test") { _ in LineHandler(lines: lines) }
        let token = try await TestAPI.token(.analyst)
        let query = try await api.with { api in
            _ = try await api.signIn("anna", "guessed password")
            _ = try await api.send(.get, "/api/v1/nothing?key=query-secret")
            return try await api.query("SELECT 'sql-secret'", token: token)
        }
        let written = lines.all
        let paths = written.map { "\($0["method"] ?? "") \($0["path"] ?? "") \($0["status"] ?? "")" }
        #expect(
            paths == [
                "POST /api/v1/auth/token 401", "GET /api/v1/nothing 404", "POST /api/v1/query 200",
            ])
        let requestID = try #require(HTTPField.Name("X-Request-Id"))
        #expect(written.last?["hb.request.id"] == query.headers[requestID])
        #expect(written.allSatisfy { Double($0["milliseconds"] ?? "") != nil })
        let everything = "\(written)"
        for secret in ["guessed", "secret", token] { #expect(!everything.contains(secret)) }
    }

    /// The metadata of each line at level info and above.
    private final class LogLines: Sendable {
        private let lines = Mutex<[[String: String]]>([])
        var all: [[String: String]] { lines.withLock { $0 } }
        func append(_ line: [String: String]) { lines.withLock { $0.append(line) } }
    }

    private struct LineHandler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .info

        init(lines: LogLines) { self.lines = lines }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
            lines.append(all.mapValues { "\($0)" })
        }
    }
}
