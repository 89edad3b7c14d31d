/// Indexes and unique constraints.
extension Parser {
    /// After CREATE, at UNIQUE or INDEX.
    mutating func parseCreateIndex(isUnique: Bool) throws(SQLError) -> CreateIndex {
        if isUnique { advance() }
        advance()
        _ = accept(.concurrently)
        let ifNotExists = try acceptIfNotExists()
        let name = at(.on) ? nil : try parseName()
        try expect(.on)
        _ = accept(.only)
        let table = try parseQualifiedName()
        if accept(.using) { _ = try parseName() }
        try expect(.leftParenthesis)
        var columns: [SQLExpression] = []
        repeat {
            columns.append(try parseExpression())
            _ = accept(.asc) || accept(.desc)
            if accept(.nulls) {
                guard accept(.first) || accept(.last) else { throw unexpected() }
            }
        } while accept(.comma)
        try expect(.rightParenthesis)
        if isUnique { try rejectNullsNotDistinct() }
        if at(.where) {
            if isUnique {
                throw SQLError(
                    .featureNotSupported, "a unique index of some rows only is not supported",
                    position: token.span.start)
            }
            advance()
            _ = try parseExpression()
        }
        return CreateIndex(
            name: name, table: table, columns: columns, isUnique: isUnique, ifNotExists: ifNotExists)
    }

    /// `NULLS DISTINCT` is what always holds.
    mutating func rejectNullsNotDistinct() throws(SQLError) {
        guard accept(.nulls) else { return }
        if at(.not) {
            throw SQLError(
                .featureNotSupported, "NULLS NOT DISTINCT is not supported", position: token.span.start)
        }
        try expect(.distinct)
    }

    /// After REINDEX: `[(options)] INDEX|TABLE|SCHEMA|DATABASE|SYSTEM [CONCURRENTLY] name`.
    mutating func parseReindex() throws(SQLError) -> Statement {
        if at(.leftParenthesis) { _ = try parseOptionList() }
        guard let kind = Reindex.Kind(rawValue: token.text.uppercased()), token.kind != .quotedIdentifier,
            token.kind != .string
        else { throw unexpected() }
        advance()
        _ = accept(.concurrently)
        return .reindex(Reindex(kind: kind, name: try parseQualifiedName()))
    }
}
