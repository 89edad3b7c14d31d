import Columns
import Execution
import SQLSyntax

extension Binder {
    /// A common table that reads itself: `seed UNION [ALL] step`.
    func bindRecursive(
        _ table: CommonTable, parent: Scope?, _ tables: CommonTables
    ) throws(SQLError) -> BoundQuery {
        let name = table.name
        guard let (isAll, seedBody, stepBody) = Self.seedAndStep(table.query.body) else {
            throw SQLError(
                .invalidRecursion,
                "recursive query \"\(name.name)\" does not have the form "
                    + "non-recursive-term UNION [ALL] recursive-term",
                position: name.span.start)
        }
        try rejectAround(table.query)
        try RecursionCheck.check(name, seed: seedBody, step: stepBody)
        let seed = typed(try bind(seedBody, parent: parent, tables))
        var names = try renamed(seed.columns, table.columns, of: name)
        for index in names.indices where isOpen(names[index].type) {
            // The scale of a NUMERIC is its type's here: room for what the steps may add to it.
            names[index].type = .decimal(
                precision: DataType.decimalPrecisionMax, scale: seedScale(names[index]))
        }
        let id = newTable()
        let visible = CommonTables(parent: tables)
        let working = CommonTables.Table(
            name: name.name, id: id, query: BoundQuery(plan: .values([], columns: names), columns: names),
            isMaterialized: nil)
        visible.tables.append(working)
        let step = typed(try bind(stepBody, parent: parent, visible))
        guard seed.columns.count == step.columns.count else {
            throw SQLError(
                .syntaxError, "each UNION query must have the same number of columns",
                position: SyntaxSearch.span(of: stepBody).start)
        }
        for (index, column) in step.columns.enumerated() {
            try check(column.type, against: names[index].type, index, name)
        }
        let columns = names.map { newColumn($0.name, $0.type) }
        let recursive = LogicalRecursive(
            id: id, seed: converted(seed, to: names), step: converted(step, to: names), columns: columns,
            isDistinct: !isAll)
        return BoundQuery(plan: .recursive(recursive), columns: columns)
    }

    /// The last body under UNION is the step, all before it are the seed.
    private static func seedAndStep(
        _ body: QueryBody
    ) -> (isAll: Bool, seed: QueryBody, step: QueryBody)? {
        switch body {
        case .setOperation(.union, let isAll, let left, let right): return (isAll, left, right)
        case .unions(let bodies, let isAll):
            let seed: QueryBody =
                bodies.count > 3
                ? .unions(Array(bodies.dropLast()), isAll: isAll)
                : .setOperation(.union, isAll: isAll, left: bodies[0], right: bodies[1])
            return (isAll, seed, bodies[bodies.count - 1])
        default: return nil
        }
    }

    private func rejectAround(_ query: Query) throws(SQLError) {
        let what: String
        if !query.orderBy.isEmpty {
            what = "ORDER BY"
        } else if query.offset != nil {
            what = "OFFSET"
        } else if query.limit != nil {
            what = "LIMIT"
        } else if query.with != nil {
            what = "WITH"
        } else {
            return
        }
        throw SQLError(
            .featureNotSupported, "\(what) in a recursive query is not implemented",
            position: query.span.start)
    }

    private func isOpen(_ type: DataType) -> Bool { type.isDecimal }

    private func seedScale(_ column: LogicalColumn) -> Int {
        guard case .decimal(_, let scale) = column.type else { return 0 }
        return max(scale, DecimalTyping.quotientScaleMin)
    }

    private func check(
        _ type: DataType, against seed: DataType, _ index: Int, _ name: Identifier
    ) throws(SQLError) {
        if type == seed || (type.isDecimal && seed.isDecimal) { return }
        let common = TypeCoercion.commonType([.known(seed), .known(type)])
        if let common, common == seed || (common.isDecimal && seed.isDecimal) { return }
        let shown = common?.shownName ?? type.shownName
        throw SQLError(
            .datatypeMismatch,
            "recursive query \"\(name.name)\" column \(index + 1) has type \(seed.shownName) "
                + "in non-recursive term but type \(shown) overall",
            position: name.span.start,
            hint: "Cast the output of the non-recursive term to the correct type.")
    }

    private func converted(_ query: BoundQuery, to columns: [LogicalColumn]) -> UnionInput {
        let items = zip(query.columns, columns).map { column, target in
            NamedExpression(
                Coercion.convert(column.reference, to: target.type), as: newColumn(target.name, target.type))
        }
        return UnionInput(plan: .project(query.plan, items), columns: items.map(\.column))
    }
}
