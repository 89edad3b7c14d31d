import APIContract
import Foundation
import HTTPTypes
import Hummingbird

/// `POST /api/v1/auth/token`.
struct TokenRoutes: Sendable {
    let accounts: any AccountService
    let tokens: AccessTokens
    private let limiter = SignInLimiter()
    private static let loginBytesMax = 1000

    init(accounts: any AccountService, tokens: AccessTokens) {
        self.accounts = accounts
        self.tokens = tokens
    }

    func add(to group: RouterGroup<APIRequestContext>) {
        group.post("auth/token") { request, context in try await token(request, context) }
    }

    private func token(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let wanted = try await RequestBody.decode(TokenRequest.self, from: request)
        let session: Session?
        if let refreshToken = wanted.refreshToken {
            session = try await accounts.refresh(refreshToken)
            guard session != nil else {
                throw Problem.unauthenticated("the refresh token is unknown or used up")
            }
        } else {
            session = try await signIn(wanted)
        }
        guard let session else { throw Problem.unauthenticated("login or password is wrong") }
        let reply = TokenReply(
            accessToken: try await tokens.issue(to: session.account), expiresIn: AccessTokens.lifetimeSeconds,
            refreshToken: session.refreshToken, role: session.account.role)
        return try JSONReply.response(reply, headers: [.cacheControl: "no-store"])
    }

    private func signIn(_ wanted: TokenRequest) async throws -> Session? {
        guard let login = wanted.login, let password = wanted.password else {
            throw Problem.badRequest("the body needs login and password, or refreshToken")
        }
        // Nobody is called so; such a login is not worth the memory of its attempts.
        guard login.utf8.count <= Self.loginBytesMax else { return nil }
        if let wait = limiter.begin(login) {
            throw Problem(
                status: 429, title: "Too Many Requests", code: "too_many_attempts",
                detail: "too many failed sign-ins; wait \(wait.components.seconds + 1) s")
        }
        do {
            guard let session = try await accounts.signIn(login: login, password: password) else {
                return nil
            }
            limiter.succeeded(login)
            return session
        } catch {
            limiter.withdraw(login)
            throw error
        }
    }
}

/// Reads request bodies with errors that say what is wrong.
enum RequestBody {
    static func decode<Body: Decodable>(_ type: Body.Type, from request: Request) async throws -> Body {
        let data = Data(buffer: try await request.body.collect(upTo: APIServer.requestBytesMax))
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch let error as DecodingError {
            throw Problem.badRequest(explain(error))
        }
    }

    static func text(from request: Request) async throws -> String {
        let buffer = try await request.body.collect(upTo: APIServer.requestBytesMax)
        guard let text = String(validating: buffer.readableBytesView, as: UTF8.self) else {
            throw Problem.badRequest("the body is not UTF-8")
        }
        return text
    }

    private static func explain(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): return "the body lacks the field \(key.stringValue)"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            let place = context.codingPath.map(\.stringValue).joined(separator: ".")
            return "the body has a wrong value at \(place)"
        case .dataCorrupted: return "the body is not JSON"
        @unknown default: return "the body is not what this path takes"
        }
    }
}

/// Writes answers as JSON.
enum JSONReply {
    static func response(
        _ reply: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(
            status: status, headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: try encoder.encode(reply))))
    }
}
