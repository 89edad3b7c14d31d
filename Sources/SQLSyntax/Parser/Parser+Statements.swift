extension Parser {
    mutating func parseStatement() throws(SQLError) -> Statement {
        guard case .keyword(let keyword) = token.kind else {
            if at(.leftParenthesis) { return .query(try parseQuery()) }
            if let statement = try parseSessionStatement() { return statement }
            throw unexpected()
        }
        switch keyword {
        case .select, .values, .with, .table: return .query(try parseQuery())
        case .explain: return try parseExplain()
        case .create: return try parseCreate()
        case .drop: return try parseDrop()
        case .alter: return try parseAlter()
        case .truncate: return try parseTruncate()
        case .insert: return .insert(try parseInsert())
        case .update: return .update(try parseUpdate())
        case .delete: return .delete(try parseDelete())
        case .copy: return .copy(try parseCopy())
        case .show: return try parseShow()
        case .set: return try parseSet()
        case .describe, .desc:
            advance()
            _ = accept(.table)
            return .describe(try parseQualifiedName())
        case .begin, .start, .commit, .end, .rollback: return try parseTransaction(keyword)
        default: throw unexpected()
        }
    }

    private mutating func parseExplain() throws(SQLError) -> Statement {
        let outer = try enter()
        try expect(.explain)
        var explain = (isAnalyze: false, isVerbose: false, format: Explain.Format.text)
        if at(.leftParenthesis), !startsQuery(at: index + 1) {
            advance()
            repeat { try parseExplainOption(into: &explain) } while accept(.comma)
            try expect(.rightParenthesis)
        } else {
            explain.isAnalyze = accept(.analyze) || accept(.analyse)
            explain.isVerbose = accept(.verbose)
        }
        let statement = try parseStatement()
        try leave(outer)
        return .explain(
            Explain(
                isAnalyze: explain.isAnalyze, isVerbose: explain.isVerbose, format: explain.format,
                statement: statement))
    }

    private mutating func parseExplainOption(
        into explain: inout (isAnalyze: Bool, isVerbose: Bool, format: Explain.Format)
    ) throws(SQLError) {
        let option = try parseLabel()
        switch option.name {
        case "analyze", "analyse": explain.isAnalyze = try parseSwitch()
        case "verbose": explain.isVerbose = try parseSwitch()
        case "costs", "buffers", "timing", "settings", "summary", "wal": _ = try parseSwitch()
        case "format":
            let format = try parseLabel()
            switch format.name {
            case "text": explain.format = .text
            case "json": explain.format = .json
            default:
                throw SQLError(
                    .invalidParameterValue,
                    "unrecognized value for EXPLAIN option \"format\": \"\(format.name)\"",
                    position: format.span.start)
            }
        default:
            throw SQLError(
                .syntaxError, "unrecognized EXPLAIN option \"\(option.name)\"", position: option.span.start)
        }
    }

    /// ON, OFF, TRUE, FALSE, 1, 0, or nothing for ON.
    private mutating func parseSwitch() throws(SQLError) -> Bool {
        if accept(.on) || accept(.true) { return true }
        if accept(.off) || accept(.false) { return false }
        if token.kind == .integer { return try expectInteger() != 0 }
        return true
    }

    /// A word stands for itself: `SET x TO on`.
    mutating func parseSettingValue() throws(SQLError) -> SQLExpression {
        let next = peek().kind
        let isWord = label(of: token) != nil && token.kind != .quotedIdentifier
        let endsAfterWord =
            next == .end || next == .symbol(.semicolon) || next == .symbol(.comma)
            || next == .symbol(.rightParenthesis)
        if isWord, endsAfterWord {
            defer { advance() }
            return SQLExpression(.string(token.text), span: token.span)
        }
        return try parseExpression()
    }
}
