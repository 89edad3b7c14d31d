extension SQLPrinter {
    public func text(_ expression: SQLExpression) -> String { text(expression, .or) }

    /// The expression, in parentheses if its operator binds less tightly than `minimum`.
    func text(_ expression: SQLExpression, _ minimum: Precedence) -> String {
        let own = precedence(of: expression.kind)
        let bare = bareText(expression)
        let isOperator = own < .postfix
        return own < minimum || (parenthesizesEverything && isOperator) ? "(\(bare))" : bare
    }

    private func precedence(of kind: SQLExpression.Kind) -> Precedence {
        switch kind {
        case .or: .or
        case .and: .and
        case .not: .not
        case .isTest, .isDistinctFrom: .is
        case .between, .match, .inList, .inQuery: .range
        case .unary(let sign, _): sign == "-" || sign == "+" ? .sign : .other
        case .binary(let sign, _, _), .quantifiedQuery(_, let sign, _, _),
            .quantifiedArray(_, let sign, _, _):
            Precedence.of(operation: sign)
        case .concatenation: Precedence.of(operation: "||")
        case .collate: .collate
        default: .postfix
        }
    }

    private func bareText(_ expression: SQLExpression) -> String {
        switch expression.kind {
        case .null: "NULL"
        case .boolean(let value): value ? "TRUE" : "FALSE"
        case .integer(let digits), .decimal(let digits): digits
        case .string(let value): dialect.string(value)
        case .typedString(let type, let value): typed(type, value)
        case .parameter(let number): "$\(number)"
        case .column(let parts): name(parts)
        case .star(let parts): parts.isEmpty ? "*" : name(parts) + ".*"
        case .call(let call): text(call)
        case .defaultValue: "DEFAULT"
        case .row(let list): "ROW(\(self.list(list) { text($0) }))"
        case .array(let list): "ARRAY[\(self.list(list) { text($0) })]"
        case .arrayQuery(let query): "ARRAY(\(text(query)))"
        case .scalarQuery(let query): "(\(text(query)))"
        case .exists(let query): "EXISTS (\(text(query)))"
        case .element(let operand, let index): "\(text(operand, .postfix))[\(text(index))]"
        case .field(let operand, let field): "(\(text(operand))).\(name(field))"
        case .collate(let operand, let collation): "\(text(operand, .collate)) COLLATE \(name(collation))"
        case .cast(let operand, let type): "CAST(\(text(operand)) AS \(text(type)))"
        case .caseWhen(let operand, let branches, let otherwise): text(case: operand, branches, otherwise)
        default: operatorText(expression)
        }
    }

    private func operatorText(_ expression: SQLExpression) -> String {
        switch expression.kind {
        case .or(let operands): return operands.map { text($0, .and) }.joined(separator: " OR ")
        case .and(let operands): return operands.map { text($0, .not) }.joined(separator: " AND ")
        case .not(let operand): return "NOT " + text(operand, .not)
        case .unary(let sign, let operand):
            let isSign = sign == "-" || sign == "+"
            let inner = text(operand, isSign ? .sign : .sum)
            let needsSpace = inner.utf8.first.map { CharacterClass.isOperator($0) } ?? true
            return sign + (needsSpace || !isSign ? " " : "") + inner
        case .binary(let sign, let left, let right):
            let own = Precedence.of(operation: sign)
            let leftMinimum = own == .comparison ? own.next : own
            return "\(text(left, leftMinimum)) \(dialect.operation(sign)) \(text(right, own.next))"
        case .concatenation(let operands):
            let own = Precedence.of(operation: "||")
            let texts = operands.enumerated().map { text($1, $0 == 0 ? own : own.next) }
            return texts.joined(separator: " \(dialect.operation("||")) ")
        case .isTest(let operand, let test, let isNegated):
            return "\(text(operand, .comparison)) IS \(isNegated ? "NOT " : "")\(test.rawValue)"
        case .isDistinctFrom(let left, let right, let isNegated):
            let sign = isNegated ? "IS NOT DISTINCT FROM" : "IS DISTINCT FROM"
            return "\(text(left, .comparison)) \(sign) \(text(right, .comparison))"
        case .quantifiedQuery(let left, let sign, let quantifier, let query):
            let own = Precedence.of(operation: sign)
            return
                "\(text(left, own.next)) \(dialect.operation(sign)) \(quantifier.rawValue) (\(text(query)))"
        case .quantifiedArray(let left, let sign, let quantifier, let array):
            let own = Precedence.of(operation: sign)
            return
                "\(text(left, own.next)) \(dialect.operation(sign)) \(quantifier.rawValue) (\(text(array)))"
        default: return rangeText(expression)
        }
    }

    private func rangeText(_ expression: SQLExpression) -> String {
        switch expression.kind {
        case .between(let operand, let low, let high, let isSymmetric, let isNegated):
            let sign = (isNegated ? "NOT " : "") + "BETWEEN" + (isSymmetric ? " SYMMETRIC" : "")
            return "\(text(operand, .other)) \(sign) \(text(low, .other)) AND \(text(high, .other))"
        case .match(let kind, let operand, let pattern, let escape, let isNegated):
            let sign = (isNegated ? "NOT " : "") + kind.rawValue
            let end = escape.map { " ESCAPE " + text($0, .other) } ?? ""
            return "\(text(operand, .other)) \(sign) \(text(pattern, .other))\(end)"
        case .inList(let operand, let list, let isNegated):
            let sign = isNegated ? "NOT IN" : "IN"
            return "\(text(operand, .other)) \(sign) (\(self.list(list) { text($0) }))"
        case .inQuery(let operand, let query, let isNegated):
            return "\(text(operand, .other)) \(isNegated ? "NOT IN" : "IN") (\(text(query)))"
        default: return ""
        }
    }

    private func text(
        case operand: SQLExpression?, _ branches: [CaseBranch], _ otherwise: SQLExpression?
    ) -> String {
        var parts = ["CASE"]
        if let operand { parts.append(text(operand)) }
        for branch in branches { parts.append("WHEN \(text(branch.condition)) THEN \(text(branch.result))") }
        if let otherwise { parts.append("ELSE " + text(otherwise)) }
        return parts.joined(separator: " ") + " END"
    }

    /// A constant of a type; the long names of two types do not stand before a string.
    private func typed(_ type: TypeName, _ value: String) -> String {
        var short = type
        if dialect == .postgres {
            if type.name == "character varying" { short.name = "varchar" }
            if type.name == "character" { short.name = "char" }
        }
        return "\(text(short)) \(dialect.string(value))"
    }

    public func text(_ type: TypeName) -> String {
        let known = dialect.typeName(type.name)
        let isPhrase = known.utf8.contains(0x20)
        let isTypeKeyword = Keyword(rawValue: known).map { $0.reservation == .columnName } ?? false
        let base = isPhrase || isTypeKeyword ? known : quoted(known)
        var modifiers = type.modifiers.isEmpty ? "" : "(\(list(type.modifiers) { String($0) }))"
        modifiers += String(repeating: "[]", count: type.arrayDimensions)
        if base.hasSuffix(" with time zone"), !type.modifiers.isEmpty {
            return "\(base.hasPrefix("timestamp") ? "timestamp" : "time")\(modifiers) with time zone"
        }
        return base + modifiers
    }

    func text(_ call: FunctionCall) -> String {
        var text = functionName(call)
        if Self.niladic.contains(text), call.name.count == 1, call.arguments.isEmpty, !call.isStar {
            return text
        }
        var inside = call.isStar ? "*" : list(call.arguments) { self.text($0) }
        if call.isDistinct { inside = "DISTINCT " + inside }
        if !call.orderBy.isEmpty { inside += " ORDER BY " + list(call.orderBy, self.text) }
        text += "(\(inside))"
        if !call.withinGroup.isEmpty {
            text += " WITHIN GROUP (ORDER BY \(list(call.withinGroup, self.text)))"
        }
        if let filter = call.filter { text += " FILTER (WHERE \(self.text(filter)))" }
        switch call.over {
        case .named(let window): text += " OVER " + name(window)
        case .specification(let window): text += " OVER (\(self.text(window)))"
        case nil: break
        }
        return text
    }

    private func functionName(_ call: FunctionCall) -> String {
        guard call.name.count == 1 else { return name(call.name) }
        let plain = dialect.functionName(call.name[0].name)
        let isBare = Self.special.contains(plain) || Self.niladic.contains(plain)
        let isFunctionWord = Keyword(rawValue: plain).map { $0.reservation == .functionOrType } ?? false
        return isBare || isFunctionWord ? plain : quoted(plain)
    }

    /// Calls that the grammar knows by their words, which therefore stay without quotes.
    private static let special: Set<String> = [
        "coalesce", "greatest", "least", "nullif", "grouping", "normalize", "extract", "substring", "overlay",
    ]

    private static let niladic: Set<String> = [
        "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_user",
        "session_user", "user", "current_catalog", "current_role", "current_schema",
    ]

    func text(_ item: SortItem) -> String {
        let nulls = item.nullsFirst.map { $0 ? " NULLS FIRST" : " NULLS LAST" } ?? ""
        return text(item.expression) + (item.isDescending ? " DESC" : "") + nulls
    }

    func text(_ window: WindowSpecification) -> String {
        var parts: [String] = []
        if let base = window.base { parts.append(name(base)) }
        if !window.partitionBy.isEmpty {
            parts.append("PARTITION BY " + list(window.partitionBy) { text($0) })
        }
        if !window.orderBy.isEmpty { parts.append("ORDER BY " + list(window.orderBy, text)) }
        if let frame = window.frame {
            let exclusion = frame.exclusion.map { " EXCLUDE " + $0.rawValue } ?? ""
            parts.append(
                "\(frame.unit.rawValue) BETWEEN \(text(frame.start)) AND \(text(frame.end))\(exclusion)")
        }
        return parts.joined(separator: " ")
    }

    private func text(_ bound: WindowFrame.Bound) -> String {
        switch bound {
        case .unboundedPreceding: "UNBOUNDED PRECEDING"
        case .preceding(let offset): text(offset) + " PRECEDING"
        case .currentRow: "CURRENT ROW"
        case .following(let offset): text(offset) + " FOLLOWING"
        case .unboundedFollowing: "UNBOUNDED FOLLOWING"
        }
    }
}
