extension Parser {
    /// A constant, a column, a call, or something in parentheses.
    mutating func parsePrimary() throws(SQLError) -> SQLExpression {
        let start = token.span
        if startsTypedString { return try parseTypedString() }
        switch token.kind {
        case .integer: return take(.integer(token.text))
        case .decimal: return take(.decimal(token.text))
        case .string: return take(.string(token.text))
        case .parameter(let number): return take(.parameter(number))
        case .symbol(.leftParenthesis): return try parseParenthesized()
        case .operation where token.text == "*": return take(.star([]))
        case .keyword(let keyword):
            if let special = try parseKeywordPrimary(keyword, start: start) { return special }
            return try parseColumnOrCall()
        case .identifier, .quotedIdentifier: return try parseColumnOrCall()
        case .symbol, .operation, .end: throw unexpected()
        }
    }

    private mutating func take(_ kind: SQLExpression.Kind) -> SQLExpression {
        let expression = SQLExpression(kind, span: token.span)
        advance()
        return expression
    }

    private mutating func parseKeywordPrimary(
        _ keyword: Keyword, start: SourceSpan
    ) throws(SQLError) -> SQLExpression? {
        let opens = peek().kind == .symbol(.leftParenthesis)
        switch keyword {
        case .null: return take(.null)
        case .true: return take(.boolean(true))
        case .false: return take(.boolean(false))
        case .default: return take(.defaultValue)
        case .case: return try parseCase()
        case .array: return try parseArray()
        case .cast where opens: return try parseCast()
        case .exists where opens: return try parseExists()
        case .row where opens: return try parseRow()
        case .extract where opens, .position where opens, .substring where opens, .trim where opens,
            .overlay where opens:
            return try parseSpecialCall(keyword)
        case .coalesce where opens, .greatest where opens, .least where opens, .nullif where opens,
            .grouping where opens, .normalize where opens:
            let name = [Identifier(token.text, span: token.span)]
            advance()
            return try parseCall(name)
        case .currentDate, .currentTime, .currentTimestamp, .localtime, .localtimestamp, .currentUser,
            .sessionUser, .user, .currentCatalog, .currentRole, .currentSchema:
            return try parseNiladicCall()
        default: return nil
        }
    }

    /// `CURRENT_DATE` and the like: calls without parentheses, or with a precision in them.
    private mutating func parseNiladicCall() throws(SQLError) -> SQLExpression {
        let start = token.span
        var call = FunctionCall(name: [Identifier(token.text, span: start)], arguments: [])
        advance()
        if accept(.leftParenthesis) {
            if token.kind == .integer { call.arguments = [take(.integer(token.text))] }
            try expect(.rightParenthesis)
        }
        return SQLExpression(.call(call), span: span(from: start))
    }

    private mutating func parseParenthesized() throws(SQLError) -> SQLExpression {
        let start = token.span
        let isQuery = startsQuery(at: index + 1)
        try expect(.leftParenthesis)
        if isQuery {
            let query = try parseQuery()
            try expect(.rightParenthesis)
            return SQLExpression(.scalarQuery(query), span: span(from: start))
        }
        let list = try parseExpressionList()
        try expect(.rightParenthesis)
        if list.count == 1 { return list[0] }
        return SQLExpression(.row(list), span: span(from: start))
    }

    private mutating func parseCase() throws(SQLError) -> SQLExpression {
        let start = token.span
        try expect(.case)
        let operand = at(.when) ? nil : try parseExpression()
        var branches: [CaseBranch] = []
        repeat {
            try expect(.when)
            let condition = try parseExpression()
            try expect(.then)
            branches.append(CaseBranch(condition: condition, result: try parseExpression()))
        } while at(.when)
        let otherwise = accept(.else) ? try parseExpression() : nil
        try expect(.end)
        let kind = SQLExpression.Kind.caseWhen(operand: operand, branches: branches, otherwise: otherwise)
        return SQLExpression(kind, span: span(from: start))
    }

    private mutating func parseCast() throws(SQLError) -> SQLExpression {
        let start = token.span
        advance()
        try expect(.leftParenthesis)
        let operand = try parseExpression()
        try expect(.as)
        let type = try parseType()
        try expect(.rightParenthesis)
        return SQLExpression(.cast(operand, type), span: span(from: start))
    }

    private mutating func parseExists() throws(SQLError) -> SQLExpression {
        let start = token.span
        advance()
        try expect(.leftParenthesis)
        let query = try parseQuery()
        try expect(.rightParenthesis)
        return SQLExpression(.exists(query), span: span(from: start))
    }

    private mutating func parseRow() throws(SQLError) -> SQLExpression {
        let start = token.span
        advance()
        try expect(.leftParenthesis)
        let list = at(.rightParenthesis) ? [] : try parseExpressionList()
        try expect(.rightParenthesis)
        return SQLExpression(.row(list), span: span(from: start))
    }

    private mutating func parseArray() throws(SQLError) -> SQLExpression {
        let start = token.span
        try expect(.array)
        if accept(.leftParenthesis) {
            let query = try parseQuery()
            try expect(.rightParenthesis)
            return SQLExpression(.arrayQuery(query), span: span(from: start))
        }
        return try parseArrayElements(start: start)
    }

    private mutating func parseArrayElements(start: SourceSpan) throws(SQLError) -> SQLExpression {
        let outer = try enter()
        try expect(.leftBracket)
        var elements: [SQLExpression] = []
        while !at(.rightBracket) {
            // Inside an array's brackets, brackets of their own are arrays too.
            if at(.leftBracket) {
                elements.append(try parseArrayElements(start: token.span))
            } else {
                elements.append(try parseExpression())
            }
            guard accept(.comma) else { break }
        }
        try expect(.rightBracket)
        try leave(outer)
        return SQLExpression(.array(elements), span: span(from: start))
    }

    /// `a`, `a.b`, `a.*`, `f(…)`, `schema.f(…)`.
    private mutating func parseColumnOrCall() throws(SQLError) -> SQLExpression {
        let start = token.span
        let first = token
        let opens = peek().kind == .symbol(.leftParenthesis)
        guard let name = opens ? functionName(of: first) : columnName(of: first) else { throw unexpected() }
        advance()
        var parts = [name]
        while at(.dot) {
            advance()
            if acceptOperator("*") { return SQLExpression(.star(parts), span: span(from: start)) }
            parts.append(try parseLabel())
        }
        if at(.leftParenthesis) { return try parseCall(parts) }
        return SQLExpression(.column(parts), span: span(from: start))
    }

    /// Whether a query, perhaps in parentheses of its own, begins at a token: `SELECT`, `VALUES (`, `WITH`,
    /// or `((SELECT …) UNION …)`, but not `((SELECT …) + 1)`.
    func startsQuery(at first: Int) -> Bool {
        var opened = 0
        var place = first
        while place < tokens.count, tokens[place].kind == .symbol(.leftParenthesis) {
            place += 1
            opened += 1
            if opened > SQLLimits.nestingMax { return false }
        }
        guard place < tokens.count, case .keyword(let keyword) = tokens[place].kind else { return false }
        switch keyword {
        case .select, .with, .table: break
        case .values where place + 1 < tokens.count && tokens[place + 1].kind == .symbol(.leftParenthesis):
            break
        default: return false
        }
        // Each inner closing parenthesis must be followed by what continues a query.
        var depth = opened
        while depth > 0, place < tokens.count {
            switch tokens[place].kind {
            case .symbol(.leftParenthesis): opened += 1
            case .symbol(.rightParenthesis):
                opened -= 1
                if opened < depth {
                    depth = opened
                    guard place + 1 < tokens.count, continuesQuery(tokens[place + 1]) else { return false }
                }
            default: break
            }
            place += 1
        }
        return true
    }

    private func continuesQuery(_ token: Token) -> Bool {
        switch token.kind {
        case .symbol(.rightParenthesis), .end, .keyword(.union), .keyword(.intersect), .keyword(.except),
            .keyword(.order), .keyword(.limit), .keyword(.offset), .keyword(.fetch), .symbol(.semicolon):
            true
        default: false
        }
    }
}
