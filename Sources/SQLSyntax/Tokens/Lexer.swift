/// Cuts a text into tokens by PostgreSQL's rules (its manual, "Lexical Structure").
///
/// Invariant: `position` is the 1-based number of the character that begins at byte `index`.
struct Lexer {
    let bytes: [UInt8]
    private(set) var index = 0
    private(set) var position = 1

    /// All tokens of a text, with one `.end` at the end. O(bytes).
    static func tokens(of text: String) throws(SQLError) -> [Token] {
        guard text.utf8.count <= SQLLimits.textBytesMax else {
            throw SQLError(.programLimitExceeded, "statement is too long: \(text.utf8.count) bytes")
        }
        var lexer = Lexer(bytes: Array(text.utf8))
        var tokens: [Token] = []
        tokens.reserveCapacity(lexer.bytes.count / 5 + 1)
        while let token = try lexer.next() { tokens.append(token) }
        let place = SourceSpan(start: lexer.position, end: lexer.position)
        tokens.append(Token(kind: .end, text: "", span: place, bytes: lexer.index..<lexer.index))
        return tokens
    }

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The byte at a distance from the current one; 0 beyond the end.
    func peek(_ distance: Int = 0) -> UInt8 {
        index + distance < bytes.count ? bytes[index + distance] : 0
    }

    var isAtEnd: Bool { index >= bytes.count }

    mutating func advance(_ count: Int = 1) {
        for _ in 0..<count where index < bytes.count {
            index += 1
            // The bytes 10xxxxxx of UTF-8 continue a character, so the next one has not begun yet.
            if index >= bytes.count || bytes[index] & 0xC0 != 0x80 { position += 1 }
        }
    }

    private mutating func next() throws(SQLError) -> Token? {
        try skipSpaceAndComments()
        if isAtEnd { return nil }
        let start = index
        let startPosition = position
        let (kind, text) = try scan()
        let span = SourceSpan(start: startPosition, end: position)
        return Token(kind: kind, text: text, span: span, bytes: start..<index)
    }

    private mutating func scan() throws(SQLError) -> (Token.Kind, String) {
        let byte = peek()
        if byte == 0x27 { return (.string, try scanString(escapes: false)) }
        if byte == 0x22 { return (.quotedIdentifier, try scanQuotedIdentifier()) }
        if byte == 0x24 { return try scanDollar() }
        if CharacterClass.isDigit(byte) || (byte == 0x2E && CharacterClass.isDigit(peek(1))) {
            return try scanNumber()
        }
        if CharacterClass.lowered(byte) == 0x75, peek(1) == 0x26, peek(2) == 0x27 || peek(2) == 0x22 {
            return try scanUnicode(isString: peek(2) == 0x27)
        }
        if CharacterClass.startsIdentifier(byte) {
            if peek(1) == 0x27, let prefixed = try scanPrefixedString(prefix: CharacterClass.lowered(byte)) {
                return (.string, prefixed)
            }
            return scanWord()
        }
        if byte == 0x3A && peek(1) == 0x3A {
            advance(2)
            return (.symbol(.doubleColon), "::")
        }
        if let symbol = Token.Symbol(rawValue: String(decoding: [byte], as: UTF8.self)) {
            advance()
            return (.symbol(symbol), symbol.rawValue)
        }
        if CharacterClass.isOperator(byte) { return (.operation, scanOperator()) }
        let text = String(decoding: [byte], as: UTF8.self)
        throw SQLError(.syntaxError, "syntax error at or near \"\(text)\"", position: position)
    }

    private mutating func skipSpaceAndComments() throws(SQLError) {
        while !isAtEnd {
            if CharacterClass.isSpace(peek()) {
                advance()
            } else if peek() == 0x2D && peek(1) == 0x2D {
                while !isAtEnd && peek() != 0x0A { advance() }
            } else if peek() == 0x2F && peek(1) == 0x2A {
                try skipBlockComment()
            } else {
                return
            }
        }
    }

    private mutating func skipBlockComment() throws(SQLError) {
        let start = position
        var depth = 0
        repeat {
            if isAtEnd { throw SQLError(.syntaxError, "unterminated /* comment", position: start) }
            if peek() == 0x2F && peek(1) == 0x2A {
                depth += 1
                advance(2)
            } else if peek() == 0x2A && peek(1) == 0x2F {
                depth -= 1
                advance(2)
            } else {
                advance()
            }
        } while depth > 0
    }

    private mutating func scanWord() -> (Token.Kind, String) {
        var folded: [UInt8] = []
        while !isAtEnd && CharacterClass.continuesIdentifier(peek()) {
            folded.append(CharacterClass.lowered(peek()))
            advance()
        }
        let text = String(decoding: folded, as: UTF8.self)
        return (Keyword(rawValue: text).map(Token.Kind.keyword) ?? .identifier, text)
    }

    private mutating func scanOperator() -> String {
        var end = index
        while end < bytes.count && CharacterClass.isOperator(bytes[end]) {
            let next = end + 1 < bytes.count ? bytes[end + 1] : 0
            // A comment ends an operator.
            if end > index && ((bytes[end] == 0x2D && next == 0x2D) || (bytes[end] == 0x2F && next == 0x2A)) {
                break
            }
            end += 1
        }
        while end > index + 1 && (bytes[end - 1] == 0x2B || bytes[end - 1] == 0x2D)
            && !bytes[index..<end].contains(where: CharacterClass.allowsTrailingSign)
        {
            end -= 1
        }
        let text = String(decoding: bytes[index..<end], as: UTF8.self)
        advance(end - index)
        return text == "!=" ? "<>" : text
    }
}
