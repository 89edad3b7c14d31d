extension Parser {
    /// What follows FROM: tables and joins with commas between.
    mutating func parseTableReferences() throws(SQLError) -> [TableReference] {
        var tables: [TableReference] = []
        repeat { tables.append(try parseTableReference()) } while accept(.comma)
        return tables
    }

    private mutating func parseTableReference() throws(SQLError) -> TableReference {
        let outer = try enter()
        var left = try parseTablePrimary()
        while let join = try parseJoin(left) {
            left = join
            try grow()
        }
        try leave(outer)
        return left
    }

    /// One join with `left` on its left side; nil if no join follows.
    private mutating func parseJoin(_ left: TableReference) throws(SQLError) -> TableReference? {
        let start = token.span
        if accept(.cross) {
            try expect(.join)
            let words = span(from: start)
            let right = try parseTablePrimary()
            return .join(Join(kind: .cross, left: left, right: right, condition: .none, span: words))
        }
        let isAsOf = at(.asof) && isJoinWord(peek())
        if isAsOf { advance() }
        let isNatural = accept(.natural)
        guard let kind = try parseJoinKind() else {
            if isNatural || isAsOf { throw unexpected() }
            return nil
        }
        let words = span(from: start)
        // `a JOIN b JOIN c ON … ON …` nests on the right.
        var right = try parseTablePrimary()
        if !isNatural {
            while !at(.on), !at(.using), let nested = try parseNestedJoin(right) { right = nested }
        }
        let condition = isNatural ? .natural : try parseJoinCondition()
        var join = Join(
            kind: kind, isAsOf: isAsOf, left: left, right: right, condition: condition, span: words)
        if case .using = condition, accept(.as) { join.alias = TableAlias(name: try parseName()) }
        return .join(join)
    }

    private mutating func parseNestedJoin(_ left: TableReference) throws(SQLError) -> TableReference? {
        let outer = try enter()
        let join = try parseJoin(left)
        try leave(outer)
        return join
    }

    private func isJoinWord(_ token: Token) -> Bool {
        switch token.kind {
        case .keyword(.join), .keyword(.left), .keyword(.inner), .keyword(.right), .keyword(.full): true
        default: false
        }
    }

    private mutating func parseJoinKind() throws(SQLError) -> Join.Kind? {
        if accept(.join) { return .inner }
        if accept(.inner) {
            try expect(.join)
            return .inner
        }
        let kind: Join.Kind
        if accept(.left) {
            kind = .left
        } else if accept(.right) {
            kind = .right
        } else if accept(.full) {
            kind = .full
        } else {
            return nil
        }
        _ = accept(.outer)
        try expect(.join)
        return kind
    }

    private mutating func parseJoinCondition() throws(SQLError) -> Join.Condition {
        if accept(.using) { return .using(try parseNameList()) }
        try expect(.on)
        return .on(try parseExpression())
    }

    private mutating func parseTablePrimary() throws(SQLError) -> TableReference {
        let start = token.span
        let isLateral = accept(.lateral)
        if at(.leftParenthesis) {
            if startsQuery(at: index + 1) {
                advance()
                let query = try parseQuery()
                try expect(.rightParenthesis)
                return .query(query, try parseTableAlias(), isLateral: isLateral)
            }
            if isLateral { throw unexpected(peek()) }
            return try parseParenthesizedTable()
        }
        if let call = try parseTableFunction() {
            let withOrdinality = accept(.with, .ordinality)
            let alias = try parseTableAlias()
            return .function(
                call, alias, isLateral: isLateral, withOrdinality: withOrdinality, span(from: start))
        }
        if isLateral { throw unexpected() }
        _ = accept(.only)
        let name = try parseQualifiedName()
        _ = acceptOperator("*")
        let asOf = try parseAsOf()
        let alias = try parseTableAlias()
        return .table(NamedTable(name: name, asOf: asOf, alias: alias, sample: try parseTableSample()))
    }

    /// `AS OF VERSION expression` or `AS OF expression`.
    private mutating func parseAsOf() throws(SQLError) -> AsOf? {
        guard accept(.as, .of) else { return nil }
        if acceptWord("version") { return .version(try parseExpression()) }
        return .time(try parseExpression())
    }

    /// `(a JOIN b ON …) AS alias`: the parentheses only group, so the join must be one.
    private mutating func parseParenthesizedTable() throws(SQLError) -> TableReference {
        try expect(.leftParenthesis)
        let inner = try parseTableReference()
        try expect(.rightParenthesis)
        guard case .join(var join) = inner else { throw unexpected(peek(-1)) }
        if let alias = try parseTableAlias() { join.alias = alias }
        return .join(join)
    }

    private mutating func parseTableFunction() throws(SQLError) -> FunctionCall? {
        var distance = 0
        while peek(distance + 1).kind == .symbol(.dot), distance < 6 { distance += 2 }
        guard peek(distance + 1).kind == .symbol(.leftParenthesis), functionName(of: token) != nil else {
            return nil
        }
        guard case .call(let call) = try parsePrimary().kind else { throw unexpected() }
        return call
    }

    private mutating func parseTableAlias() throws(SQLError) -> TableAlias? {
        var name: Identifier?
        if accept(.as) {
            name = try parseName()
        } else if !at(.qualify), !(at(.asof) && isJoinWord(peek())), let bare = columnName(of: token) {
            name = bare
            advance()
        }
        guard let name else { return nil }
        return TableAlias(name: name, columns: at(.leftParenthesis) ? try parseNameList() : [])
    }

    private mutating func parseTableSample() throws(SQLError) -> TableSample? {
        guard accept(.tablesample) else { return nil }
        guard let method = functionName(of: token) else { throw unexpected() }
        advance()
        try expect(.leftParenthesis)
        let arguments = try parseExpressionList()
        try expect(.rightParenthesis)
        var sample = TableSample(method: method, arguments: arguments, seed: nil)
        if acceptWord("repeatable") {
            try expect(.leftParenthesis)
            sample.seed = try parseExpression()
            try expect(.rightParenthesis)
        }
        return sample
    }
}
