import Columns
import Execution
import Planning
import SQLSyntax
import Storage
import TableCatalog

/// ALTER TABLE: all actions of a statement become one new definition.
struct TableAlteration {
    let commands: TableCommands
    let alter: AlterTable

    /// The definition as it grows, and where its columns come from.
    private struct Shape {
        var definition: TableDefinition
        var origins: [ColumnOrigin]
        var views: Set<TableName> = []
        /// Indexes that the table is given or loses, as properties; nil text for one that it loses.
        var indexes: [(property: String, text: String?)] = []
        var notice: String?
    }

    private var place: Int? { alter.table.first?.span.start }

    func run() throws(QueryError) -> ResultStream {
        let name = try commands.ownName(alter.table)
        if commands.run.snapshot.catalog.views[name] != nil {
            throw QueryError(
                code: SQLState.wrongObjectType.rawValue, message: "\"\(name.name)\" is not a table",
                position: place)
        }
        if commands.run.snapshot.catalog.table(named: name) == nil, alter.ifExists {
            return .changed(
                0, "ALTER TABLE", notice: "relation \"\(name.name)\" does not exist, skipping")
        }
        var notice: String?
        try commands.change { (transaction, run) throws(QueryError) in
            guard let id = run.snapshot.catalog.table(named: name),
                let definition = run.snapshot.catalog.definition(of: id)
            else { throw TableNames.unknown(alter.table) }
            var shape = Shape(
                definition: definition, origins: definition.columns.fields.indices.map { .former($0) })
            for action in alter.actions { try apply(action, to: &shape, id, transaction, run) }
            let done = shape
            notice = done.notice
            try QueryError.storage { () throws(StorageError) in
                for view in done.views { try transaction.setView(view, nil) }
                for index in done.indexes {
                    try transaction.setProperty(index.property, to: index.text, of: id)
                }
                guard done.definition != definition else { return }
                try transaction.reshapeTable(id, as: done.definition, columns: done.origins)
            }
        }
        return .changed(0, "ALTER TABLE", notice: notice)
    }

    private func apply(
        _ action: AlterTable.Action, to shape: inout Shape, _ id: TableID, _ transaction: StoreTransaction,
        _ run: QueryRun
    ) throws(QueryError) {
        switch action {
        case .addColumn(let column, let ifNotExists):
            try add(column, ifNotExists: ifNotExists, to: &shape, id, run)
        case .dropColumn(let column, let ifExists, let isCascade):
            try drop(column, ifExists: ifExists, isCascade: isCascade, from: &shape, id, run)
        case .renameColumn(let old, let new):
            try rename(old, to: new, in: &shape, id)
            for index in KeptIndex.all(of: id, in: run.snapshot) where index.columnNames.contains(old.name) {
                shape.indexes.append((index.property, index.renaming(old.name, to: new).text))
            }
        case .renameTable(let new): try renameTable(to: new, in: &shape, id, run)
        case .setDefault(let column, let value):
            let index = try index(of: column, in: shape)
            let field = shape.definition.columns[index]
            shape.definition.defaults[index] = try value.map { (value) throws(QueryError) in
                try TableShaping(run: run).defaultText(value, for: field)
            }
        case .setNotNull(let column, let isSet):
            let index = try index(of: column, in: shape)
            if isSet { try checkHasNoNulls(column, shape, run) }
            if !isSet, shape.definition.primaryKey.contains(index) {
                throw QueryError(
                    code: SQLState.invalidTableDefinition.rawValue,
                    message: "column \"\(column.name)\" is in a primary key", position: column.span.start)
            }
            var fields = shape.definition.columns.fields
            fields[index].isNullable = !isSet
            shape.definition.columns = Schema(fields)
        case .addCheck(let check):
            try TableShaping(run: run).add(check, to: &shape.definition)
            if let added = shape.definition.checks.last { try checkRows(added, run) }
        case .addUnique(let unique):
            let added = try commands.uniqueIndexes([unique], of: shape.definition)
            for index in added {
                if try !isFilledAnew(index, shape, id, run) {
                    try commands.checkUnique(index, id, transaction, run, isNew: true)
                }
                shape.indexes.append((index.property, index.text))
            }
        case .dropConstraint(let name, let ifExists):
            let kept = KeptIndex.all(of: id, in: run.snapshot)
            if let index = kept.first(where: { $0.isConstraint && $0.name == name.name }) {
                shape.indexes.append((index.property, nil))
                return
            }
            guard let index = shape.definition.checks.firstIndex(where: { $0.name == name.name }) else {
                let message =
                    "constraint \"\(name.name)\" of relation \"\(shape.definition.name.name)\" does not exist"
                guard ifExists else {
                    throw QueryError(
                        code: SQLState.undefinedObject.rawValue, message: message, position: name.span.start)
                }
                shape.notice = message + ", skipping"
                return
            }
            shape.definition.checks.remove(at: index)
        }
    }

    /// Whether a key is a column of the same statement and NULL in every row, so that no two are equal.
    private func isFilledAnew(
        _ index: KeptIndex, _ shape: Shape, _ id: TableID, _ run: QueryRun
    ) throws(QueryError) -> Bool {
        var isAdded = false
        for name in index.columnNames {
            guard let place = shape.definition.columns.index(of: name) else { continue }
            guard case .new(let value) = shape.origins[place] else { continue }
            if value.isNull || run.snapshot.rowCount(of: id) ?? 0 < 2 { return true }
            isAdded = true
        }
        guard !isAdded else {
            throw QueryError(
                code: SQLState.featureNotSupported.rawValue,
                message: "a unique column with a default cannot be added to a table with rows",
                position: place)
        }
        return false
    }

    // MARK: Columns

    private func add(
        _ column: ColumnDefinition, ifNotExists: Bool, to shape: inout Shape, _ id: TableID, _ run: QueryRun
    ) throws(QueryError) {
        if shape.definition.columns.index(of: column.name.name) != nil {
            let message =
                "column \"\(column.name.name)\" of relation \"\(shape.definition.name.name)\" already exists"
            guard ifNotExists else {
                throw QueryError(
                    code: SQLState.duplicateColumn.rawValue, message: message,
                    position: column.name.span.start)
            }
            shape.notice = message + ", skipping"
            return
        }
        let field = try TableShaping(run: run).field(column)
        var value = Value.null
        if let syntax = column.defaultValue {
            let text = try TableShaping(run: run).defaultText(syntax, for: field)
            value = try constant(syntax, field, run)
            shape.definition.defaults[shape.definition.columns.count] = text
        }
        if !field.isNullable, value.isNull, run.snapshot.rowCount(of: id) ?? 0 > 0 {
            throw QueryError(
                code: SQLState.notNullViolation.rawValue,
                message:
                    containsNulls(field.name, shape),
                position: column.name.span.start)
        }
        shape.definition.columns = Schema(shape.definition.columns.fields + [field])
        shape.origins.append(.new(value))
    }

    /// The value of a default for the rows that are there.
    private func constant(
        _ syntax: SQLExpression, _ field: Field, _ run: QueryRun
    ) throws(QueryError) -> Value {
        let planner = run.makePlanner()
        let planned = try QueryError.sql { () throws(SQLError) in
            try planner.plan(default: syntax, for: field)
        }
        let rows = ResultStream(columns: [], queue: QueryExecutor.start(planned.plan, run.makeContext()))
        let value = try rows.allRows().first?.first ?? .null
        // What is kept is the value's text, which must say it exactly.
        let isText = field.type.physical == .string
        guard value.isNull || isText || (try? TextReader.value(value.text ?? "", as: field.type)) == value
        else {
            throw QueryError(
                code: SQLState.featureNotSupported.rawValue,
                message:
                    "a default of this type for rows that are there is not supported: \(field.type.sqlName)",
                position: syntax.span.start)
        }
        return value
    }

    private func drop(
        _ column: Identifier, ifExists: Bool, isCascade: Bool, from shape: inout Shape, _ id: TableID,
        _ run: QueryRun
    ) throws(QueryError) {
        let table = shape.definition
        if table.columns.index(of: column.name) == nil, ifExists {
            shape.notice =
                "column \"\(column.name)\" of relation \"\(table.name.name)\" does not exist, skipping"
            return
        }
        let index = try index(of: column, in: shape)
        if table.primaryKey.contains(index) || table.clusteringKey.contains(index) {
            throw QueryError(
                code: SQLState.featureNotSupported.rawValue,
                message: "a column of a primary or clustering key cannot be dropped: \(column.name)",
                position: column.span.start)
        }
        if table.columns.count == 1 {
            throw QueryError(
                code: SQLState.featureNotSupported.rawValue,
                message: "the last column of a table cannot be dropped: \(column.name)",
                position: column.span.start)
        }
        var fields = table.columns.fields
        fields.remove(at: index)
        func moved(_ old: Int) -> Int { old > index ? old - 1 : old }
        var next = table
        next.columns = Schema(fields)
        next.primaryKey = table.primaryKey.map(moved)
        next.clusteringKey = table.clusteringKey.map(moved)
        next.options.bloomColumns = table.options.bloomColumns?.filter { $0 != index }.map(moved)
        next.defaults = [:]
        for (old, text) in table.defaults where old != index { next.defaults[moved(old)] = text }
        // A constraint goes with its column, as in PostgreSQL.
        next.checks = table.checks.filter { check in
            !((try? SQLParser.words(in: check.condition))?.contains(column.name) ?? false)
        }
        shape.definition = next
        shape.origins.remove(at: index)
        let broken = commands.views(broken: next, as: id)
        if let view = broken.sorted().first, !isCascade {
            throw QueryError(
                code: "2BP01",
                message:
                    "cannot drop column \(column.name) of table \(table.name.name) because other objects "
                    + "depend on it: "
                    + "view \(view.name)",
                position: column.span.start, hint: "Use DROP ... CASCADE to drop the dependent objects too.")
        }
        shape.views.formUnion(broken)
        for index in KeptIndex.all(of: id, in: run.snapshot) where index.columnNames.contains(column.name) {
            shape.indexes.append((index.property, nil))
        }
    }

    private func rename(
        _ old: Identifier, to new: Identifier, in shape: inout Shape, _ id: TableID
    ) throws(QueryError) {
        let index = try index(of: old, in: shape)
        if shape.definition.columns.index(of: new.name) != nil {
            throw QueryError(
                code: SQLState.duplicateColumn.rawValue,
                message:
                    "column \"\(new.name)\" of relation \"\(shape.definition.name.name)\" already exists",
                position: new.span.start)
        }
        try checkNobodyReads(id, "column \(old.name)", position: old.span.start)
        for check in shape.definition.checks
        where (try? SQLParser.words(in: check.condition))?.contains(old.name) ?? false {
            throw QueryError(
                code: SQLState.featureNotSupported.rawValue,
                message: "column \(old.name) cannot be renamed: constraint \(check.name) names it",
                position: old.span.start)
        }
        var fields = shape.definition.columns.fields
        fields[index].name = new.name
        shape.definition.columns = Schema(fields)
    }

    private func renameTable(
        to new: Identifier, in shape: inout Shape, _ id: TableID, _ run: QueryRun
    ) throws(QueryError) {
        var name = shape.definition.name
        name.name = new.name
        try commands.checkFree(name, [new])
        try checkNobodyReads(id, "table \(shape.definition.name.name)", position: new.span.start)
        shape.definition.name = name
    }

    /// Views keep the names that they were made with.
    private func checkNobodyReads(_ id: TableID, _ what: String, position: Int) throws(QueryError) {
        guard let view = commands.views(reading: [id]).sorted().first else { return }
        throw QueryError(
            code: SQLState.featureNotSupported.rawValue,
            message: "\(what) cannot be renamed: view \(view.name) reads the table by its names",
            position: position, hint: "Drop the view, and make it anew afterwards.")
    }

    private func index(of column: Identifier, in shape: Shape) throws(QueryError) -> Int {
        if let index = shape.definition.columns.index(of: column.name) { return index }
        let near = NearNames.of(column.name, among: shape.definition.columns.fields.map(\.name))
        throw QueryError(
            code: SQLState.undefinedColumn.rawValue,
            message:
                "column \"\(column.name)\" of relation \"\(shape.definition.name.name)\" does not exist",
            position: column.span.start,
            hint: near.first.map { "did you mean \"\($0)\"?" })
    }

    // MARK: Rows that are there

    private func containsNulls(_ column: String, _ shape: Shape) -> String {
        "column \"\(column)\" of relation \"\(shape.definition.name.name)\" contains null values"
    }

    private func checkHasNoNulls(
        _ column: Identifier, _ shape: Shape, _ run: QueryRun
    ) throws(QueryError) {
        let name = SQLPrinter().name(column)
        if try isThere("\(name) IS NULL", run) {
            throw QueryError(
                code: SQLState.notNullViolation.rawValue,
                message:
                    containsNulls(column.name, shape),
                position: column.span.start)
        }
    }

    private func checkRows(_ check: CheckConstraint, _ run: QueryRun) throws(QueryError) {
        if try isThere("NOT (\(check.condition))", run) {
            throw QueryError(
                code: "23514",
                message: "check constraint \"\(check.name)\" of relation "
                    + "\"\(alter.table.last?.name ?? "")\" is violated by some row", position: place)
        }
    }

    private func isThere(_ condition: String, _ run: QueryRun) throws(QueryError) -> Bool {
        let sql = "SELECT 1 FROM \(SQLPrinter().name(alter.table)) WHERE \(condition) LIMIT 1"
        let statement = try QueryError.sql { () throws(SQLError) in try SQLParser.statement(in: sql) }
        let planned = try run.plan(statement)
        let rows = ResultStream(columns: [], queue: QueryExecutor.start(planned.plan, run.makeContext()))
        return try !rows.allRows().isEmpty
    }
}
