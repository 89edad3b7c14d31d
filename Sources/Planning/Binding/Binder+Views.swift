import Columns
import Execution
import SQLSyntax
import TableCatalog

/// Views and system tables, which stand in FROM like tables.
extension Binder {
    /// Views within views, at most.
    static let viewDepthMax = 32
    /// Views over views that each read two others double at every level.
    static let viewCountMax = 1000

    /// The view of a name; nil where a table has the name, or nothing.
    func view(_ parts: [Identifier], of earlier: Catalog? = nil) -> ViewDefinition? {
        let catalog = earlier ?? self.catalog
        let name = parts.last?.name ?? ""
        for schema in parts.count > 1 ? [parts[parts.count - 2].name] : searchPath {
            if catalog.table(schema: schema, name: name) != nil { return nil }
            if let view = catalog.views[TableName(schema: schema, name: name)] { return view }
        }
        return nil
    }

    func bindView(
        _ view: ViewDefinition, _ name: Identifier?, _ alias: TableAlias?, parent: Scope?
    ) throws(SQLError) -> BoundFrom {
        let place = name?.span.start
        guard viewDepth < Self.viewDepthMax else {
            throw SQLError(
                .statementTooComplex, "views are nested too deeply: \(view.name)", position: place,
                hint: "At most \(Self.viewDepthMax) levels are allowed.")
        }
        viewCount += 1
        guard viewCount <= Self.viewCountMax else {
            throw SQLError(
                .statementTooComplex, "statement reads too many views: \(view.name)", position: place,
                hint: "At most \(Self.viewCountMax) are allowed, with those that views read.")
        }
        viewsRead.insert(view.name)
        let bound: BoundQuery
        do throws(SQLError) {
            bound = try bindQuery(of: view)
        } catch {
            if error.code == .statementTooComplex {
                throw SQLError(error.code, error.message, position: place, hint: error.hint)
            }
            throw SQLError(
                error.code, "view \(view.name) cannot be read: \(error.message)", position: place,
                hint: error.hint)
        }
        guard bound.columns.count == view.columns.count else {
            throw SQLError(
                .invalidTableDefinition, "view \(view.name) has other columns than its query",
                position: place)
        }
        var items: [NamedExpression] = []
        for (column, field) in zip(bound.columns, view.columns.fields) {
            let expression =
                column.type == field.type ? column.reference : .cast(column.reference, field.type)
            items.append(NamedExpression(expression, as: newColumn(field.name, field.type)))
        }
        return try named(
            .project(bound.plan, items), items.map(\.column), name,
            schema: alias == nil ? view.name.schema : nil, alias?.columns ?? [], parent: parent)
    }

    private func bindQuery(of view: ViewDefinition) throws(SQLError) -> BoundQuery {
        guard case .query(let query) = try SQLParser.statement(in: view.query) else {
            throw SQLError(.invalidTableDefinition, "its text is no query")
        }
        let path = searchPath
        searchPath = view.searchPath
        viewDepth += 1
        defer {
            searchPath = path
            viewDepth -= 1
        }
        return typed(try bind(query, parent: nil, commonTables: CommonTables(parent: nil)))
    }

    // MARK: System tables

    func systemTable(_ parts: [Identifier]) -> SystemTable? {
        let name = parts.last?.name ?? ""
        if parts.count > 1 { return system.table(parts[parts.count - 2].name, name) }
        // As in PostgreSQL, tables of the system come before those of the user.
        for schema in system.searchPath {
            if let found = system.table(schema, name) { return found }
        }
        return nil
    }

    func bindSystemTable(
        _ table: SystemTable, _ name: Identifier?, _ alias: TableAlias?, parent: Scope?
    ) throws(SQLError) -> BoundFrom {
        readsSystem = true
        let columns = table.columns.map { newColumn($0.name, $0.type) }
        let rows = table.rows.map { row in
            zip(row, table.columns).map { Expression.constant($0, $1.type) }
        }
        return try named(
            .values(rows, columns: columns), columns, name, schema: nil, alias?.columns ?? [], parent: parent)
    }

    /// A call of a function that tells about the store or the session; nil for others.
    func sessionValue(_ name: String, _ arguments: [BoundExpression]) throws(SQLError) -> Expression? {
        let values = arguments.map { ConstantFolding.fold($0.expression).constantValue }
        guard let function = system.function(name, values) else { return nil }
        readsSystem = true
        switch function {
        case .value(let value, let type): return .constant(value, type)
        case .argument(let index):
            guard arguments.indices.contains(index) else { return .constant(.null, .text) }
            return try Coercion.coerce(arguments[index], to: .text, .explicit)
        case .lookup(let rows, let otherwise, let type):
            var branches: [WhenBranch] = []
            for (keys, value) in rows {
                var conditions: [Expression] = []
                for (argument, key) in zip(arguments, keys) {
                    let operand = try Coercion.coerce(argument, to: .bigint, .explicit)
                    conditions.append(.comparison(.equal, operand, .constant(.bigint(key), .bigint)))
                }
                guard let condition = Expression.conjunction(conditions) else { continue }
                branches.append(WhenBranch(condition: condition, result: .constant(value, type)))
            }
            let rest = Expression.constant(otherwise, type)
            return branches.isEmpty ? rest : .caseWhen(branches, otherwise: rest, type)
        }
    }

    /// A cast to OID or REGCLASS and their kin, which here are BIGINT: a name becomes its object's number, a
    /// number that is cast to REGCLASS and the like becomes a name. nil for other types.
    func bindObjectCast(
        _ operand: SQLExpression, _ type: TypeName, _ syntax: SQLExpression, _ context: ExpressionContext
    ) throws(SQLError) -> BoundExpression? {
        guard type.arrayDimensions == 0,
            ["oid", "xid", "regclass", "regtype", "regnamespace"].contains(type.name)
        else { return nil }
        let bound = try bind(operand, context)
        let isNumber = type.name == "oid" || type.name == "xid"
        if isNumber || !bound.isUnknown && bound.type != .text {
            let number = try Coercion.coerce(bound, to: .bigint, .explicit)
            if isNumber { return known(number, syntax) }
            let value = BoundExpression(expression: number, span: syntax.span)
            return try sessionValue(type.name + "_name", [value]).map { known($0, syntax) }
        }
        guard case .text(let text)? = ConstantFolding.fold(bound.expression).constantValue else {
            throw unsupported("a cast to \(type.name) of names that vary", at: syntax.span)
        }
        if let number = Int64(text) { return known(.constant(.bigint(number), .bigint), syntax) }
        if let found = try sessionValue("to_" + type.name, [bound]) {
            if found.constantValue?.isNull ?? false {
                let what = type.name == "regclass" ? "relation" : type.name == "regtype" ? "type" : "schema"
                throw SQLError(
                    type.name == "regclass" ? .undefinedTable : .undefinedObject,
                    "\(what) \"\(text)\" does not exist", position: operand.span.start)
            }
            return known(found, syntax)
        }
        throw unsupported("type \(type.name)", at: type.span)
    }

    // MARK: Making views

    /// Notes what a star stands for, so that a view can keep it.
    func noteStar(at span: SourceSpan, parts: [Identifier], names: [String]) {
        let printer = SQLPrinter()
        let prefix = parts.isEmpty ? "" : printer.name(parts) + "."
        let columns = names.map { prefix + printer.name(Identifier($0, span: span)) }
        starExpansions[span] = columns.joined(separator: ", ")
    }

    /// Notes what `*` stands for: bare names where they are clear, else with their table.
    func noteStar(at span: SourceSpan, of scope: Scope) {
        let printer = SQLPrinter()
        func quoted(_ name: String) -> String { printer.name(Identifier(name, span: span)) }
        let columns = scope.visible.map { column -> String in
            if scope.visibleColumns(named: column.name).count == 1 { return quoted(column.name) }
            let owner = scope.relations.first { relation in
                relation.columns.contains {
                    $0.name == column.name && $0.expression == column.expression
                }
            }
            return (owner.map { quoted($0.name) + "." } ?? "") + quoted(column.name)
        }
        starExpansions[span] = columns.joined(separator: ", ")
    }

    /// The view that a statement makes.
    ///
    /// - Parameter text: What the statement was parsed from.
    func bindView(_ create: CreateView, named name: TableName, text: String) throws(SQLError)
        -> ViewDefinition
    {
        let bound = typed(try bind(create.query, parent: nil, commonTables: CommonTables(parent: nil)))
        var fields = bound.columns.map { Field(name: $0.name, type: $0.type) }
        guard create.columns.count <= fields.count else {
            throw SQLError(
                .syntaxError, "CREATE VIEW specifies more column names than columns",
                position: create.columns[fields.count].span.start)
        }
        for (index, column) in create.columns.enumerated() { fields[index].name = column.name }
        var seen: Set<String> = []
        for field in fields where !seen.insert(field.name).inserted {
            throw SQLError(
                .duplicateColumn, "column \"\(field.name)\" specified more than once",
                position: create.query.span.start)
        }
        let query = try withoutStars(create.query, in: text)
        guard query.utf8.count <= ViewDefinition.queryBytesMax else {
            throw SQLError(.programLimitExceeded, "the query of a view is too long: \(name)")
        }
        return ViewDefinition(name: name, columns: Schema(fields), query: query, searchPath: searchPath)
    }

    private func withoutStars(_ query: Query, in text: String) throws(SQLError) -> String {
        var scalars = Array(text.unicodeScalars)
        let stars = starExpansions.filter { query.span.start <= $0.key.start && $0.key.end <= query.span.end }
        var end = query.span.end
        for (span, columns) in stars.sorted(by: { $0.key.start > $1.key.start }) {
            let new = Array(columns.unicodeScalars)
            scalars.replaceSubrange(span.start - 1..<span.end - 1, with: new)
            end += new.count - (span.end - span.start)
        }
        var cut = String.UnicodeScalarView()
        cut.append(contentsOf: scalars[(query.span.start - 1)..<(end - 1)])
        return SQLPrinter().text(try SQLParser.statement(in: String(cut)))
    }
}
