/// What is wrong with a statement, in the form in which PostgreSQL says it.
public struct SQLError: Error, Hashable, Sendable {
    public var code: SQLState
    public var message: String
    /// Where in the text, as a 1-based count of characters (Unicode scalars); nil where no place is to blame.
    public var position: Int?
    /// What to try instead, as one sentence.
    public var hint: String?

    public init(_ code: SQLState, _ message: String, position: Int? = nil, hint: String? = nil) {
        self.code = code
        self.message = message
        self.position = position
        self.hint = hint
    }
}

extension SQLError: CustomStringConvertible {
    public var description: String {
        let place = position.map { " (at character \($0))" } ?? ""
        let advice = hint.map { "; hint: \($0)" } ?? ""
        return "\(code.rawValue): \(message)\(place)\(advice)"
    }
}
