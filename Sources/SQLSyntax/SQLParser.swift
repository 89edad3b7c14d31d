/// The way in: from text to syntax trees. Every error is an `SQLError` with a position; no text traps.
public enum SQLParser {
    /// A statement and the part of the text that it stands on.
    public struct ParsedStatement: Hashable, Sendable {
        public var statement: Statement
        public var span: SourceSpan
    }

    /// All statements of a text, with semicolons between them; empty ones are left out.
    public static func statements(in text: String) throws(SQLError) -> [ParsedStatement] {
        var parser = try Parser(text)
        var statements: [ParsedStatement] = []
        while true {
            while parser.accept(.semicolon) { continue }
            if parser.token.kind == .end { return statements }
            let start = parser.token.span
            let statement = try parser.parseStatement()
            statements.append(ParsedStatement(statement: statement, span: parser.span(from: start)))
            guard parser.token.kind == .end || parser.at(.semicolon) else { throw parser.unexpected() }
        }
    }

    /// The one statement of a text.
    public static func statement(in text: String) throws(SQLError) -> Statement {
        let all = try statements(in: text)
        guard let first = all.first else {
            throw SQLError(.syntaxError, "there is no statement", position: 1)
        }
        if all.count > 1 {
            throw SQLError(
                .syntaxError, "only one statement is allowed here", position: all[1].span.start)
        }
        return first.statement
    }

    /// A text that is one scalar expression.
    public static func expression(in text: String) throws(SQLError) -> SQLExpression {
        var parser = try Parser(text)
        let expression = try parser.parseExpression()
        guard parser.token.kind == .end else { throw parser.unexpected() }
        return expression
    }

    /// Every name and word of a text, folded as names are.
    public static func words(in text: String) throws(SQLError) -> Set<String> {
        Set(
            try Lexer.tokens(of: text).compactMap { token in
                switch token.kind {
                case .identifier, .quotedIdentifier, .keyword: token.text
                default: nil
                }
            })
    }

    /// Cuts a script at its semicolons without parsing the statements, so that one with a syntax error does
    /// not hide the others. Semicolons in strings, names and comments do not cut. Pieces without a token
    /// are left out.
    ///
    /// - Throws: `syntaxError` when the text does not even lex, for example at an unterminated string.
    public static func split(_ script: String) throws(SQLError) -> [String] {
        let bytes = Array(script.utf8)
        var pieces: [String] = []
        var first: Int?
        var last = 0
        for token in try Lexer.tokens(of: script) {
            if token.kind == .symbol(.semicolon) || token.kind == .end {
                if let first { pieces.append(String(decoding: bytes[first..<last], as: UTF8.self)) }
                first = nil
            } else {
                first = first ?? token.bytes.lowerBound
                last = token.bytes.upperBound
            }
        }
        return pieces
    }
}
