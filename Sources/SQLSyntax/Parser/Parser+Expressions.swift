extension Parser {
    /// An expression whose operators bind at least as tightly as `minimum`.
    mutating func parseExpression(_ minimum: Precedence = .or) throws(SQLError) -> SQLExpression {
        let outer = try enter()
        var left = try parsePrefix()
        // Comparisons do not chain: after one, no other of its rank may follow.
        var ceiling = Precedence.postfix
        while let precedence = infixPrecedence(), precedence >= minimum, precedence <= ceiling {
            let isChainable = precedence != .comparison && precedence != .range
            left = try parseInfix(left, precedence)
            try grow()
            if !isChainable { ceiling = precedence == .comparison ? .is : .comparison }
        }
        try leave(outer)
        return left
    }

    private mutating func parsePrefix() throws(SQLError) -> SQLExpression {
        let start = token.span
        if accept(.not) {
            let operand = try parseExpression(.not)
            return SQLExpression(.not(operand), span: span(from: start))
        }
        if token.kind == .operation && token.text != "*" {
            let sign = token.text
            advance()
            let operand = try parseExpression(sign == "-" || sign == "+" ? .sign : .sum)
            return SQLExpression(.unary(sign, operand), span: span(from: start))
        }
        var expression = try parsePrimary()
        while at(.doubleColon) || at(.leftBracket) || (at(.dot) && isParenthesis(at: index - 1)) {
            expression = try parsePostfix(expression)
            try grow()
        }
        return expression
    }

    private func isParenthesis(at index: Int) -> Bool {
        index >= 0 && tokens[index].kind == .symbol(.rightParenthesis)
    }

    private mutating func parsePostfix(_ operand: SQLExpression) throws(SQLError) -> SQLExpression {
        if accept(.doubleColon) {
            let type = try parseType()
            return SQLExpression(.cast(operand, type), span: span(from: operand.span))
        }
        if accept(.leftBracket) {
            if let slice = try parseSlice(operand) { return slice }
            let place = try parseExpression()
            if accept(.colon) { return try parseSlice(operand, from: place) }
            try expect(.rightBracket)
            return SQLExpression(.element(operand, index: place), span: span(from: operand.span))
        }
        try expect(.dot)
        let field = try parseLabel()
        return SQLExpression(.field(operand, field), span: span(from: operand.span))
    }

    /// `a[:j]`; nil for what is no slice without a start.
    private mutating func parseSlice(_ operand: SQLExpression) throws(SQLError) -> SQLExpression? {
        guard accept(.colon) else { return nil }
        return try parseSlice(operand, from: SQLExpression(.integer("1"), span: token.span))
    }

    /// `a[i:j]` behind its colon: a call of `array_slice`.
    private mutating func parseSlice(
        _ operand: SQLExpression, from low: SQLExpression
    ) throws(SQLError) -> SQLExpression {
        let last = SQLExpression(.integer(String(Int32.max)), span: token.span)
        let high = at(.rightBracket) ? last : try parseExpression()
        try expect(.rightBracket)
        let call = FunctionCall(
            name: [Identifier("array_slice", span: operand.span)], arguments: [operand, low, high])
        return SQLExpression(.call(call), span: span(from: operand.span))
    }

    /// The rank of the operator at the current token; nil if an expression ends here.
    private func infixPrecedence() -> Precedence? {
        switch token.kind {
        case .operation: Precedence.of(operation: token.text)
        case .keyword(let keyword): infixPrecedence(of: keyword)
        default: nil
        }
    }

    private func infixPrecedence(of keyword: Keyword) -> Precedence? {
        switch keyword {
        case .or: return .or
        case .and: return .and
        case .is, .isnull, .notnull: return .is
        case .between, .in, .like, .ilike: return .range
        case .similar: return peek().kind == .keyword(.to) ? .range : nil
        case .not:
            switch peek().kind {
            case .keyword(.between), .keyword(.in), .keyword(.like), .keyword(.ilike), .keyword(.similar):
                return .range
            default: return nil
            }
        case .at: return peek().kind == .keyword(.time) ? .at : nil
        case .collate: return .collate
        case .overlaps: return .other
        default: return nil
        }
    }

    private mutating func parseInfix(
        _ left: SQLExpression, _ precedence: Precedence
    ) throws(SQLError) -> SQLExpression {
        switch precedence {
        case .or: return try parseLogical(left, .or)
        case .and: return try parseLogical(left, .and)
        case .is: return try parseTest(left)
        case .range: return try parseRange(left)
        case .at:
            advance()
            try expect(.time)
            try expect(.zone)
            let zone = try parseExpression(.collate)
            let name = [Identifier("timezone", span: left.span)]
            let call = FunctionCall(name: name, arguments: [zone, left])
            return SQLExpression(.call(call), span: span(from: left.span))
        case .collate:
            advance()
            let name = try parseQualifiedName()
            return SQLExpression(.collate(left, name), span: span(from: left.span))
        default: return try parseOperator(left, precedence)
        }
    }

    private mutating func parseLogical(
        _ left: SQLExpression, _ keyword: Keyword
    ) throws(SQLError) -> SQLExpression {
        var operands = [left]
        while accept(keyword) {
            operands.append(try parseExpression(keyword == .or ? .and : .not))
        }
        let kind: SQLExpression.Kind = keyword == .or ? .or(operands) : .and(operands)
        return SQLExpression(kind, span: span(from: left.span))
    }

    private mutating func parseOperator(
        _ left: SQLExpression, _ precedence: Precedence
    ) throws(SQLError) -> SQLExpression {
        if at(.overlaps) { return try parseOverlaps(left) }
        let sign = token.text
        advance()
        if let quantifier = acceptQuantifier() {
            return try parseQuantified(left, sign, quantifier)
        }
        let right = try parseExpression(precedence.next)
        if sign == "||", atOperator("||") { return try parseConcatenation([left, right], precedence) }
        return SQLExpression(.binary(sign, left, right), span: span(from: left.span))
    }

    /// The further operands of `||`, up to an operator of its rank that is another.
    private mutating func parseConcatenation(
        _ first: [SQLExpression], _ precedence: Precedence
    ) throws(SQLError) -> SQLExpression {
        var operands = first
        while acceptOperator("||") {
            if let quantifier = acceptQuantifier() {
                let kind: SQLExpression.Kind =
                    operands.count > 2
                    ? .concatenation(operands) : .binary("||", operands[0], operands[1])
                return try parseQuantified(
                    SQLExpression(kind, span: span(from: operands[0].span)), "||", quantifier)
            }
            operands.append(try parseExpression(precedence.next))
        }
        return SQLExpression(.concatenation(operands), span: span(from: operands[0].span))
    }

    /// `(start, end) OVERLAPS (start, end)`: a call of four arguments.
    private mutating func parseOverlaps(_ left: SQLExpression) throws(SQLError) -> SQLExpression {
        let name = Identifier("overlaps", span: token.span)
        advance()
        let right = try parseExpression(.sum)
        guard case .row(let first) = left.kind, case .row(let second) = right.kind, first.count == 2,
            second.count == 2
        else {
            throw SQLError(
                .syntaxError, "wrong number of parameters on a side of OVERLAPS expression",
                position: name.span.start)
        }
        let call = FunctionCall(name: [name], arguments: first + second)
        return SQLExpression(.call(call), span: span(from: left.span))
    }

    private mutating func acceptQuantifier() -> Quantifier? {
        guard peek().kind == .symbol(.leftParenthesis) else { return nil }
        if accept(.any) || accept(.some) { return .any }
        return accept(.all) ? .all : nil
    }

    private mutating func parseQuantified(
        _ left: SQLExpression, _ sign: String, _ quantifier: Quantifier
    ) throws(SQLError) -> SQLExpression {
        let isQuery = startsQuery(at: index + 1)
        try expect(.leftParenthesis)
        let kind: SQLExpression.Kind
        if isQuery {
            kind = .quantifiedQuery(left, sign, quantifier, try parseQuery())
        } else {
            kind = .quantifiedArray(left, sign, quantifier, try parseExpression())
        }
        try expect(.rightParenthesis)
        return SQLExpression(kind, span: span(from: left.span))
    }

    /// IS …, ISNULL, NOTNULL.
    private mutating func parseTest(_ left: SQLExpression) throws(SQLError) -> SQLExpression {
        if accept(.isnull) {
            return SQLExpression(.isTest(left, .null, isNegated: false), span: span(from: left.span))
        }
        if accept(.notnull) {
            return SQLExpression(.isTest(left, .null, isNegated: true), span: span(from: left.span))
        }
        try expect(.is)
        let isNegated = accept(.not)
        if accept(.distinct) {
            try expect(.from)
            let right = try parseExpression(.comparison)
            return SQLExpression(
                .isDistinctFrom(left, right, isNegated: isNegated), span: span(from: left.span))
        }
        let test: TruthTest
        switch token.kind {
        case .keyword(.null): test = .null
        case .keyword(.true): test = .true
        case .keyword(.false): test = .false
        case .keyword(.unknown): test = .unknown
        default: throw unexpected()
        }
        advance()
        return SQLExpression(.isTest(left, test, isNegated: isNegated), span: span(from: left.span))
    }

    /// [NOT] BETWEEN, IN, LIKE, ILIKE, SIMILAR TO.
    private mutating func parseRange(_ left: SQLExpression) throws(SQLError) -> SQLExpression {
        let isNegated = accept(.not)
        if accept(.in) { return try parseIn(left, isNegated: isNegated) }
        if accept(.between) {
            let isSymmetric = accept(.symmetric)
            if !isSymmetric { _ = accept(.asymmetric) }
            let low = try parseExpression(.other)
            try expect(.and)
            let high = try parseExpression(.other)
            return SQLExpression(
                .between(left, low: low, high: high, isSymmetric: isSymmetric, isNegated: isNegated),
                span: span(from: left.span))
        }
        let pattern: PatternKind
        if accept(.like) {
            pattern = .like
        } else if accept(.ilike) {
            pattern = .ilike
        } else {
            try expect(.similar)
            try expect(.to)
            pattern = .similar
        }
        if pattern != .similar, let quantifier = acceptQuantifier() {
            let sign = (isNegated ? "!" : "") + (pattern == .like ? "~~" : "~~*")
            return try parseQuantified(left, sign, quantifier)
        }
        let right = try parseExpression(.other)
        let escape = accept(.escape) ? try parseExpression(.other) : nil
        return SQLExpression(
            .match(pattern, left, pattern: right, escape: escape, isNegated: isNegated),
            span: span(from: left.span))
    }

    private mutating func parseIn(
        _ left: SQLExpression, isNegated: Bool
    ) throws(SQLError) -> SQLExpression {
        guard at(.leftParenthesis) else { throw unexpected() }
        let isQuery = startsQuery(at: index + 1)
        try expect(.leftParenthesis)
        let kind: SQLExpression.Kind
        if isQuery {
            kind = .inQuery(left, try parseQuery(), isNegated: isNegated)
        } else {
            kind = .inList(left, try parseExpressionList(), isNegated: isNegated)
        }
        try expect(.rightParenthesis)
        return SQLExpression(kind, span: span(from: left.span))
    }

    /// At least one expression, with commas between.
    mutating func parseExpressionList() throws(SQLError) -> [SQLExpression] {
        var list = [try parseExpression()]
        while accept(.comma) { list.append(try parseExpression()) }
        return list
    }
}
