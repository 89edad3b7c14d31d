import SQLSyntax

/// The rules of where a recursive common table may name itself, as PostgreSQL has them.
struct RecursionCheck {
    let name: Identifier
    private var count = 0

    init(name: Identifier) { self.name = name }

    /// Whether the query names the table anywhere.
    static func mentions(_ name: Identifier, in query: Query) -> Bool {
        var check = RecursionCheck(name: name)
        do throws(SQLError) {
            try check.visit(query, place: nil)
        } catch {
            return true
        }
        return check.count > 0
    }

    /// - Throws: `invalidRecursion` for a table that is named where it may not be.
    static func check(_ name: Identifier, seed: QueryBody, step: QueryBody) throws(SQLError) {
        var inSeed = RecursionCheck(name: name)
        try inSeed.visit(seed, place: "its non-recursive term")
        var inStep = RecursionCheck(name: name)
        try inStep.visit(step, place: nil)
    }

    private func error(_ text: String) -> SQLError {
        SQLError(
            .invalidRecursion, "recursive reference to query \"\(name.name)\" must not appear \(text)",
            position: name.span.start)
    }

    /// - Parameter place: Where a mention is an error; nil where it is none.
    private mutating func visit(_ query: Query, place: String?) throws(SQLError) {
        for table in query.with?.tables ?? [] {
            // A table of the same name hides this one.
            if table.name.name == name.name { return }
            try visit(table.query, place: place)
        }
        try visit(query.body, place: place)
        for item in query.orderBy { try visit(item.expression) }
    }

    private mutating func visit(_ body: QueryBody, place: String?) throws(SQLError) {
        switch body {
        case .select(let core):
            let before = count
            for reference in core.from { try visit(reference, place: place) }
            if count > before, place == nil,
                core.items.contains(where: { SyntaxSearch.containsAggregate($0.expression) })
            {
                throw SQLError(
                    .invalidRecursion,
                    "aggregate functions are not allowed in a recursive query's recursive term",
                    position: core.span.start)
            }
            for item in core.items { try visit(item.expression) }
            if let filter = core.filter { try visit(filter) }
            if let having = core.having { try visit(having) }
        case .values(let rows):
            for row in rows { for cell in row { try visit(cell) } }
        case .table(let parts): try note(parts, place: place)
        case .nested(let query): try visit(query, place: place)
        case .setOperation(let operation, _, let left, let right):
            let inner = operation == .union ? place : place ?? operation.rawValue
            try visit(left, place: operation == .except ? place : inner)
            try visit(right, place: inner)
        case .unions(let bodies, _):
            for body in bodies { try visit(body, place: place) }
        }
    }

    private mutating func visit(_ reference: TableReference, place: String?) throws(SQLError) {
        switch reference {
        case .table(let table): try note(table.name, place: place)
        case .query(let query, _, _): try visit(query, place: place)
        case .function(let call, _, _, _, _):
            for argument in call.arguments { try visit(argument) }
        case .join(let join):
            let isLeftNullable = join.kind == .right || join.kind == .full
            let isRightNullable = join.kind == .left || join.kind == .full
            try visit(join.left, place: place ?? (isLeftNullable ? "an outer join" : nil))
            try visit(join.right, place: place ?? (isRightNullable ? "an outer join" : nil))
            if case .on(let condition) = join.condition { try visit(condition) }
        }
    }

    private mutating func note(_ parts: [Identifier], place: String?) throws(SQLError) {
        guard parts.count == 1, parts[0].name == name.name else { return }
        if let place { throw error("within \(place)") }
        count += 1
        if count > 1 { throw error("more than once") }
    }

    private mutating func visit(_ expression: SQLExpression) throws(SQLError) {
        switch expression.kind {
        case .exists(let query), .scalarQuery(let query), .arrayQuery(let query),
            .inQuery(_, let query, _), .quantifiedQuery(_, _, _, let query):
            try visit(query, place: "a subquery")
        default: break
        }
        for operand in SyntaxSearch.operands(of: expression) { try visit(operand) }
    }
}
