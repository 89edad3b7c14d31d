extension Lexer {
    /// `U&'…'` and `U&"…"`, with `UESCAPE 'c'` behind it where the escape is no backslash.
    mutating func scanUnicode(isString: Bool) throws(SQLError) -> (Token.Kind, String) {
        let start = position
        advance(2)
        let raw = isString ? try scanString(escapes: false) : try scanQuotedIdentifier()
        let escape = try scanUnicodeEscape() ?? "\\"
        var value = String.UnicodeScalarView()
        var rest = Array(raw.unicodeScalars)[...]
        var high: UInt32?
        while let scalar = rest.popFirst() {
            guard scalar == escape else {
                value.append(scalar)
                continue
            }
            if rest.first == escape {
                value.append(escape)
                rest.removeFirst()
                continue
            }
            var digitCount = 4
            if rest.first == "+" {
                rest.removeFirst()
                digitCount = 6
            }
            var code: UInt32 = 0
            for _ in 0..<digitCount {
                guard let next = rest.popFirst(), next.isASCII,
                    let digit = CharacterClass.hexDigit(UInt8(next.value))
                else {
                    throw SQLError(
                        .syntaxError, "invalid Unicode escape", position: start,
                        hint: "Unicode escapes must be \\XXXX or \\+XXXXXX.")
                }
                code = code << 4 | digit
            }
            if (0xD800..<0xDC00).contains(code), high == nil {
                high = code
                continue
            }
            if let first = high, (0xDC00..<0xE000).contains(code) {
                code = 0x10000 + (first - 0xD800) << 10 + (code - 0xDC00)
                high = nil
            }
            guard high == nil, code > 0, let scalar = Unicode.Scalar(code) else {
                throw SQLError(.syntaxError, "invalid Unicode escape value", position: start)
            }
            value.append(scalar)
        }
        return (isString ? .string : .quotedIdentifier, String(value))
    }

    /// The character of `UESCAPE 'c'`; nil, and nothing taken, if that does not follow.
    private mutating func scanUnicodeEscape() throws(SQLError) -> Unicode.Scalar? {
        var ahead = 0
        while index + ahead < bytes.count, CharacterClass.isSpace(peek(ahead)) { ahead += 1 }
        for (offset, letter) in "uescape".utf8.enumerated()
        where CharacterClass.lowered(peek(ahead + offset)) != letter {
            return nil
        }
        ahead += 7
        while index + ahead < bytes.count, CharacterClass.isSpace(peek(ahead)) { ahead += 1 }
        guard peek(ahead) == 0x27 else { return nil }
        advance(ahead)
        let place = position
        let text = try scanString(escapes: false)
        guard let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1, scalar.isASCII,
            CharacterClass.hexDigit(UInt8(scalar.value)) == nil, !"+'\" ".unicodeScalars.contains(scalar)
        else { throw SQLError(.syntaxError, "invalid Unicode escape character", position: place) }
        return scalar
    }
}
