/// A recursive-descent parser over the tokens of one text; expressions by precedence climbing.
///
/// Invariants: `index` names a token, the last of which is `.end`. `depth` is the nesting of the call
/// stack, `height` that of the largest tree made since the innermost `enter`; neither passes
/// `SQLLimits.nestingMax`.
struct Parser {
    let tokens: [Token]
    let source: [UInt8]
    private(set) var index = 0
    private var depth = 0
    private var height = 0

    init(_ text: String) throws(SQLError) {
        tokens = Self.withPlainOperators(try Lexer.tokens(of: text))
        source = Array(text.utf8)
    }

    /// `OPERATOR(pg_catalog.~)` as the operator itself: there is one schema of them.
    private static func withPlainOperators(_ tokens: [Token]) -> [Token] {
        guard tokens.contains(where: { $0.kind == .identifier && $0.text == "operator" }) else {
            return tokens
        }
        var result: [Token] = []
        var place = 0
        while place < tokens.count {
            let token = tokens[place]
            var next = place + 1
            if token.kind == .identifier, token.text == "operator", next < tokens.count,
                tokens[next].kind == .symbol(.leftParenthesis)
            {
                next += 1
                while next + 1 < tokens.count, tokens[next].kind == .identifier,
                    tokens[next + 1].kind == .symbol(.dot)
                { next += 2 }
                if next + 1 < tokens.count, tokens[next].kind == .operation,
                    tokens[next + 1].kind == .symbol(.rightParenthesis)
                {
                    result.append(tokens[next])
                    place = next + 2
                    continue
                }
            }
            result.append(token)
            place += 1
        }
        return result
    }

    var token: Token { tokens[index] }

    func peek(_ distance: Int = 1) -> Token { tokens[min(index + distance, tokens.count - 1)] }

    mutating func advance() { index = min(index + 1, tokens.count - 1) }

    /// The span from `start` to the last token taken.
    func span(from start: SourceSpan) -> SourceSpan {
        index > 0 ? start.through(tokens[index - 1].span) : start
    }

    // MARK: Nesting

    /// Begins a level of nesting; returns what `leave` wants back.
    mutating func enter() throws(SQLError) -> Int {
        depth += 1
        try checkNesting(depth)
        let outer = height
        height = 0
        return outer
    }

    mutating func leave(_ outer: Int) throws(SQLError) {
        depth -= 1
        try grow()
        height = max(outer, height)
    }

    /// Puts a node on top of everything that was made since the innermost `enter`.
    mutating func grow() throws(SQLError) {
        height += 1
        try checkNesting(height)
    }

    private func checkNesting(_ levels: Int) throws(SQLError) {
        guard levels <= SQLLimits.nestingMax else {
            throw SQLError(
                .statementTooComplex, "statement is nested too deeply", position: token.span.start,
                hint: "At most \(SQLLimits.nestingMax) levels are allowed.")
        }
    }

    // MARK: Errors

    func unexpected() -> SQLError { unexpected(token) }

    func unexpected(_ token: Token) -> SQLError {
        if token.kind == .end {
            return SQLError(.syntaxError, "syntax error at end of input", position: token.span.start)
        }
        let text = String(decoding: source[token.bytes], as: UTF8.self)
        return SQLError(.syntaxError, "syntax error at or near \"\(text)\"", position: token.span.start)
    }

    // MARK: Single tokens

    func at(_ keyword: Keyword) -> Bool { token.kind == .keyword(keyword) }
    func at(_ symbol: Token.Symbol) -> Bool { token.kind == .symbol(symbol) }
    func atOperator(_ text: String) -> Bool { token.kind == .operation && token.text == text }

    func at(_ first: Keyword, _ second: Keyword) -> Bool {
        at(first) && peek().kind == .keyword(second)
    }

    /// Whether the token is this word, though no keyword.
    func atWord(_ word: String) -> Bool { token.kind == .identifier && token.text == word }

    mutating func accept(_ keyword: Keyword) -> Bool {
        guard at(keyword) else { return false }
        advance()
        return true
    }

    mutating func accept(_ first: Keyword, _ second: Keyword) -> Bool {
        guard at(first, second) else { return false }
        advance()
        advance()
        return true
    }

    mutating func accept(_ symbol: Token.Symbol) -> Bool {
        guard at(symbol) else { return false }
        advance()
        return true
    }

    mutating func acceptOperator(_ text: String) -> Bool {
        guard atOperator(text) else { return false }
        advance()
        return true
    }

    mutating func acceptWord(_ word: String) -> Bool {
        guard atWord(word) else { return false }
        advance()
        return true
    }

    mutating func expect(_ keyword: Keyword) throws(SQLError) {
        guard accept(keyword) else { throw unexpected() }
    }

    mutating func expect(_ symbol: Token.Symbol) throws(SQLError) {
        guard accept(symbol) else { throw unexpected() }
    }

    mutating func expectInteger() throws(SQLError) -> Int {
        guard token.kind == .integer else { throw unexpected() }
        guard let value = Int(token.text), value <= Int(Int32.max) else {
            throw SQLError(
                .numericValueOutOfRange, "integer out of range: \(token.text)", position: token.span.start)
        }
        advance()
        return value
    }

    mutating func expectString() throws(SQLError) -> String {
        guard token.kind == .string else { throw unexpected() }
        defer { advance() }
        return token.text
    }
}
