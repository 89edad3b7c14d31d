import Columns
import Execution
import SQLSyntax

extension Binder {
    struct BoundFrom {
        var plan: LogicalPlan
        var scope: Scope
    }

    /// Tables with commas between are joined crosswise; no table at all is one row without columns.
    func bindFrom(
        _ references: [TableReference], parent: Scope?, _ tables: CommonTables
    ) throws(SQLError) -> BoundFrom {
        guard let first = references.first else {
            return BoundFrom(plan: .oneRow, scope: Scope(parent: parent))
        }
        var result = try bind(first, parent: parent, tables)
        for reference in references.dropFirst() {
            let next = try bind(reference, parent: parent, tables)
            try result.scope.merge(next.scope, position: position(of: reference))
            result.plan = .join(
                LogicalJoin(kind: .inner, left: result.plan, right: next.plan, conditions: []))
        }
        return result
    }

    private func position(of reference: TableReference) -> Int? {
        switch reference {
        case .table(let table): (table.alias?.name ?? table.name.last)?.span.start
        case .query(let query, let alias, _): alias?.name.span.start ?? query.span.start
        case .function(_, let alias, _, _, let span): alias?.name.span.start ?? span.start
        case .join(let join): join.span.start
        }
    }

    private func bind(
        _ reference: TableReference, parent: Scope?, _ tables: CommonTables
    ) throws(SQLError) -> BoundFrom {
        switch reference {
        case .table(let table): return try bindTable(table, parent: parent, tables)
        case .query(let query, let alias, _):
            let bound = typed(try bind(query, parent: parent, commonTables: tables))
            return try named(
                bound.plan, bound.columns, alias?.name, schema: nil, alias?.columns ?? [], parent: parent)
        case .function(let call, _, _, _, let span):
            throw unsupported("function \(call.name.last?.name ?? "") in FROM", at: span)
        case .join(let join): return try bindJoin(join, parent: parent, tables)
        }
    }

    private func bindTable(
        _ reference: NamedTable, parent: Scope?, _ tables: CommonTables
    ) throws(SQLError) -> BoundFrom {
        if let sample = reference.sample { throw unsupported("TABLESAMPLE", at: sample.method.span) }
        let parts = reference.name
        let alias = reference.alias
        let name = alias?.name ?? parts.last
        let earlier = try reference.asOf.map { (asOf) throws(SQLError) in try bind(asOf) }
        if parts.count == 1, earlier == nil, let common = tables.find(parts[0].name) {
            common.useCount += 1
            let columns = common.query.columns.map { newColumn($0.name, $0.type) }
            return try named(
                .commonScan(id: common.id, columns: columns), columns, name, schema: nil,
                alias?.columns ?? [],
                parent: parent)
        }
        let (id, definition) = try table(parts, of: earlier?.catalog)
        let columns = definition.columns.fields.enumerated().map { index, field in
            LogicalScan.Column(index: index, column: newColumn(field.name, field.type))
        }
        if !definition.primaryKey.isEmpty {
            noteKey(Set(definition.primaryKey.map { columns[$0].column.id }), of: columns.map(\.column))
        }
        let shown = alias.map { "\(definition.name.name) \($0.name.name)" } ?? definition.name.name
        let scan = LogicalScan(table: id, name: shown, columns: columns, version: earlier?.version)
        return try named(
            .scan(scan), columns.map(\.column), name, schema: alias == nil ? definition.name.schema : nil,
            alias?.columns ?? [], parent: parent)
    }

    private func named(
        _ plan: LogicalPlan, _ columns: [LogicalColumn], _ name: Identifier?, schema: String?,
        _ names: [Identifier], parent: Scope?
    ) throws(SQLError) -> BoundFrom {
        var shown = columns
        if let name { shown = try renamed(columns, names, of: name) }
        let scope = Scope(parent: parent)
        let visible = shown.map { Scope.VisibleColumn(name: $0.name, expression: $0.reference) }
        try scope.add(
            Scope.Relation(schema: schema, name: name?.name ?? "", columns: visible),
            position: name?.span.start)
        return BoundFrom(plan: plan, scope: scope)
    }

    // MARK: Joins

    private func bindJoin(
        _ join: Join, parent: Scope?, _ tables: CommonTables
    ) throws(SQLError) -> BoundFrom {
        if join.isAsOf { throw unsupported("ASOF JOIN", at: join.span) }
        let left = try bind(join.left, parent: parent, tables)
        let right = try bind(join.right, parent: parent, tables)
        let leftVisible = left.scope.visible
        let rightVisible = right.scope.visible
        try left.scope.merge(right.scope, position: position(of: join.right))
        var result = left
        let kind: JoinKind
        switch join.kind {
        case .inner, .cross: kind = .inner
        case .left: kind = .left
        case .right: kind = .right
        case .full: kind = .full
        }
        var conditions: [Expression] = []
        let attachments = Attachments()
        switch join.condition {
        case .none: break
        case .on(let syntax):
            let context = ExpressionContext(
                scope: left.scope, commonTables: tables, clause: .join, attachments: attachments)
            conditions = try bindConjuncts(syntax, "JOIN/ON", context)
        case .using(let names):
            conditions = try merge(names, kind, leftVisible, rightVisible, into: left.scope)
        case .natural:
            let shared = leftVisible.map(\.name).filter { name in rightVisible.contains { $0.name == name } }
            let names = shared.map { Identifier($0, span: join.span) }
            conditions = try merge(names, kind, leftVisible, rightVisible, into: left.scope)
        }
        if attachments.list.isEmpty {
            result.plan = .join(
                LogicalJoin(kind: kind, left: left.plan, right: right.plan, conditions: conditions))
        } else {
            guard kind == .inner else {
                throw unsupported("a subquery in the ON of an outer join", at: join.span)
            }
            let pairs = LogicalPlan.join(
                LogicalJoin(kind: .inner, left: left.plan, right: right.plan, conditions: []))
            result.plan = .filter(attachments.apply(to: pairs), conditions)
        }
        if let alias = join.alias { try rename(result.scope, alias) }
        return result
    }

    private func rename(_ scope: Scope, _ alias: TableAlias) throws(SQLError) {
        var columns = scope.visible
        guard alias.columns.count <= columns.count else {
            throw SQLError(
                .invalidColumnReference,
                "join expression \"\(alias.name.name)\" has \(columns.count) columns",
                position: alias.name.span.start)
        }
        for (index, name) in alias.columns.enumerated() { columns[index].name = name.name }
        scope.rename(alias.name.name, columns: columns)
    }

    /// USING: the equalities of the shared columns, each of which is seen once from then on.
    private func merge(
        _ names: [Identifier], _ kind: JoinKind, _ left: [Scope.VisibleColumn],
        _ right: [Scope.VisibleColumn], into scope: Scope
    ) throws(SQLError) -> [Expression] {
        var conditions: [Expression] = []
        var merged: [Scope.VisibleColumn] = []
        for name in names {
            let first = try usingColumn(name, left, side: "left")
            let second = try usingColumn(name, right, side: "right")
            let one = BoundExpression(expression: first, span: name.span)
            let other = BoundExpression(expression: second, span: name.span)
            conditions.append(try compare(.equal, one, other, sign: "=", span: name.span))
            let expression: Expression
            switch kind {
            case .right: expression = second
            case .full:
                let (both, type) = try Coercion.unify([one, other], construct: "JOIN/USING")
                expression = .coalesce(both, type)
            default: expression = first
            }
            merged.append(Scope.VisibleColumn(name: name.name, expression: expression))
        }
        scope.mergeColumns(merged, hiding: Set(names.map(\.name)))
        return conditions
    }

    private func usingColumn(
        _ name: Identifier, _ columns: [Scope.VisibleColumn], side: String
    ) throws(SQLError) -> Expression {
        let found = columns.filter { $0.name == name.name }
        if found.count == 1 { return found[0].expression }
        if found.isEmpty {
            throw SQLError(
                .undefinedColumn,
                "column \"\(name.name)\" specified in USING clause does not exist in \(side) table",
                position: name.span.start, hint: hint(for: name.name, among: columns.map(\.name)))
        }
        throw SQLError(
            .ambiguousColumn, "common column name \"\(name.name)\" appears more than once in \(side) table",
            position: name.span.start)
    }
}
