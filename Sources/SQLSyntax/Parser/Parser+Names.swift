extension Parser {
    /// The token as a name of a column or a table, if it may be one.
    func columnName(of token: Token) -> Identifier? {
        switch token.kind {
        case .identifier, .quotedIdentifier: Identifier(token.text, span: token.span)
        case .keyword(let keyword):
            switch keyword.reservation {
            case .none, .columnName: Identifier(token.text, span: token.span)
            case .functionOrType, .reserved: nil
            }
        default: nil
        }
    }

    /// The token as a name of anything that follows AS or a point: every word will do.
    func label(of token: Token) -> Identifier? {
        switch token.kind {
        case .identifier, .quotedIdentifier, .keyword: Identifier(token.text, span: token.span)
        default: nil
        }
    }

    /// The token as an output name without AS.
    func bareLabel(of token: Token) -> Identifier? {
        if case .keyword(let keyword) = token.kind, !keyword.isBareLabel { return nil }
        return label(of: token)
    }

    /// The token as a name of a function or a type.
    func functionName(of token: Token) -> Identifier? {
        switch token.kind {
        case .identifier, .quotedIdentifier: Identifier(token.text, span: token.span)
        case .keyword(let keyword):
            switch keyword.reservation {
            case .none, .functionOrType: Identifier(token.text, span: token.span)
            case .columnName, .reserved: nil
            }
        default: nil
        }
    }

    mutating func parseName() throws(SQLError) -> Identifier {
        guard let name = columnName(of: token) else { throw unexpected() }
        advance()
        return name
    }

    mutating func parseLabel() throws(SQLError) -> Identifier {
        guard let name = label(of: token) else { throw unexpected() }
        advance()
        return name
    }

    /// `table`, `schema.table` or `catalog.schema.table`.
    mutating func parseQualifiedName() throws(SQLError) -> [Identifier] {
        var parts = [try parseName()]
        while accept(.dot) {
            parts.append(try parseLabel())
            if parts.count > 3 {
                let name = parts.map(\.name).joined(separator: ".")
                throw SQLError(
                    .syntaxError, "improper qualified name (too many dotted names): \(name)",
                    position: parts[0].span.start)
            }
        }
        return parts
    }

    /// `(a, b)`
    mutating func parseNameList() throws(SQLError) -> [Identifier] {
        try expect(.leftParenthesis)
        var names = [try parseName()]
        while accept(.comma) { names.append(try parseName()) }
        try expect(.rightParenthesis)
        return names
    }
}
