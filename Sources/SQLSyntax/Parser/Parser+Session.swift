/// Settings and transactions.
extension Parser {
    /// Statements that begin with a word which is no keyword; nil for any other.
    mutating func parseSessionStatement() throws(SQLError) -> Statement? {
        guard token.kind == .identifier else { return nil }
        let place = token.span.start
        switch token.text {
        case "reset":
            advance()
            return .reset(accept(.all) ? nil : try parseSettingName())
        case "abort":
            advance()
            _ = accept(.work) || accept(.transaction)
            return .rollback
        case "reindex":
            advance()
            return try parseReindex()
        case "comment":
            advance()
            return try parseComment()
        case "savepoint", "release":
            throw SQLError(.featureNotSupported, "savepoints are not supported", position: place)
        case "merge":
            throw SQLError(
                .featureNotSupported, "MERGE is not supported", position: place,
                hint: "INSERT … ON CONFLICT, UPDATE … FROM and DELETE … USING are.")
        default: return nil
        }
    }

    mutating func parseTransaction(_ keyword: Keyword) throws(SQLError) -> Statement {
        advance()
        if keyword == .start {
            try expect(.transaction)
            return .begin(try parseTransactionModes())
        }
        _ = accept(.work) || accept(.transaction)
        if keyword == .rollback, at(.to) {
            throw SQLError(
                .featureNotSupported, "savepoints are not supported", position: token.span.start)
        }
        switch keyword {
        case .begin: return .begin(try parseTransactionModes())
        case .rollback: return .rollback
        default: return .commit
        }
    }

    /// `ISOLATION LEVEL REPEATABLE READ, READ ONLY`
    private mutating func parseTransactionModes() throws(SQLError) -> TransactionModes {
        var modes = TransactionModes()
        while true {
            if acceptWord("isolation") {
                guard acceptWord("level") else { throw unexpected() }
                modes.isolation = try parseIsolation()
            } else if acceptWord("read") {
                let isReadOnly = accept(.only)
                guard isReadOnly || acceptWord("write") else { throw unexpected() }
                modes.isReadOnly = isReadOnly
            } else if at(.not), peek().kind == .keyword(.deferrable) {
                advance()
                advance()
            } else if !accept(.deferrable) {
                return modes
            }
            _ = accept(.comma)
        }
    }

    private mutating func parseIsolation() throws(SQLError) -> TransactionModes.Isolation {
        if acceptWord("serializable") { return .serializable }
        if acceptWord("repeatable") {
            guard acceptWord("read") else { throw unexpected() }
            return .repeatableRead
        }
        guard acceptWord("read") else { throw unexpected() }
        if acceptWord("committed") { return .readCommitted }
        guard acceptWord("uncommitted") else { throw unexpected() }
        return .readUncommitted
    }

    mutating func parseShow() throws(SQLError) -> Statement {
        try expect(.show)
        if accept(.all) { return .show(nil) }
        if at(.transaction) {
            let name = Identifier("transaction_isolation", span: token.span)
            advance()
            guard acceptWord("isolation"), acceptWord("level") else { throw unexpected() }
            return .show(name)
        }
        return .show(try parseSettingName())
    }

    private mutating func parseSettingName() throws(SQLError) -> Identifier {
        if at(.time), peek().kind == .keyword(.zone) {
            let name = Identifier("timezone", span: token.span)
            advance()
            advance()
            return name
        }
        var name = try parseLabel()
        while accept(.dot) { name.name += "." + (try parseLabel().name) }
        return name
    }

    mutating func parseSet() throws(SQLError) -> Statement {
        try expect(.set)
        let isLocal = at(.local)
        if isLocal || atWord("session"), peek().kind != .operation, peek().kind != .keyword(.to) {
            advance()
        }
        if at(.transaction) {
            advance()
            return .setTransaction(try parseTransactionModes())
        }
        let isZone = at(.time)
        if atWord("names") {
            let name = Identifier("client_encoding", span: token.span)
            advance()
            return .set(SetSetting(name: name, values: [try parseSettingValue()], isLocal: isLocal))
        }
        let name = try parseSettingName()
        if !isZone, !accept(.to), !acceptOperator("=") { throw unexpected() }
        var change = SetSetting(name: name, values: [], isLocal: isLocal)
        if accept(.default) { return .set(change) }
        repeat { change.values.append(try parseSettingValue()) } while accept(.comma)
        return .set(change)
    }
}
