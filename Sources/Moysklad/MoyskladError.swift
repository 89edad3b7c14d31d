/// Everything that can go wrong between us and Moysklad. `description` is one line that names the thing and,
/// where there is one, the way out.
public enum MoyskladError: Error, Sendable, Hashable {
    /// The token or the password is wrong, revoked, or its user is blocked (HTTP 401).
    case wrongCredentials(host: String, usesToken: Bool)
    /// The user has no access to the API (code 1061).
    case noAccessToAPI(host: String)
    /// The user lacks a right.
    case forbidden(path: String, code: Int?, message: String)
    /// The tariff of the account does not include this.
    case notInTariff(path: String, code: Int)
    /// No such object or resource.
    case notFound(path: String)
    /// Moysklad does not accept the request; repeating it does not help.
    case badRequest(path: String, status: Int, code: Int?, message: String)
    /// So many answers 429 came that going on could get the user's access switched off.
    case tooManyRefusals(host: String, count: Int)
    /// The server was not reached.
    case unreachable(host: String, reason: String)
    /// The server did not answer in time.
    case timedOut(host: String, path: String)
    /// The server failed again and again.
    case serverFailed(host: String, path: String, status: Int)
    /// The answer is not what the API promises.
    case unexpectedAnswer(path: String, reason: String)
    /// The bytes are not JSON.
    case malformedJSON(byteOffset: Int, reason: String)
    /// A field of an object does not fit.
    case field(path: String, reason: String)
    /// The base URL or the credentials cannot be used.
    case configuration(reason: String)
    /// The task was cancelled.
    case cancelled
}

extension MoyskladError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .wrongCredentials(let host, true):
            "Moysklad at \(host) refuses the token: it is wrong or was revoked; issue a new one in "
                + "Moysklad under "
                + "Settings, Access tokens"
        case .wrongCredentials(let host, false):
            "Moysklad at \(host) refuses the login or the password: check them in Moysklad, or use an "
                + "access token"
        case .noAccessToAPI(let host):
            "the user has no access to the API of Moysklad at \(host): grant it in Moysklad under "
                + "Settings, Employees"
        case .forbidden(let path, let code, let message):
            "Moysklad does not let this user read \(path): \(message)\(Self.suffix(code))"
        case .notInTariff(let path, let code):
            "the Moysklad tariff does not include \(path) (code \(code))"
        case .notFound(let path):
            "Moysklad has no such object: \(path)"
        case .badRequest(let path, let status, let code, let message):
            "Moysklad does not accept the request \(path): \(message) (HTTP "
                + "\(status)\(code.map { ", code \($0)" } ?? ""))"
        case .tooManyRefusals(let host, let count):
            "Moysklad at \(host) refused \(count) requests in a row for their rate: stopped, for going "
                + "on could get the "
                + "user switched off; try again later"
        case .unreachable(let host, let reason):
            "cannot reach Moysklad at \(host): \(reason); check the network and the address"
        case .timedOut(let host, let path):
            "Moysklad at \(host) did not answer in time: \(path)"
        case .serverFailed(let host, let path, let status):
            "Moysklad at \(host) keeps failing with HTTP \(status): \(path); try again later"
        case .unexpectedAnswer(let path, let reason):
            "Moysklad answered something unexpected to \(path): \(reason)"
        case .malformedJSON(let byteOffset, let reason):
            "this is not JSON: \(reason) at byte \(byteOffset)"
        case .field(let path, let reason):
            "field does not fit: \(path): \(reason)"
        case .configuration(let reason):
            "cannot use the Moysklad settings: \(reason)"
        case .cancelled:
            "the request to Moysklad was cancelled"
        }
    }

    private static func suffix(_ code: Int?) -> String { code.map { " (code \($0))" } ?? "" }
}
