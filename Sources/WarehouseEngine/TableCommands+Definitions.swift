import Execution
import Planning
import SQLSyntax
import Storage
import TableCatalog

/// Views, schemas, TRUNCATE and COMMENT.
extension TableCommands {
    private static let systemSchemas: Set<String> = ["pg_catalog", "information_schema", "pg_toast"]

    /// The name of something to be made: without a schema it goes into the first of the search path.
    func newName(_ parts: [Identifier]) throws(QueryError) -> TableName {
        var name = try ownName(parts)
        if parts.count == 1, let first = run.session.settings.searchPath.first { name.schema = first }
        guard !Self.systemSchemas.contains(name.schema) else {
            throw QueryError(
                code: "42501", message: "permission denied to create \"\(name)\"",
                position: parts.first?.span.start, hint: "System catalog modifications are disallowed.")
        }
        return name
    }

    func isTaken(_ name: TableName) -> Bool {
        run.snapshot.catalog.table(named: name) != nil || run.snapshot.catalog.views[name] != nil
            || KeptIndex.named(name, in: run.snapshot) != nil
    }

    func checkFree(_ name: TableName, _ parts: [Identifier]) throws(QueryError) {
        guard isTaken(name) else { return }
        throw QueryError(
            code: SQLState.duplicateTable.rawValue, message: "relation \"\(name.name)\" already exists",
            position: parts.first?.span.start)
    }

    // MARK: Views

    func create(_ create: CreateView) throws(QueryError) -> ResultStream {
        let name = try newName(create.name)
        let catalog = run.snapshot.catalog
        if catalog.table(named: name) != nil {
            let isReplacing = create.orReplace
            throw QueryError(
                code: isReplacing ? SQLState.wrongObjectType.rawValue : SQLState.duplicateTable.rawValue,
                message: isReplacing
                    ? "\"\(name.name)\" is not a view" : "relation \"\(name.name)\" already exists",
                position: create.name.first?.span.start)
        }
        if catalog.views[name] == nil { try checkFree(name, create.name) }
        let planner = run.makePlanner()
        let view = try QueryError.sql { () throws(SQLError) in
            try planner.view(create, named: name, text: run.text)
        }
        if let old = catalog.views[name] {
            if !create.orReplace { try checkFree(name, create.name) }
            try checkKeepsColumns(old, view, position: create.name.first?.span.start)
        }
        try changeStore { transaction throws(StorageError) in try transaction.setView(name, view) }
        return .changed(0, "CREATE VIEW")
    }

    /// A replaced view keeps its columns, and may have more.
    private func checkKeepsColumns(
        _ old: ViewDefinition, _ new: ViewDefinition, position: Int?
    ) throws(QueryError) {
        func wrong(_ message: String) -> QueryError {
            QueryError(
                code: SQLState.invalidTableDefinition.rawValue, message: message, position: position)
        }
        if new.columns.count < old.columns.count { throw wrong("cannot drop columns from view") }
        for (before, after) in zip(old.columns.fields, new.columns.fields) {
            if before.name != after.name {
                throw wrong(
                    "cannot change name of view column \"\(before.name)\" to \"\(after.name)\"")
            }
            if before.type != after.type {
                throw wrong(
                    "cannot change data type of view column \"\(before.name)\" from "
                        + "\(before.type.sqlName) to \(after.type.sqlName)")
            }
        }
    }

    func dropViews(_ drop: Drop) throws(QueryError) -> ResultStream {
        var names: Set<TableName> = []
        var notice: String?
        for parts in drop.names {
            let name = try ownName(parts)
            if run.snapshot.catalog.views[name] != nil {
                names.insert(name)
            } else if run.snapshot.catalog.table(named: name) != nil {
                throw QueryError(
                    code: SQLState.wrongObjectType.rawValue, message: "\"\(name.name)\" is not a view",
                    position: parts.first?.span.start, hint: "Use DROP TABLE to remove a table.")
            } else if drop.ifExists {
                notice = "view \"\(name.name)\" does not exist, skipping"
            } else {
                throw TableNames.missing(parts, "view")
            }
        }
        let others = views { read in !read.views.isDisjoint(with: names) }.subtracting(names)
        try refuse(others, "view", drop)
        let all = names.union(others)
        try changeStore { transaction throws(StorageError) in
            for name in all { try transaction.setView(name, nil) }
        }
        return .changed(0, "DROP VIEW", notice: notice)
    }

    /// Views that read some of these tables, also through others.
    func views(reading tables: Set<TableID>) -> Set<TableName> {
        views { read in !read.tables.isDisjoint(with: tables) }
    }

    private func views(
        where isMeant: ((tables: Set<TableID>, views: Set<TableName>)) -> Bool
    ) -> Set<TableName> {
        let planner = run.makePlanner()
        var found: Set<TableName> = []
        for (name, view) in run.snapshot.catalog.views {
            // A view that cannot be read hangs on nothing any more.
            if let read = try? planner.dependencies(of: view), isMeant(read) { found.insert(name) }
        }
        return found
    }

    /// Views that can be read now and could not with a table as given.
    func views(broken definition: TableDefinition, as id: TableID) -> Set<TableName> {
        let catalog = run.snapshot.catalog
        var definitions: [TableID: TableDefinition] = [:]
        for (other, known) in catalog.tables { definitions[other] = other == id ? definition : known }
        let changed = Planner(
            catalog: Catalog(definitions, views: catalog.views, schemas: catalog.ownSchemas),
            options: Planner.Options(searchPath: run.session.settings.searchPath))
        var broken: Set<TableName> = []
        for name in views(reading: [id]) {
            guard let view = catalog.views[name] else { continue }
            if (try? changed.dependencies(of: view)) == nil { broken.insert(name) }
        }
        return broken
    }

    /// Views that go with tables; refused unless the statement says CASCADE.
    func dependents(
        ofTables ids: Set<TableID>, _ kind: String, _ drop: Drop
    ) throws(QueryError) -> Set<TableName> {
        let found = views(reading: ids)
        try refuse(found, kind, drop)
        return found
    }

    private func refuse(_ views: Set<TableName>, _ kind: String, _ drop: Drop) throws(QueryError) {
        guard !drop.isCascade, let view = views.sorted().first else { return }
        let name = drop.names.first?.last?.name ?? ""
        throw QueryError(
            code: "2BP01",
            message: "cannot drop \(kind) \(name) because other objects depend on it: view \(view.name)",
            position: drop.names.first?.first?.span.start,
            hint: "Use DROP ... CASCADE to drop the dependent objects too.")
    }

    // MARK: Schemas

    func create(_ create: CreateSchema) throws(QueryError) -> ResultStream {
        let name = create.name.name
        guard !name.hasPrefix("pg_") else {
            throw QueryError(
                code: "42939", message: "unacceptable schema name \"\(name)\"",
                position: create.name.span.start,
                hint: "The prefix \"pg_\" is reserved for system schemas.")
        }
        if run.snapshot.catalog.schemas.contains(name) || name == TableName.defaultSchema {
            let message = "schema \"\(name)\" already exists"
            if create.ifNotExists { return .done("CREATE SCHEMA", notice: message + ", skipping") }
            throw QueryError(code: "42P06", message: message, position: create.name.span.start)
        }
        try changeStore { transaction throws(StorageError) in
            try transaction.setSchema(name, exists: true)
        }
        return .done("CREATE SCHEMA")
    }

    func dropSchemas(_ drop: Drop) throws(QueryError) -> ResultStream {
        var notice: String?
        var tables: Set<TableID> = []
        var names: Set<String> = []
        let catalog = run.snapshot.catalog
        for parts in drop.names {
            let name = parts.last?.name ?? ""
            _ = try ownName([parts[parts.count - 1], parts[parts.count - 1]])
            guard catalog.schemas.contains(name) else {
                guard drop.ifExists else {
                    throw QueryError(
                        code: SQLState.invalidSchemaName.rawValue,
                        message: "schema \"\(name)\" does not exist", position: parts.first?.span.start)
                }
                notice = "schema \"\(name)\" does not exist, skipping"
                continue
            }
            names.insert(name)
            for (id, table) in catalog.tables where table.name.schema == name {
                guard drop.isCascade else {
                    throw QueryError(
                        code: "2BP01",
                        message: "cannot drop schema \(name) because other objects depend on it: "
                            + "table \(table.name)",
                        position: parts.first?.span.start,
                        hint: "Use DROP ... CASCADE to drop the dependent objects too.")
                }
                tables.insert(id)
            }
        }
        let own = Set(catalog.views.keys.filter { names.contains($0.schema) })
        let others = views { read in
            !read.tables.isDisjoint(with: tables) || !read.views.isDisjoint(with: own)
        }
        let all = own.union(others)
        try refuse(all, "schema", drop)
        try changeStore { transaction throws(StorageError) in
            for view in all { try transaction.setView(view, nil) }
            for id in tables { try transaction.dropTable(id) }
            for name in names { try transaction.setSchema(name, exists: false) }
        }
        return .changed(0, "DROP SCHEMA", notice: notice)
    }

    // MARK: Others

    func truncate(_ names: [[Identifier]]) throws(QueryError) -> ResultStream {
        var ids: [TableID] = []
        for parts in names {
            let name = try ownName(parts)
            guard let id = run.snapshot.catalog.table(named: name) else { throw TableNames.unknown(parts) }
            ids.append(id)
        }
        try changeStore { transaction throws(StorageError) in
            for id in ids { try transaction.truncate(id) }
        }
        return .done("TRUNCATE TABLE")
    }

    /// Comments are properties of their table.
    func comment(_ comment: Comment) throws(QueryError) -> ResultStream {
        let name = try ownName(comment.table)
        guard let id = run.snapshot.catalog.table(named: name),
            let table = run.snapshot.catalog.definition(of: id)
        else { throw TableNames.unknown(comment.table) }
        var key = "comment"
        if let column = comment.column {
            _ = try TableShaping(run: run).index(of: column, in: table.columns.fields)
            key += "." + column.name
        }
        let property = key
        try changeStore { transaction throws(StorageError) in
            try transaction.setProperty(property, to: comment.text, of: id)
        }
        return .done("COMMENT")
    }
}
