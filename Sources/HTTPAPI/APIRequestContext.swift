import APIContract
import Hummingbird
import Logging

/// What is known about a request while it is answered.
struct APIRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let connection: ConnectionReset
    /// Names the request in its answer and in the log.
    let requestID: String
    /// Set by `Authentication`.
    var account: Account?

    init(source: Source) {
        coreContext = .init(source: source)
        connection = ConnectionReset(source.channel)
        // The library keeps the id in the logger alone, and a log handler need not keep what it is given.
        let known = source.logger[metadataKey: "hb.request.id"]
        requestID = known.map { "\($0)" } ?? "\(RequestID())"
    }

    /// Request bodies are small: SQL and sign-ins.
    var maxUploadSize: Int { APIServer.requestBytesMax }

    /// The account of a request that passed `Authentication`, if its role suffices.
    ///
    /// - Throws: A 403 problem.
    func requireAccount(atLeast role: Role) throws -> Account {
        guard let account else { throw Problem.unauthenticated("sign in first: POST /api/v1/auth/token") }
        guard account.role >= role else {
            throw Problem(
                status: 403, title: "Forbidden", code: "forbidden",
                detail: "this needs the role \(role.rawValue) or higher; you have \(account.role.rawValue)")
        }
        return account
    }
}

extension Problem {
    static func unauthenticated(_ detail: String) -> Problem {
        Problem(status: 401, title: "Unauthorized", code: "unauthenticated", detail: detail)
    }

    static func badRequest(_ detail: String) -> Problem {
        Problem(status: 400, title: "Bad Request", code: "bad_request", detail: detail)
    }
}
