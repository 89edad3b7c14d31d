extension Parser {
    /// WITH … body ORDER BY … LIMIT …
    mutating func parseQuery() throws(SQLError) -> Query {
        let outer = try enter()
        let start = token.span
        let with = at(.with) ? try parseWith() : nil
        var query = Query(with: with, body: try parseQueryBody(minimum: 0), span: start)
        if accept(.order) {
            try expect(.by)
            query.orderBy = try parseSortItems()
        }
        try parseLimits(into: &query)
        query.span = span(from: start)
        try leave(outer)
        return query
    }

    private mutating func parseWith() throws(SQLError) -> WithClause {
        try expect(.with)
        var clause = WithClause(isRecursive: accept(.recursive), tables: [])
        repeat {
            let name = try parseName()
            let columns = at(.leftParenthesis) ? try parseNameList() : []
            try expect(.as)
            var isMaterialized: Bool?
            if accept(.materialized) {
                isMaterialized = true
            } else if accept(.not) {
                try expect(.materialized)
                isMaterialized = false
            }
            try expect(.leftParenthesis)
            if at(.insert) || at(.update) || at(.delete) {
                throw SQLError(
                    .featureNotSupported, "\(token.text.uppercased()) within WITH is not supported",
                    position: token.span.start)
            }
            let query = try parseQuery()
            try expect(.rightParenthesis)
            clause.tables.append(
                CommonTable(name: name, columns: columns, isMaterialized: isMaterialized, query: query))
        } while accept(.comma)
        return clause
    }

    /// Bodies under set operations: INTERSECT binds more tightly than UNION and EXCEPT.
    private mutating func parseQueryBody(minimum: Int) throws(SQLError) -> QueryBody {
        let outer = try enter()
        var left = try parseSimpleBody()
        while let (operation, precedence) = setOperation(), precedence > minimum {
            advance()
            let isAll = accept(.all)
            if !isAll { _ = accept(.distinct) }
            let right = try parseQueryBody(minimum: precedence)
            if operation == .union, continuesUnion(isAll: isAll) {
                left = try parseUnions([left, right], isAll: isAll)
                try grow()
                continue
            }
            left = .setOperation(operation, isAll: isAll, left: left, right: right)
            try grow()
        }
        try leave(outer)
        return left
    }

    /// Whether UNION follows once more, with ALL or without as before.
    private func continuesUnion(isAll: Bool) -> Bool {
        at(.union) && (peek().kind == .keyword(.all)) == isAll
    }

    private mutating func parseUnions(
        _ first: [QueryBody], isAll: Bool
    ) throws(SQLError) -> QueryBody {
        var bodies = first
        while continuesUnion(isAll: isAll) {
            guard bodies.count < SQLLimits.unionsMax else {
                throw SQLError(
                    .statementTooComplex, "too many queries under UNION", position: token.span.start,
                    hint: "At most \(SQLLimits.unionsMax) are allowed.")
            }
            advance()
            if !accept(.all) { _ = accept(.distinct) }
            bodies.append(try parseQueryBody(minimum: 1))
        }
        return .unions(bodies, isAll: isAll)
    }

    private func setOperation() -> (SetOperation, Int)? {
        switch token.kind {
        case .keyword(.union): (.union, 1)
        case .keyword(.except): (.except, 1)
        case .keyword(.intersect): (.intersect, 2)
        default: nil
        }
    }

    private mutating func parseSimpleBody() throws(SQLError) -> QueryBody {
        if accept(.leftParenthesis) {
            let query = try parseQuery()
            try expect(.rightParenthesis)
            return .nested(query)
        }
        if accept(.values) { return .values(try parseRows()) }
        if accept(.table) { return .table(try parseQualifiedName()) }
        return .select(try parseSelect())
    }

    private mutating func parseRows() throws(SQLError) -> [[SQLExpression]] {
        var rows: [[SQLExpression]] = []
        repeat {
            let start = token.span.start
            try expect(.leftParenthesis)
            let row = try parseExpressionList()
            try expect(.rightParenthesis)
            if let first = rows.first, first.count != row.count {
                throw SQLError(.syntaxError, "VALUES lists must all be the same length", position: start)
            }
            rows.append(row)
        } while accept(.comma)
        return rows
    }

    /// LIMIT and OFFSET in either order, or FETCH.
    private mutating func parseLimits(into query: inout Query) throws(SQLError) {
        while true {
            let place = token.span.start
            if at(.limit) || at(.fetch), query.limit != nil {
                throw SQLError(.syntaxError, "multiple LIMIT clauses not allowed", position: place)
            }
            if at(.offset), query.offset != nil {
                throw SQLError(.syntaxError, "multiple OFFSET clauses not allowed", position: place)
            }
            if accept(.limit) {
                if accept(.all) { continue }
                query.limit = try parseExpression()
            } else if accept(.offset) {
                query.offset = try parseExpression()
                _ = accept(.row) || accept(.rows)
            } else if accept(.fetch) {
                guard accept(.first) || accept(.next) else { throw unexpected() }
                let one = SQLExpression(.integer("1"), span: token.span)
                query.limit = at(.row) || at(.rows) ? one : try parseExpression(.sum)
                guard accept(.row) || accept(.rows) else { throw unexpected() }
                if accept(.with) {
                    try expect(.ties)
                    query.limitWithTies = true
                } else {
                    try expect(.only)
                }
            } else {
                return
            }
        }
    }

    private mutating func parseSelect() throws(SQLError) -> SelectCore {
        let start = token.span
        try expect(.select)
        var core = SelectCore(items: [], span: start)
        if accept(.distinct) {
            core.distinct = .all
            if accept(.on) {
                try expect(.leftParenthesis)
                core.distinct = .on(try parseExpressionList())
                try expect(.rightParenthesis)
            }
        } else {
            _ = accept(.all)
        }
        if !endsSelectList { core.items = try parseSelectItems() }
        if accept(.from) { core.from = try parseTableReferences() }
        if accept(.where) { core.filter = try parseExpression() }
        if accept(.group) {
            try expect(.by)
            core.groupByIsDistinct = accept(.distinct)
            if !core.groupByIsDistinct { _ = accept(.all) }
            core.groupBy = try parseGrouping()
        }
        if accept(.having) { core.having = try parseExpression() }
        if accept(.window) {
            repeat {
                let name = try parseName()
                try expect(.as)
                core.windows.append(NamedWindow(name: name, specification: try parseWindow()))
            } while accept(.comma)
        }
        if accept(.qualify) { core.qualify = try parseExpression() }
        core.span = span(from: start)
        return core
    }

    /// SELECT without a list is legal: rows without columns.
    private var endsSelectList: Bool {
        switch token.kind {
        case .end, .symbol(.semicolon), .symbol(.rightParenthesis), .keyword(.from), .keyword(.where),
            .keyword(.union), .keyword(.intersect), .keyword(.except), .keyword(.limit), .keyword(.order):
            true
        default: false
        }
    }

    mutating func parseSelectItems() throws(SQLError) -> [SelectItem] {
        var items: [SelectItem] = []
        repeat {
            let expression = try parseExpression()
            var alias: Identifier?
            if accept(.as) {
                alias = try parseLabel()
            } else if let bare = bareLabel(of: token) {
                alias = bare
                advance()
            }
            items.append(SelectItem(expression, alias: alias))
        } while accept(.comma)
        return items
    }

    private mutating func parseGrouping() throws(SQLError) -> [GroupingElement] {
        var elements: [GroupingElement] = []
        repeat { elements.append(try parseGroupingElement()) } while accept(.comma)
        return elements
    }

    private mutating func parseGroupingElement() throws(SQLError) -> GroupingElement {
        let outer = try enter()
        let element: GroupingElement
        let opens = peek().kind == .symbol(.leftParenthesis)
        if at(.rollup), opens {
            advance()
            element = .rollup(try parseGroupingList())
        } else if at(.cube), opens {
            advance()
            element = .cube(try parseGroupingList())
        } else if at(.grouping, .sets) {
            advance()
            advance()
            element = .sets(try parseGroupingList())
        } else if at(.leftParenthesis), peek().kind == .symbol(.rightParenthesis) {
            advance()
            advance()
            element = .group([])
        } else {
            let expression = try parseExpression()
            if case .row(let list) = expression.kind {
                element = .group(list)
            } else {
                element = .expression(expression)
            }
        }
        try leave(outer)
        return element
    }

    private mutating func parseGroupingList() throws(SQLError) -> [GroupingElement] {
        try expect(.leftParenthesis)
        let elements = try parseGrouping()
        try expect(.rightParenthesis)
        return elements
    }
}
