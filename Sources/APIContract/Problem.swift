/// An error as `application/problem+json` (RFC 9457), with the fields that this API adds.
public struct Problem: Codable, Hashable, Sendable, Error {
    public static let mediaType = "application/problem+json"

    public var type: String
    public var title: String
    public var status: Int
    /// An SQLSTATE for errors of SQL, otherwise a word such as `unauthenticated`.
    public var code: String
    public var detail: String
    /// Where in the SQL text, counted in characters from 1.
    public var position: Int?
    public var hint: String?
    /// Also in the answer's `X-Request-Id` header and in the server's log.
    public var requestId: String?

    public init(
        status: Int, title: String, code: String, detail: String, position: Int? = nil, hint: String? = nil
    ) {
        type = "about:blank"
        self.title = title
        self.status = status
        self.code = code
        self.detail = detail
        self.position = position
        self.hint = hint
    }
}
