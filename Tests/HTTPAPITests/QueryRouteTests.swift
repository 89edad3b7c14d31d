import APIContract
import Columns
import Foundation
import HTTPTypes
import Testing
import WarehouseEngine

@testable import HTTPAPI

@Suite("Queries over HTTP")
struct QueryRouteTests {
    private struct Answer: Decodable {
        struct Column: Decodable, Equatable {
            var name: String
            var type: String
        }
        var columns: [Column]
        var rows: [[String?]]
        var rowCount: Int
    }

    @Test("parameters arrive in order with all their digits")
    func parameters() async throws {
        let token = try await TestAPI.token(.analyst)
        let reply = try await TestAPI().with {
            try await $0.query(
                "SELECT 1", #"[null,true,-7,12.340,0.1,123456789012345678901234567890,1e300,"Анна"]"#,
                token: token)
        }
        #expect(reply.status == 200)
        let expected: [Value] = [
            .null, .boolean(true), .bigint(-7), .decimal(unscaled: 1234, scale: 2),
            .decimal(unscaled: 1, scale: 1),
            .decimal(unscaled: 123_456_789_012_345_678_901_234_567_890, scale: 0),
            .doublePrecision(1e300), .text("Анна"),
        ]
        #expect(try reply.decode(Answer.self).rows == [expected.map { "\($0)" }])
    }

    @Test(
        "the answer comes in the format that Accept asks for",
        arguments: [
            (nil, "application/json"), ("*/*", "application/json"),
            ("application/*;q=0.1", "application/json"),
            ("application/x-ndjson", "application/x-ndjson"), ("Text/CSV; q=1", "text/csv; charset=utf-8"),
            ("text/html, text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
            ("text/plain", "text/plain; charset=utf-8"),
        ])
    func formats(accept: String?, type: String) async throws {
        let token = try await TestAPI.token(.analyst)
        let reply = try await TestAPI().with { try await $0.query("x", "[1]", accept: accept, token: token) }
        #expect(reply.status == 200 && reply.headers[.contentType] == type)
        #expect(reply.headers[.cacheControl] == "no-store")
        #expect(reply.headers[.xContentTypeOptions] == "nosniff")
        #expect(reply.text.contains("p1"))
    }

    @Test("a format that there is none of is refused before the query runs")
    func notAcceptable() async throws {
        let token = try await TestAPI.token(.analyst)
        let queries = MemoryQueries { _, _ in throw QueryError(code: "XX000", message: "was run") }
        let reply = try await TestAPI(queries: queries).with {
            try await $0.query("x", accept: "image/png", token: token)
        }
        #expect(try reply.problem().code == "not_acceptable" && reply.status == 406)
    }

    @Test("SQL may come as plain text; other types are refused")
    func bodies() async throws {
        let token = try await TestAPI.token(.analyst)
        let queries = MemoryQueries { sql, _ in EchoRows([.text(sql)]) }
        try await TestAPI(queries: queries).with { api in
            let plain = try await api.send(
                .post, "/api/v1/query", body: "SELECT ё",
                headers: [.contentType: "text/plain; charset=utf-8", .accept: "text/csv"], token: token)
            #expect(plain.status == 200 && plain.text.contains("SELECT ё"))
            let form = try await api.send(
                .post, "/api/v1/query", body: "sql=1",
                headers: [.contentType: "application/x-www-form-urlencoded"], token: token)
            #expect(try form.problem().code == "unsupported_media_type" && form.status == 415)
        }
    }

    @Test(
        "a body that is not what the path takes is refused with a reason",
        arguments: [
            ("{", "the body is not JSON"), ("", "the body is not JSON"),
            (#"{"parameters":[]}"#, "the body lacks the field sql"),
            (#"{"sql":7}"#, "the body has a wrong value at sql"),
            (#"{"sql":"x","parameters":[[1]]}"#, "parameters"),
        ])
    func badBodies(body: String, reason: String) async throws {
        let token = try await TestAPI.token(.analyst)
        let reply = try await TestAPI().with {
            try await $0.send(.post, "/api/v1/query", body: body, token: token)
        }
        let problem = try reply.problem()
        #expect(reply.status == 400 && problem.code == "bad_request")
        #expect(problem.detail.contains(reason), "\(problem.detail)")
    }

    @Test("a body of a mebibyte passes, a longer one does not")
    func tooLarge() async throws {
        let token = try await TestAPI.token(.analyst)
        let headers: HTTPFields = [.contentType: "text/plain", .accept: "text/csv"]
        try await TestAPI(queries: MemoryQueries { sql, _ in EchoRows([.bigint(Int64(sql.utf8.count))]) })
            .with {
                let longest = String(repeating: "x", count: APIServer.requestBytesMax)
                let passed = try await $0.send(
                    .post, "/api/v1/query", body: longest, headers: headers, token: token)
                #expect(passed.status == 200 && passed.text.contains("1048576"))
                let refused = try await $0.send(
                    .post, "/api/v1/query", body: longest + "x", headers: headers, token: token)
                #expect(try refused.problem().code == "too_large" && refused.status == 413)
            }
    }

    @Test(
        "an error before the first row is a problem with its own status",
        arguments: [
            ("42601", 400), ("42P01", 400), ("57014", 408), ("53200", 503), ("58030", 500), ("XX001", 500),
        ])
    func errors(code: String, status: Int) async throws {
        let token = try await TestAPI.token(.analyst)
        let error = QueryError(code: code, message: "what went wrong", position: 8, hint: "do otherwise")
        let queries = MemoryQueries { sql, _ in
            if sql == "at once" { throw error }
            return NumberRows(rowCount: 0, failure: error)
        }
        try await TestAPI(queries: queries).with { api in
            for sql in ["at once", "at the first row"] {
                let reply = try await api.query(sql, token: token)
                let problem = try reply.problem()
                #expect(reply.status == status && problem.code == code && problem.position == 8)
                #expect(problem.detail == "what went wrong" && problem.hint == "do otherwise")
            }
        }
    }

    @Test("a fault of the server shows its request id and nothing else")
    func internalFault() async throws {
        struct Fault: Error { let path = "/secret/place" }
        let token = try await TestAPI.token(.analyst)
        let reply = try await TestAPI(queries: MemoryQueries { _, _ in throw Fault() }).with {
            try await $0.query("x", token: token)
        }
        #expect(try reply.problem().code == "internal" && reply.status == 500)
        #expect(!reply.text.contains("secret"))
    }

    @Test("many rows come whole")
    func manyRows() async throws {
        let token = try await TestAPI.token(.analyst)
        let queries = MemoryQueries { _, _ in NumberRows(rowCount: 30_000) }
        let reply = try await TestAPI(queries: queries).with {
            try await $0.query("x", accept: "application/x-ndjson", token: token)
        }
        let lines = reply.text.split(separator: "\n")
        #expect(lines.count == 30_000)
        #expect(lines.last?.hasPrefix(#"{"number":29999,"#) == true)
    }

    @Test("a query beyond the limit is told to come again, while sign-in and health answer")
    func busy() async throws {
        let token = try await TestAPI.token(.analyst)
        let gate = DispatchSemaphore(value: 0)
        var api = TestAPI(
            queries: MemoryQueries { sql, values in
                if sql == "hold" { gate.wait() }
                return EchoRows(values)
            })
        api.threads = QueryThreads(limits: .init(runningMax: 1, waitingMax: 8, patience: .milliseconds(30)))
        let threads = api.threads
        try await api.with { api in
            async let held = api.query("hold", token: token)
            #expect(try await eventually { threads.runningCount == 1 })
            let refused = try await api.query("x", token: token)
            #expect(try refused.problem().code == "too_busy" && refused.status == 503)
            #expect(try await api.send(.get, "/healthz").status == 200)
            #expect(try await api.send(.get, "/readyz").status == 200)
            #expect(try await api.signIn("anna", "correct horse").status == 200)
            gate.signal()
            #expect(try await held.status == 200)
            #expect(try await eventually { threads.runningCount == 0 })
            #expect(try await api.query("x", token: token).status == 200)
        }
    }
}
