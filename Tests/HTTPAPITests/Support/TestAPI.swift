import APIContract
import Columns
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Testing

@testable import HTTPAPI

/// The API over given services, called without a socket.
struct TestAPI: Sendable {
    var services: APIServices
    var threads = QueryThreads()
    var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init(
        queries: any QueryService = MemoryQueries { _, values in EchoRows(values) },
        accounts: any AccountService = MemoryAccounts(), ready checks: [HealthReply.Check] = []
    ) {
        services = APIServices(queries: queries, accounts: accounts, readiness: MemoryReadiness(list: checks))
    }

    var server: APIServer { APIServer(services: services, logger: logger, threads: threads) }

    func with<Result: Sendable>(
        _ body: @escaping @Sendable (Client) async throws -> Result
    ) async throws -> Result {
        let application = Application(router: try await server.router(), logger: logger)
        return try await application.test(.router) { try await body(Client(client: $0)) }
    }

    /// An access token of the memory accounts' key.
    static func token(
        _ role: Role, issued: Date = Date(), key: [UInt8] = MemoryAccounts.key
    ) async throws -> String {
        try await AccessTokens(key: key).issue(to: Account(login: "anna", role: role), now: issued)
    }
}

extension TestAPI {
    struct Reply: Sendable {
        var status: Int
        var headers: HTTPFields
        var text: String

        func decode<Body: Decodable>(_ type: Body.Type) throws -> Body {
            try JSONDecoder().decode(type, from: Data(text.utf8))
        }

        /// The problem that the answer is, with what every problem has.
        func problem() throws -> Problem {
            #expect(headers[.contentType] == Problem.mediaType)
            let problem = try decode(Problem.self)
            #expect(problem.status == status)
            let requestID = try #require(HTTPField.Name("X-Request-Id"))
            #expect(problem.requestId != nil && problem.requestId == headers[requestID])
            return problem
        }
    }

    struct Client: Sendable {
        let client: any TestClientProtocol

        func send(
            _ method: HTTPRequest.Method, _ path: String, body: String? = nil, headers: HTTPFields = [:],
            token: String? = nil
        ) async throws -> Reply {
            var headers = headers
            if let token { headers[.authorization] = "Bearer \(token)" }
            if body != nil, headers[.contentType] == nil { headers[.contentType] = "application/json" }
            let reply = try await client.executeRequest(
                uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
            return Reply(
                status: reply.status.code, headers: reply.headers, text: String(buffer: reply.body))
        }

        func query(
            _ sql: String, _ parameters: String = "[]", accept: String? = nil, token: String
        ) async throws -> Reply {
            let quoted = String(decoding: try JSONEncoder().encode(sql), as: UTF8.self)
            var headers: HTTPFields = [:]
            if let accept { headers[.accept] = accept }
            return try await send(
                .post, "/api/v1/query", body: "{\"sql\":\(quoted),\"parameters\":\(parameters)}",
                headers: headers, token: token)
        }

        func signIn(_ login: String, _ password: String) async throws -> Reply {
            let body = try JSONEncoder().encode(TokenRequest(login: login, password: password))
            return try await send(.post, "/api/v1/auth/token", body: String(decoding: body, as: UTF8.self))
        }

        func refresh(_ token: String) async throws -> Reply {
            let body = try JSONEncoder().encode(TokenRequest(refreshToken: token))
            return try await send(.post, "/api/v1/auth/token", body: String(decoding: body, as: UTF8.self))
        }
    }
}

/// Waits until something that happens on another thread has happened.
func eventually(_ condition: @Sendable () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(2))
    }
    return false
}
