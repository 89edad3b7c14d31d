extension Parser {
    /// The arguments of a call, from its opening parenthesis to OVER.
    mutating func parseCall(_ name: [Identifier]) throws(SQLError) -> SQLExpression {
        var call = FunctionCall(name: name, arguments: [])
        try expect(.leftParenthesis)
        if atOperator("*"), peek().kind == .symbol(.rightParenthesis) {
            advance()
            call.isStar = true
        } else if !at(.rightParenthesis) {
            call.isDistinct = accept(.distinct)
            if !call.isDistinct { _ = accept(.all) }
            call.arguments = try parseArguments(of: name)
            if accept(.order) {
                try expect(.by)
                call.orderBy = try parseSortItems()
            }
        }
        try expect(.rightParenthesis)
        if accept(.within) {
            try expect(.group)
            try expect(.leftParenthesis)
            try expect(.order)
            try expect(.by)
            call.withinGroup = try parseSortItems()
            try expect(.rightParenthesis)
        }
        if at(.filter), peek().kind == .symbol(.leftParenthesis) {
            advance()
            advance()
            try expect(.where)
            call.filter = try parseExpression()
            try expect(.rightParenthesis)
        }
        if accept(.over) {
            if at(.leftParenthesis) {
                call.over = .specification(try parseWindow())
            } else {
                call.over = .named(try parseName())
            }
        }
        return SQLExpression(.call(call), span: span(from: name[0].span))
    }

    /// Arguments by position, or by name as in `make_interval(days => 10)`; names that are not given are 0.
    private mutating func parseArguments(of name: [Identifier]) throws(SQLError) -> [SQLExpression] {
        guard name.last?.name == "make_interval", peek().kind == .operation, peek().text == "=>" else {
            return try parseExpressionList()
        }
        let names = ["years", "months", "weeks", "days", "hours", "mins", "secs"]
        let zero = SQLExpression(.integer("0"), span: token.span)
        var arguments = Array(repeating: zero, count: names.count)
        repeat {
            let label = try parseLabel()
            guard let index = names.firstIndex(of: label.name), acceptOperator("=>") else {
                throw SQLError(
                    .undefinedFunction, "function make_interval has no parameter \"\(label.name)\"",
                    position: label.span.start)
            }
            arguments[index] = try parseExpression()
        } while accept(.comma)
        return arguments
    }

    mutating func parseSpecialCall(_ keyword: Keyword) throws(SQLError) -> SQLExpression {
        let name = Identifier(token.text, span: token.span)
        advance()
        try expect(.leftParenthesis)
        let call: FunctionCall
        switch keyword {
        case .extract: call = try parseExtract(name)
        case .position: call = try parsePosition(name)
        case .trim: call = try parseTrim(name)
        default: call = try parseSubstring(name, isOverlay: keyword == .overlay)
        }
        try expect(.rightParenthesis)
        return SQLExpression(.call(call), span: span(from: name.span))
    }

    private mutating func parseExtract(_ name: Identifier) throws(SQLError) -> FunctionCall {
        let field: SQLExpression
        if token.kind == .string || label(of: token) != nil {
            field = SQLExpression(.string(token.text), span: token.span)
            advance()
        } else {
            throw unexpected()
        }
        // `extract('year', x)` is how the call prints.
        if !accept(.comma) { try expect(.from) }
        return FunctionCall(name: [name], arguments: [field, try parseExpression()])
    }

    private mutating func parsePosition(_ name: Identifier) throws(SQLError) -> FunctionCall {
        let part = try parseExpression(.other)
        try expect(.in)
        let whole = try parseExpression(.other)
        return FunctionCall(name: [Identifier("strpos", span: name.span)], arguments: [whole, part])
    }

    private mutating func parseTrim(_ name: Identifier) throws(SQLError) -> FunctionCall {
        var function = "btrim"
        if accept(.leading) {
            function = "ltrim"
        } else if accept(.trailing) {
            function = "rtrim"
        } else {
            _ = accept(.both)
        }
        let target = Identifier(function, span: name.span)
        if accept(.from) { return FunctionCall(name: [target], arguments: try parseExpressionList()) }
        let first = try parseExpression()
        if accept(.from) {
            let rest = try parseExpressionList()
            return FunctionCall(name: [target], arguments: rest + [first])
        }
        var arguments = [first]
        while accept(.comma) { arguments.append(try parseExpression()) }
        return FunctionCall(name: [target], arguments: arguments)
    }

    /// `SUBSTRING(a FROM b FOR c)` and `OVERLAY(a PLACING b FROM c FOR d)`; commas do as well.
    private mutating func parseSubstring(_ name: Identifier, isOverlay: Bool) throws(SQLError) -> FunctionCall
    {
        var arguments = [try parseExpression()]
        if accept(.comma) {
            arguments += try parseExpressionList()
            return FunctionCall(name: [name], arguments: arguments)
        }
        if isOverlay {
            try expect(.placing)
            arguments.append(try parseExpression())
            try expect(.from)
            arguments.append(try parseExpression())
            if accept(.for) { arguments.append(try parseExpression()) }
            return FunctionCall(name: [name], arguments: arguments)
        }
        if accept(.from) {
            arguments.append(try parseExpression())
            if accept(.for) { arguments.append(try parseExpression()) }
        } else if accept(.similar) {
            arguments.append(try parseExpression())
            try expect(.escape)
            arguments.append(try parseExpression())
        } else if accept(.for) {
            let start = SQLExpression(.integer("1"), span: token.span)
            arguments += [start, try parseExpression()]
            if accept(.from) {
                arguments[1] = try parseExpression()
            }
        } else {
            throw unexpected()
        }
        return FunctionCall(name: [name], arguments: arguments)
    }

    mutating func parseSortItems() throws(SQLError) -> [SortItem] {
        var items: [SortItem] = []
        repeat {
            var item = SortItem(try parseExpression())
            if accept(.desc) {
                item.isDescending = true
            } else if accept(.using) {
                guard atOperator("<") || atOperator(">") else { throw unexpected() }
                item.isDescending = token.text == ">"
                advance()
            } else {
                _ = accept(.asc)
            }
            if accept(.nulls) {
                if accept(.first) {
                    item.nullsFirst = true
                } else {
                    try expect(.last)
                    item.nullsFirst = false
                }
            }
            items.append(item)
        } while accept(.comma)
        return items
    }

    /// `(base PARTITION BY … ORDER BY … frame)`
    mutating func parseWindow() throws(SQLError) -> WindowSpecification {
        try expect(.leftParenthesis)
        var window = WindowSpecification(base: nil, partitionBy: [], orderBy: [], frame: nil)
        let isClause = at(.partition) || at(.range) || at(.rows) || at(.groups)
        if !isClause, let base = columnName(of: token) {
            window.base = base
            advance()
        }
        if accept(.partition) {
            try expect(.by)
            window.partitionBy = try parseExpressionList()
        }
        if accept(.order) {
            try expect(.by)
            window.orderBy = try parseSortItems()
        }
        window.frame = try parseFrame()
        try expect(.rightParenthesis)
        return window
    }

    private mutating func parseFrame() throws(SQLError) -> WindowFrame? {
        let unit: WindowFrame.Unit
        if accept(.rows) {
            unit = .rows
        } else if accept(.range) {
            unit = .range
        } else if accept(.groups) {
            unit = .groups
        } else {
            return nil
        }
        let start: WindowFrame.Bound
        var end = WindowFrame.Bound.currentRow
        let place = token.span.start
        if accept(.between) {
            start = try parseFrameBound()
            try expect(.and)
            end = try parseFrameBound()
        } else {
            start = try parseFrameBound()
        }
        if case .unboundedFollowing = start {
            throw SQLError(.windowingError, "frame start cannot be UNBOUNDED FOLLOWING", position: place)
        }
        if case .unboundedPreceding = end {
            throw SQLError(.windowingError, "frame end cannot be UNBOUNDED PRECEDING", position: place)
        }
        return WindowFrame(unit: unit, start: start, end: end, exclusion: try parseExclusion())
    }

    private mutating func parseFrameBound() throws(SQLError) -> WindowFrame.Bound {
        if accept(.unbounded) {
            if accept(.preceding) { return .unboundedPreceding }
            try expect(.following)
            return .unboundedFollowing
        }
        if accept(.current) {
            try expect(.row)
            return .currentRow
        }
        let offset = try parseExpression()
        if accept(.preceding) { return .preceding(offset) }
        try expect(.following)
        return .following(offset)
    }

    private mutating func parseExclusion() throws(SQLError) -> WindowFrame.Exclusion? {
        guard accept(.exclude) else { return nil }
        if accept(.current) {
            try expect(.row)
            return .currentRow
        }
        if accept(.group) { return .group }
        if accept(.ties) { return .ties }
        try expect(.no)
        try expect(.others)
        return .noOthers
    }
}
