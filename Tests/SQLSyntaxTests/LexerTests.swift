import Testing

@testable import SQLSyntax

@Suite("Lexing")
struct LexerTests {
    private func texts(_ sql: String) throws -> [String] {
        try Lexer.tokens(of: sql).dropLast().map(\.text)
    }

    @Test("names fold to lower case unless they are quoted")
    func folding() throws {
        #expect(
            try texts(#"SELECT Price "Price" "a""b" Цена"#) == ["select", "price", "Price", "a\"b", "Цена"])
    }

    @Test("strings take doubled quotes, escapes, dollars and pieces on further lines")
    func strings() throws {
        #expect(try texts("'it''s'") == ["it's"])
        #expect(try texts("E'a\\n\\u0416\\'b'") == ["a\nЖ'b"])
        #expect(try texts("$$a'b$$ $q$x$$y$q$") == ["a'b", "x$$y"])
        #expect(try texts("'a'\n  'b'") == ["ab"])
        #expect(try texts("'a' 'b'") == ["a", "b"])
    }

    @Test("operators end before comments and before signs")
    func operators() throws {
        #expect(try texts("a*-b") == ["a", "*", "-", "b"])
        #expect(try texts("a<>-1") == ["a", "<>", "-", "1"])
        #expect(try texts("a->>'b'--x\n||c") == ["a", "->>", "b", "||", "c"])
        #expect(try texts("a/*x/*y*/z*/+b != c::d") == ["a", "+", "b", "<>", "c", "::", "d"])
    }

    @Test("positions count characters, not bytes")
    func positions() throws {
        let tokens = try Lexer.tokens(of: "'Жж' x")
        #expect(tokens[1].span == SourceSpan(start: 6, end: 7))
        #expect(tokens[2].span.start == 7)
    }

    @Test(
        "what does not lex is an error with a place",
        arguments: [
            ("SELECT 'abc", "unterminated quoted string", 8),
            ("SELECT \"abc", "unterminated quoted identifier", 8),
            ("x \"\"", "zero-length delimited identifier", 3),
            ("/* /* */", "unterminated /* comment", 1),
            ("12ab", "trailing junk after numeric literal at or near \"12ab\"", 1),
            ("$$ab", "unterminated dollar-quoted string", 1),
            ("a { b", "syntax error at or near \"{\"", 3),
        ])
    func errors(sql: String, message: String, position: Int) {
        let error = #expect(throws: SQLError.self) { try Lexer.tokens(of: sql) }
        #expect(error?.message == message)
        #expect(error?.position == position)
        #expect(error?.code == .syntaxError)
    }
}
