/// One word or sign of a statement.
struct Token: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case identifier
        /// `text` is the word in lower case, so that it also serves as a name.
        case keyword(Keyword)
        case quotedIdentifier
        /// Digits without a point or an exponent.
        case integer
        case decimal
        case string
        case parameter(Int)
        case symbol(Symbol)
        /// `text` is the operator.
        case operation
        case end
    }

    enum Symbol: String, Hashable, Sendable {
        case leftParenthesis = "("
        case rightParenthesis = ")"
        case leftBracket = "["
        case rightBracket = "]"
        case comma = ","
        case semicolon = ";"
        case colon = ":"
        case dot = "."
        case doubleColon = "::"
    }

    var kind: Kind
    /// The value: a name as it counts, a string without its quotes, a number as written.
    var text: String
    var span: SourceSpan
    /// Bytes of the text that the token stands on.
    var bytes: Range<Int>
}
