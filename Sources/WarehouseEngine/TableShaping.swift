import Columns
import Planning
import SQLSyntax
import TableCatalog

/// Makes definitions of tables out of CREATE TABLE and ALTER TABLE.
struct TableShaping {
    let run: QueryRun

    func definition(of create: CreateTable, named name: TableName) throws(QueryError) -> TableDefinition {
        var result = TableDefinition(name: name, columns: Schema([]))
        var fields: [Field] = []
        var likes = create.likes[...]
        for (index, column) in create.columns.enumerated() {
            while let like = likes.first, like.position <= index {
                try take(like, &fields, &result)
                likes = likes.dropFirst()
            }
            let isKey = create.primaryKey.contains { $0.name == column.name.name }
            var field = try self.field(column)
            if isKey { field.isNullable = false }
            if let value = column.defaultValue {
                result.defaults[fields.count] = try defaultText(value, for: field)
            }
            fields.append(field)
        }
        for like in likes { try take(like, &fields, &result) }
        var seen: Set<String> = []
        for field in fields where !seen.insert(field.name).inserted {
            throw QueryError(
                code: SQLState.duplicateColumn.rawValue,
                message: "column \"\(field.name)\" specified more than once",
                position: create.columns.last { $0.name.name == field.name }?.name.span.start)
        }
        result.columns = Schema(fields)
        for column in create.primaryKey { result.primaryKey.append(try index(of: column, in: fields)) }
        for column in create.clusteringKey { result.clusteringKey.append(try index(of: column, in: fields)) }
        for check in create.checks { try add(check, to: &result) }
        return result
    }

    private func take(
        _ like: LikeTable, _ fields: inout [Field], _ result: inout TableDefinition
    ) throws(QueryError) {
        let id = try TableNames.existing(like.table, in: run.snapshot, run.session.settings.searchPath)
        guard let source = run.snapshot.catalog.definition(of: id) else {
            throw TableNames.unknown(like.table)
        }
        if like.includesDefaults {
            for (index, text) in source.defaults { result.defaults[fields.count + index] = text }
        }
        if like.includesConstraints { result.checks += source.checks }
        fields += source.columns.fields
    }

    func field(_ column: ColumnDefinition) throws(QueryError) -> Field {
        let type = try QueryError.sql { () throws(SQLError) in try TypeNames.dataType(of: column.type) }
        return Field(
            name: column.name.name, type: type, isNullable: !(column.isNotNull || column.isPrimaryKey))
    }

    /// The text that is kept of a default.
    func defaultText(_ syntax: SQLExpression, for field: Field) throws(QueryError) -> String {
        let planner = run.makePlanner()
        try QueryError.sql { () throws(SQLError) in try planner.check(default: syntax, for: field) }
        return SQLPrinter().text(syntax)
    }

    /// Adds a check constraint; one without a name gets PostgreSQL's.
    func add(_ check: CheckDefinition, to definition: inout TableDefinition) throws(QueryError) {
        let planner = run.makePlanner()
        let table = definition
        try QueryError.sql { () throws(SQLError) in try planner.check(check.condition, of: table) }
        let taken = Set(definition.checks.map(\.name))
        if let name = check.name, taken.contains(name.name) {
            throw QueryError(
                code: "42710",
                message:
                    "constraint \"\(name.name)\" for relation \"\(definition.name.name)\" already exists",
                position: name.span.start)
        }
        let used = definition.columns.fields.filter { Self.names(check.condition).contains($0.name) }
        let base =
            definition.name.name + (used.count == 1 ? "_\(used[0].name)_check" : "_check")
        var name = check.name?.name ?? base
        var number = 1
        while check.name == nil, taken.contains(name) {
            name = base + "\(number)"
            number += 1
        }
        definition.checks.append(
            CheckConstraint(name: name, condition: SQLPrinter().text(check.condition)))
    }

    /// Names of columns that an expression's text may mean.
    static func names(_ expression: SQLExpression) -> Set<String> {
        guard let tokens = try? SQLParser.words(in: SQLPrinter().text(expression)) else { return [] }
        return tokens
    }

    func index(of column: Identifier, in fields: [Field]) throws(QueryError) -> Int {
        guard let index = fields.firstIndex(where: { $0.name == column.name }) else {
            throw QueryError(
                code: SQLState.undefinedColumn.rawValue, message: "column \"\(column.name)\" does not exist",
                position: column.span.start)
        }
        return index
    }
}
