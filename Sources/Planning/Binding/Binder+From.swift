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
        let none = Scope(parent: parent)
        var result = try bind(first, siblings: none, tables)
        for reference in references.dropFirst() {
            let next = try bind(reference, siblings: none.extended(by: result.scope), tables)
            try result.scope.merge(next.scope, position: position(of: reference))
            result.plan = .join(
                LogicalJoin(kind: .inner, left: result.plan, right: next.plan, conditions: []))
        }
        return result
    }

    func position(of reference: TableReference) -> Int? {
        switch reference {
        case .table(let table): (table.alias?.name ?? table.name.last)?.span.start
        case .query(let query, let alias, _): alias?.name.span.start ?? query.span.start
        case .function(_, let alias, _, _, let span): alias?.name.span.start ?? span.start
        case .join(let join): join.span.start
        }
    }

    /// - Parameter siblings: What stands before the reference in its FROM, which LATERAL and functions see;
    ///   its parent is the query around.
    func bind(
        _ reference: TableReference, siblings: Scope, _ tables: CommonTables
    ) throws(SQLError) -> BoundFrom {
        switch reference {
        case .table(let table): return try bindTable(table, parent: siblings.parent, tables)
        case .query(let query, let alias, let isLateral):
            let parent = isLateral ? siblings : siblings.parent
            let bound = typed(try bind(query, parent: parent, commonTables: tables))
            return try named(
                bound.plan, bound.columns, alias?.name, schema: nil, alias?.columns ?? [],
                parent: siblings.parent)
        case .function(let call, let alias, _, let withOrdinality, let span):
            return try bindFunction(call, alias, withOrdinality: withOrdinality, span, siblings, tables)
        case .join(let join): return try bindJoin(join, siblings: siblings, tables)
        }
    }

    private func bindTable(
        _ reference: NamedTable, parent: Scope?, _ tables: CommonTables
    ) throws(SQLError) -> BoundFrom {
        let parts = reference.name
        let alias = reference.alias
        let name = alias?.name ?? parts.last
        let earlier = try reference.asOf.map { (asOf) throws(SQLError) in try bind(asOf) }
        let isCommon = parts.count == 1 && earlier == nil && tables.find(parts[0].name) != nil
        if let sample = reference.sample,
            isCommon || view(parts, of: earlier?.catalog) != nil || systemTable(parts) != nil
        {
            throw SQLError(
                .wrongObjectType, "TABLESAMPLE clause can only be applied to tables",
                position: sample.method.span.start)
        }
        if parts.count == 1, earlier == nil, let common = tables.find(parts[0].name) {
            common.useCount += 1
            let columns = common.query.columns.map { newColumn($0.name, $0.type) }
            return try named(
                .commonScan(id: common.id, columns: columns), columns, name, schema: nil,
                alias?.columns ?? [],
                parent: parent)
        }
        if let view = view(parts, of: earlier?.catalog) {
            if let asOf = reference.asOf {
                throw unsupported("AS OF on a view", at: asOf.expression.span)
            }
            return try bindView(view, name, alias, parent: parent)
        }
        if let table = systemTable(parts) { return try bindSystemTable(table, name, alias, parent: parent) }
        let (id, definition) = try table(parts, of: earlier?.catalog)
        let columns = definition.columns.fields.enumerated().map { index, field in
            LogicalScan.Column(index: index, column: newColumn(field.name, field.type))
        }
        if !definition.primaryKey.isEmpty {
            noteKey(Set(definition.primaryKey.map { columns[$0].column.id }), of: columns.map(\.column))
        }
        let shown = alias.map { "\(definition.name.name) \($0.name.name)" } ?? definition.name.name
        let scan = LogicalScan(table: id, name: shown, columns: columns, version: earlier?.version)
        let plan = try reference.sample.map { (sample) throws(SQLError) in try sampled(scan, sample) }
        return try named(
            plan ?? .scan(scan), columns.map(\.column), name,
            schema: alias == nil ? definition.name.schema : nil,
            alias?.columns ?? [], parent: parent)
    }

    func named(
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
}
