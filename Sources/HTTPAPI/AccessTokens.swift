import APIContract
import Crypto
import Foundation
import Hummingbird
import JWTKit

/// Short-lived signed tokens that carry login and role, so that a request costs no look-up.
struct AccessTokens: Sendable {
    static let lifetimeSeconds = 15 * 60
    private static let issuer = "ambar"
    private let keys: JWTKeyCollection

    struct Claims: JWTPayload {
        var sub: SubjectClaim
        var iss: IssuerClaim
        var exp: ExpirationClaim
        var iat: IssuedAtClaim
        var role: Role

        func verify(using algorithm: some JWTAlgorithm) async throws {
            try exp.verifyNotExpired()
            guard iss.value == AccessTokens.issuer else {
                throw JWTError.claimVerificationFailure(failedClaim: iss, reason: "another issuer")
            }
        }
    }

    /// - Parameter key: At least 32 random bytes.
    init(key: [UInt8]) async {
        keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(key: SymmetricKey(data: key)), digestAlgorithm: .sha256)
    }

    func issue(to account: Account, now: Date = Date()) async throws -> String {
        let claims = Claims(
            sub: SubjectClaim(value: account.login), iss: IssuerClaim(value: Self.issuer),
            exp: ExpirationClaim(value: now.addingTimeInterval(TimeInterval(Self.lifetimeSeconds))),
            iat: IssuedAtClaim(value: now), role: account.role)
        return try await keys.sign(claims)
    }

    /// - Throws: A 401 problem for a token that is malformed, forged or too old.
    func account(of token: String) async throws -> Account {
        do {
            let claims = try await keys.verify(token, as: Claims.self)
            return Account(login: claims.sub.value, role: claims.role)
        } catch {
            throw Problem.unauthenticated("the access token is invalid or has expired; sign in again")
        }
    }
}

/// Lets a request through only with a valid access token.
struct Authentication: RouterMiddleware {
    typealias Context = APIRequestContext

    let tokens: AccessTokens

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let header = request.headers[.authorization] else {
            throw Problem.unauthenticated(
                "the Authorization header is missing; sign in: POST /api/v1/auth/token")
        }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw Problem.unauthenticated("the Authorization header must be: Bearer TOKEN")
        }
        var context = context
        context.account = try await tokens.account(of: String(parts[1]))
        return try await next(request, context)
    }
}
