/// An error of a query as PostgreSQL's clients know it.
public struct QueryError: Error, Hashable, Sendable {
    /// The SQLSTATE, five characters.
    public var code: String
    public var message: String
    /// Where in the SQL text, in characters from 1.
    public var position: Int?
    public var hint: String?

    public init(code: String, message: String, position: Int? = nil, hint: String? = nil) {
        self.code = code
        self.message = message
        self.position = position
        self.hint = hint
    }
}

extension QueryError: CustomStringConvertible {
    /// One line: the message, its place and the hint.
    public var description: String {
        var text = "\(message) (\(code)"
        if let position { text += ", at character \(position)" }
        text += ")"
        if let hint { text += "; \(hint)" }
        return text
    }
}
