extension Parser {
    /// A type: `numeric(18, 2)`, `double precision`, `timestamp without time zone`, `integer[]`.
    mutating func parseType() throws(SQLError) -> TypeName {
        var type = try parseScalarType()
        if accept(.array) {
            if accept(.leftBracket) {
                _ = try expectInteger()
                try expect(.rightBracket)
            }
            type.arrayDimensions = 1
        }
        while accept(.leftBracket) {
            if token.kind == .integer { advance() }
            try expect(.rightBracket)
            type.arrayDimensions += 1
        }
        type.span = span(from: type.span)
        return type
    }

    /// A type without the brackets of an array.
    mutating func parseScalarType() throws(SQLError) -> TypeName {
        let start = token.span
        guard let first = typeWord(of: token) else { throw unexpected() }
        let isQuoted = token.kind == .quotedIdentifier
        advance()
        var name = first
        if !isQuoted {
            switch first {
            case "double":
                if accept(.precision) { name = "double precision" }
            case "character", "char", "national", "nchar":
                if first == "national" { advance() }
                name = accept(.varying) ? "character varying" : "character"
            default: name = TypeName.aliases[first] ?? first
            }
            while accept(.dot) {
                // A schema before a type's name says nothing: there is one schema of types.
                let last = try parseLabel().name
                name = TypeName.aliases[last] ?? last
            }
        }
        var type = TypeName(name: name, modifiers: try parseTypeModifiers(), span: start)
        if first == "float" { type.name = try floatName(of: type) }
        if name == "timestamp" || name == "time" { type.name += try parseZone() }
        if name == "interval" { try skipIntervalFields() }
        if first == "float" { type.modifiers = [] }
        type.span = span(from: start)
        return type
    }

    private func typeWord(of token: Token) -> String? {
        if case .keyword(let keyword) = token.kind, keyword.reservation == .columnName {
            return keyword == .setof || keyword == .row ? nil : token.text
        }
        return functionName(of: token)?.name
    }

    private mutating func parseTypeModifiers() throws(SQLError) -> [Int] {
        guard accept(.leftParenthesis) else { return [] }
        var modifiers: [Int] = []
        repeat {
            let isNegative = acceptOperator("-")
            let value = try expectInteger()
            modifiers.append(isNegative ? -value : value)
        } while accept(.comma)
        try expect(.rightParenthesis)
        return modifiers
    }

    private func floatName(of type: TypeName) throws(SQLError) -> String {
        guard let bits = type.modifiers.first else { return "double precision" }
        guard (1...53).contains(bits) else {
            throw SQLError(
                .invalidParameterValue, "precision for type float must be between 1 and 53 bits",
                position: type.span.start)
        }
        return bits <= 24 ? "real" : "double precision"
    }

    private mutating func parseZone() throws(SQLError) -> String {
        if at(.with) && peek().kind == .keyword(.time) {
            advance()
        } else if at(.without) {
            advance()
            try expect(.time)
            try expect(.zone)
            return ""
        } else {
            return ""
        }
        try expect(.time)
        try expect(.zone)
        return " with time zone"
    }

    /// `interval day to second`: every interval keeps all its fields, so the words only have to be right.
    mutating func skipIntervalFields() throws(SQLError) {
        guard acceptIntervalField() else { return }
        if accept(.to) {
            guard acceptIntervalField() else { throw unexpected() }
        }
        _ = try parseTypeModifiers()
    }

    private mutating func acceptIntervalField() -> Bool {
        for field in [Keyword.year, .month, .day, .hour, .minute, .second] where accept(field) { return true }
        return false
    }

    /// Whether a constant such as `DATE '2024-01-31'` begins here: a type, then a string.
    var startsTypedString: Bool {
        let next = peek().kind
        guard case .keyword(let keyword) = token.kind else {
            return next == .string && token.kind != .end && functionName(of: token) != nil
        }
        switch keyword {
        case .double: return next == .string || (next == .keyword(.precision) && peek(2).kind == .string)
        default:
            guard keyword.reservation == .columnName || keyword.reservation == .none else { return false }
            let after = distancePastModifiers
            let isZone = peek(after).kind == .keyword(.with) || peek(after).kind == .keyword(.without)
            let hasZone = keyword == .timestamp || keyword == .time
            return peek(after).kind == .string
                || (hasZone && isZone && peek(after + 1).kind == .keyword(.time))
        }
    }

    /// How far the token behind `name (1, 2)` is from `name`; 1 if no such parentheses follow.
    private var distancePastModifiers: Int {
        guard peek().kind == .symbol(.leftParenthesis) else { return 1 }
        var distance = 2
        while peek(distance).kind == .integer || peek(distance).kind == .symbol(.comma) { distance += 1 }
        return peek(distance).kind == .symbol(.rightParenthesis) ? distance + 1 : 1
    }

    mutating func parseTypedString() throws(SQLError) -> SQLExpression {
        let start = token.span
        let type = try parseScalarType()
        let text = try expectString()
        if type.name == "interval" {
            let field = token.span
            let unit = token.text
            let before = index
            try skipIntervalFields()
            if index > before {
                return intervalWithUnit(text, unit: unit, type: type, start: start.through(field))
            }
        }
        return SQLExpression(.typedString(type, text), span: span(from: start))
    }

    /// `INTERVAL '3' DAY`: a bare number counts the unit that follows it.
    private func intervalWithUnit(
        _ text: String, unit: String, type: TypeName, start: SourceSpan
    ) -> SQLExpression {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let isNumber =
            !digits.isEmpty
            && digits.utf8.allSatisfy { CharacterClass.isDigit($0) || $0 == 0x2E || $0 == 0x20 }
        let full = isNumber ? "\(text) \(unit)" : text
        return SQLExpression(.typedString(type, full), span: span(from: start))
    }
}
