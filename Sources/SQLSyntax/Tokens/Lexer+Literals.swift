extension Lexer {
    /// `E'…'`; nil if the letter is no prefix of a string.
    mutating func scanPrefixedString(prefix: UInt8) throws(SQLError) -> String? {
        switch prefix {
        case 0x65:
            advance()
            return try scanString(escapes: true)
        case 0x6E:
            advance()
            return try scanString(escapes: false)
        case 0x62, 0x78:
            throw SQLError(.featureNotSupported, "bit strings are not supported", position: position)
        default: return nil
        }
    }

    /// A string from its opening quote on, with the pieces that follow it on further lines.
    mutating func scanString(escapes: Bool) throws(SQLError) -> String {
        let start = position
        var value: [UInt8] = []
        repeat {
            advance()
            try scanQuoted(into: &value, escapes: escapes, start: start)
        } while skipToContinuation()
        return String(decoding: value, as: UTF8.self)
    }

    private mutating func scanQuoted(
        into value: inout [UInt8], escapes: Bool, start: Int
    ) throws(SQLError) {
        while !isAtEnd {
            let byte = peek()
            if byte == 0x27 {
                advance()
                guard peek() == 0x27 else { return }
                value.append(0x27)
                advance()
            } else if escapes && byte == 0x5C {
                advance()
                try scanEscape(into: &value)
            } else {
                guard byte != 0 else { break }
                value.append(byte)
                advance()
            }
        }
        throw SQLError(.syntaxError, "unterminated quoted string", position: start)
    }

    private mutating func scanEscape(into value: inout [UInt8]) throws(SQLError) {
        let place = position
        let byte = peek()
        advance()
        switch byte {
        case 0x62: value.append(0x08)
        case 0x66: value.append(0x0C)
        case 0x6E: value.append(0x0A)
        case 0x72: value.append(0x0D)
        case 0x74: value.append(0x09)
        case 0x75: try appendScalar(digits: 4, to: &value, place: place)
        case 0x55: try appendScalar(digits: 8, to: &value, place: place)
        case 0x78 where CharacterClass.hexDigit(peek()) != nil:
            var code: UInt32 = 0
            var digits = 0
            while digits < 2, let digit = CharacterClass.hexDigit(peek()) {
                code = code * 16 + digit
                digits += 1
                advance()
            }
            try appendByte(code, to: &value, place: place)
        case 0x30...0x37:
            var code = UInt32(byte) - 0x30
            var digits = 1
            while digits < 3, (0x30...0x37).contains(peek()) {
                code = code * 8 + UInt32(peek()) - 0x30
                digits += 1
                advance()
            }
            try appendByte(code, to: &value, place: place)
        default:
            if byte != 0 { value.append(byte) }
        }
    }

    /// A byte of 128 and more alone would not be UTF-8, so only ASCII may be written this way.
    private func appendByte(_ code: UInt32, to value: inout [UInt8], place: Int) throws(SQLError) {
        guard code > 0, code < 0x80 else {
            throw SQLError(
                .nonstandardUseOfEscapeCharacter, "invalid byte in escape string", position: place,
                hint: "Write characters beyond ASCII as they are, or as \\uXXXX.")
        }
        value.append(UInt8(code))
    }

    private mutating func appendScalar(digits: Int, to value: inout [UInt8], place: Int) throws(SQLError) {
        var code: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = CharacterClass.hexDigit(peek()) else {
                throw SQLError(.invalidEscapeSequence, "invalid Unicode escape", position: place)
            }
            code = code << 4 | digit
            advance()
        }
        guard code > 0, let scalar = Unicode.Scalar(code) else {
            throw SQLError(.syntaxError, "invalid Unicode escape value", position: place)
        }
        value.append(contentsOf: Array(String(Character(scalar)).utf8))
    }

    /// Steps over white space to a quote on a later line, which continues a string; stays where it is if
    /// there is none.
    private mutating func skipToContinuation() -> Bool {
        var ahead = 0
        var sawNewline = false
        while index + ahead < bytes.count && CharacterClass.isSpace(peek(ahead)) {
            sawNewline = sawNewline || peek(ahead) == 0x0A || peek(ahead) == 0x0D
            ahead += 1
        }
        guard sawNewline, peek(ahead) == 0x27 else { return false }
        advance(ahead)
        return true
    }

    mutating func scanQuotedIdentifier() throws(SQLError) -> String {
        let start = position
        var value: [UInt8] = []
        advance()
        while !isAtEnd && peek() != 0 {
            let byte = peek()
            advance()
            if byte == 0x22 {
                guard peek() == 0x22 else {
                    if value.isEmpty {
                        throw SQLError(.syntaxError, "zero-length delimited identifier", position: start)
                    }
                    return String(decoding: value, as: UTF8.self)
                }
                advance()
            }
            value.append(byte)
        }
        throw SQLError(.syntaxError, "unterminated quoted identifier", position: start)
    }

    /// `$1` or `$tag$…$tag$`.
    mutating func scanDollar() throws(SQLError) -> (Token.Kind, String) {
        let start = position
        if CharacterClass.isDigit(peek(1)) {
            advance()
            let first = index
            while CharacterClass.isDigit(peek()) { advance() }
            let digits = String(decoding: bytes[first..<index], as: UTF8.self)
            guard let number = Int(digits), (1...SQLLimits.parameterMax).contains(number) else {
                throw SQLError(.undefinedParameter, "there is no parameter $\(digits)", position: start)
            }
            return (.parameter(number), digits)
        }
        var tagEnd = index + 1
        while tagEnd < bytes.count, bytes[tagEnd] != 0x24, CharacterClass.continuesIdentifier(bytes[tagEnd]) {
            tagEnd += 1
        }
        guard tagEnd < bytes.count, bytes[tagEnd] == 0x24 else {
            throw SQLError(.syntaxError, "syntax error at or near \"$\"", position: start)
        }
        let tag = Array(bytes[index...tagEnd])
        advance(tag.count)
        let bodyStart = index
        while index + tag.count <= bytes.count {
            if bytes[index] == 0x24 && bytes[index..<(index + tag.count)].elementsEqual(tag) {
                let body = String(decoding: bytes[bodyStart..<index], as: UTF8.self)
                advance(tag.count)
                return (.string, body)
            }
            advance()
        }
        throw SQLError(.syntaxError, "unterminated dollar-quoted string", position: start)
    }

    mutating func scanNumber() throws(SQLError) -> (Token.Kind, String) {
        let first = index
        let start = position
        var kind = Token.Kind.integer
        while CharacterClass.isDigit(peek()) { advance() }
        // Two points in a row belong to a range, not to a number.
        if peek() == 0x2E && peek(1) != 0x2E {
            kind = .decimal
            advance()
            while CharacterClass.isDigit(peek()) { advance() }
        }
        if CharacterClass.lowered(peek()) == 0x65 {
            let signs = peek(1) == 0x2B || peek(1) == 0x2D ? 1 : 0
            if CharacterClass.isDigit(peek(1 + signs)) {
                kind = .decimal
                advance(1 + signs)
                while CharacterClass.isDigit(peek()) { advance() }
            }
        }
        if !isAtEnd && CharacterClass.startsIdentifier(peek()) {
            while !isAtEnd && CharacterClass.continuesIdentifier(peek()) { advance() }
            let text = String(decoding: bytes[first..<index], as: UTF8.self)
            throw SQLError(
                .syntaxError, "trailing junk after numeric literal at or near \"\(text)\"", position: start)
        }
        return (kind, String(decoding: bytes[first..<index], as: UTF8.self))
    }
}
