/// Writes syntax trees as SQL text, on one line, with no more parentheses than the dialect needs.
///
/// What `SQLParser` reads from the text in the dialect of PostgreSQL is the tree that was printed, spans
/// apart.
public struct SQLPrinter: Sendable {
    public var dialect: SQLDialect
    /// Whether every operator gets parentheses, so that the text shows the shape of the tree.
    public var parenthesizesEverything: Bool

    public init(dialect: SQLDialect = .postgres, parenthesizesEverything: Bool = false) {
        self.dialect = dialect
        self.parenthesizesEverything = parenthesizesEverything
    }

    public func text(_ query: Query) -> String {
        var parts: [String] = []
        if let with = query.with { parts.append(text(with)) }
        parts.append(text(query.body, rank: 0, isRight: false))
        if !query.orderBy.isEmpty { parts.append("ORDER BY " + list(query.orderBy, text)) }
        if let limit = query.limit {
            if query.limitWithTies {
                if let offset = query.offset { parts.append("OFFSET " + text(offset)) }
                parts.append("FETCH FIRST (\(text(limit))) ROWS WITH TIES")
                return parts.joined(separator: " ")
            }
            parts.append("LIMIT " + text(limit))
        }
        if let offset = query.offset { parts.append("OFFSET " + text(offset)) }
        return parts.joined(separator: " ")
    }

    /// A name, quoted where it would not be read back bare.
    public func name(_ identifier: Identifier) -> String { quoted(identifier.name) }

    public func name(_ parts: [Identifier]) -> String { parts.map(name).joined(separator: ".") }

    func list<Element>(_ elements: [Element], _ text: (Element) -> String) -> String {
        elements.map(text).joined(separator: ", ")
    }

    private func text(_ with: WithClause) -> String {
        let tables = list(with.tables) { table in
            let columns = table.columns.isEmpty ? "" : " (\(list(table.columns, name)))"
            let hint = table.isMaterialized.map { $0 ? "MATERIALIZED " : "NOT MATERIALIZED " } ?? ""
            return "\(name(table.name))\(columns) AS \(hint)(\(text(table.query)))"
        }
        return "WITH \(with.isRecursive ? "RECURSIVE " : "")\(tables)"
    }

    /// `rank` and `isRight` say where the body stands: under which set operation (UNION 1, INTERSECT 2), on
    /// which side.
    private func text(_ body: QueryBody, rank: Int, isRight: Bool) -> String {
        switch body {
        case .select(let core): return text(core)
        case .values(let rows): return "VALUES " + list(rows) { "(\(list($0) { text($0) }))" }
        case .table(let parts): return "TABLE " + name(parts)
        case .nested(let query): return "(\(text(query)))"
        case .setOperation(let operation, let isAll, let left, let right):
            let own = operation == .intersect ? 2 : 1
            let sign = operation.rawValue + (isAll ? " ALL" : "")
            let whole =
                "\(text(left, rank: own, isRight: false)) \(sign) \(text(right, rank: own, isRight: true))"
            return isBelow(own, rank, isRight) ? "(\(whole))" : whole
        case .unions(let bodies, let isAll):
            let texts = bodies.enumerated().map { text($1, rank: 1, isRight: $0 > 0) }
            let whole = texts.joined(separator: isAll ? " UNION ALL " : " UNION ")
            return isBelow(1, rank, isRight) ? "(\(whole))" : whole
        }
    }

    private func isBelow(_ own: Int, _ rank: Int, _ isRight: Bool) -> Bool {
        rank > 0 && (parenthesizesEverything || own < rank || (own == rank && isRight))
    }

    private func text(_ core: SelectCore) -> String {
        var parts = ["SELECT"]
        switch core.distinct {
        case .all: parts.append("DISTINCT")
        case .on(let keys): parts.append("DISTINCT ON (\(list(keys) { text($0) }))")
        case nil: break
        }
        if !core.items.isEmpty { parts.append(list(core.items, text)) }
        if !core.from.isEmpty { parts.append("FROM " + list(core.from, text)) }
        if let filter = core.filter { parts.append("WHERE " + text(filter)) }
        if !core.groupBy.isEmpty {
            let distinct = core.groupByIsDistinct ? "DISTINCT " : ""
            parts.append("GROUP BY " + distinct + list(core.groupBy, text))
        }
        if let having = core.having { parts.append("HAVING " + text(having)) }
        if !core.windows.isEmpty {
            parts.append("WINDOW " + list(core.windows) { "\(name($0.name)) AS (\(text($0.specification)))" })
        }
        if let qualify = core.qualify { parts.append("QUALIFY " + text(qualify)) }
        return parts.joined(separator: " ")
    }

    func text(_ item: SelectItem) -> String {
        text(item.expression) + (item.alias.map { " AS " + name($0) } ?? "")
    }

    private func text(_ element: GroupingElement) -> String {
        switch element {
        case .expression(let expression): text(expression)
        case .group(let expressions): "(\(list(expressions) { text($0) }))"
        case .rollup(let elements): "ROLLUP (\(list(elements, text)))"
        case .cube(let elements): "CUBE (\(list(elements, text)))"
        case .sets(let elements): "GROUPING SETS (\(list(elements, text)))"
        }
    }

    public func text(_ table: TableReference) -> String {
        switch table {
        case .table(let table):
            let rows = table.sample.map { sample in
                let seed = sample.seed.map { " REPEATABLE (\(text($0)))" } ?? ""
                return " TABLESAMPLE \(name(sample.method)) (\(list(sample.arguments) { text($0) }))\(seed)"
            }
            return name(table.name) + text(table.asOf) + text(table.alias) + (rows ?? "")
        case .query(let query, let alias, let isLateral):
            return "\(isLateral ? "LATERAL " : "")(\(text(query)))\(text(alias))"
        case .function(let call, let alias, let isLateral, let withOrdinality, _):
            let ordinality = withOrdinality ? " WITH ORDINALITY" : ""
            return "\(isLateral ? "LATERAL " : "")\(text(call))\(ordinality)\(text(alias))"
        case .join(let join): return text(join)
        }
    }

    private func text(_ join: Join) -> String {
        var sign = join.kind == .inner ? "JOIN" : "\(join.kind.rawValue) JOIN"
        if join.isAsOf { sign = "ASOF " + sign }
        if join.condition == .natural { sign = "NATURAL " + sign }
        let left = text(join.left)
        let right =
            if case .join(let inner) = join.right, inner.alias == nil {
                "(\(text(join.right)))"
            } else {
                text(join.right)
            }
        var whole = "\(left) \(sign) \(right)"
        switch join.condition {
        case .on(let condition): whole += " ON " + text(condition)
        case .using(let columns): whole += " USING (\(list(columns, name)))"
        case .natural, .none: break
        }
        return join.alias.map { "(\(whole)) AS \(text(plain: $0))" } ?? whole
    }

    private func text(_ asOf: AsOf?) -> String {
        switch asOf {
        case .version(let expression): " AS OF VERSION " + text(expression)
        case .time(let expression): " AS OF " + text(expression)
        case nil: ""
        }
    }

    private func text(_ alias: TableAlias?) -> String { alias.map { " AS " + text(plain: $0) } ?? "" }

    private func text(plain alias: TableAlias) -> String {
        name(alias.name) + (alias.columns.isEmpty ? "" : " (\(list(alias.columns, name)))")
    }

    func quoted(_ name: String) -> String {
        let bytes = Array(name.utf8)
        let isPlain =
            bytes.first.map { CharacterClass.startsIdentifier($0) } ?? false
            && bytes.allSatisfy { CharacterClass.continuesIdentifier($0) && CharacterClass.lowered($0) == $0 }
        let isFree = Keyword(rawValue: name).map { $0.reservation == .none && $0.isBareLabel } ?? true
        if isPlain, isFree, dialect == .postgres || bytes.allSatisfy({ $0 < 0x80 }) { return name }
        var text = String(dialect.identifierQuote)
        for character in name.unicodeScalars {
            if character == dialect.identifierQuote.unicodeScalars.first {
                text.unicodeScalars.append(character)
            }
            text.unicodeScalars.append(character)
        }
        text.append(dialect.identifierQuote)
        return text
    }
}
