extension SQLPrinter {
    public func text(_ statement: Statement) -> String {
        switch statement {
        case .query(let query): return text(query)
        case .explain(let explain):
            var options: [String] = []
            if explain.isAnalyze { options.append("ANALYZE") }
            if explain.isVerbose { options.append("VERBOSE") }
            if explain.format != .text { options.append("FORMAT " + explain.format.rawValue) }
            let list = options.isEmpty ? "" : "(\(options.joined(separator: ", "))) "
            return "EXPLAIN \(list)\(text(explain.statement))"
        case .createTable(let table): return text(table)
        case .createTableAs(let table): return text(table)
        case .createView(let view):
            let columns = view.columns.isEmpty ? "" : " (\(list(view.columns, name)))"
            return "CREATE \(view.orReplace ? "OR REPLACE " : "")VIEW \(name(view.name))\(columns) AS "
                + text(view.query)
        case .dropTable(let drop): return "DROP TABLE " + text(drop)
        case .dropView(let drop): return "DROP VIEW " + text(drop)
        case .alterTable(let change): return text(change)
        case .createSchema(let schema):
            return "CREATE SCHEMA \(schema.ifNotExists ? "IF NOT EXISTS " : "")\(name(schema.name))"
        case .dropSchema(let drop): return "DROP SCHEMA " + text(drop)
        case .createIndex(let index):
            let condition = index.ifNotExists ? " IF NOT EXISTS" : ""
            let own = condition + (index.name.map { " " + name($0) } ?? "")
            let columns = list(index.columns) { "(\(text($0)))" }
            return "CREATE \(index.isUnique ? "UNIQUE " : "")INDEX\(own) ON \(name(index.table)) (\(columns))"
        case .dropIndex(let drop): return "DROP INDEX " + text(drop)
        case .reindex(let reindex): return "REINDEX \(reindex.kind.rawValue) \(name(reindex.name))"
        case .truncate(let names): return "TRUNCATE " + list(names, name)
        case .comment(let comment):
            let place = comment.column.map { "COLUMN \(name(comment.table)).\(name($0))" }
            let value = comment.text.map { dialect.string($0) } ?? "NULL"
            return "COMMENT ON \(place ?? "TABLE " + name(comment.table)) IS \(value)"
        case .setOptions(let change):
            return "ALTER TABLE \(name(change.table)) SET\(text(change.options, word: ""))"
        case .insert(let insert): return text(insert)
        case .update(let update): return text(update)
        case .delete(let delete): return text(delete)
        case .copy(let copy): return text(copy)
        case .show(let setting): return "SHOW " + (setting.map(settingName) ?? "ALL")
        case .set(let change):
            let values = change.values.isEmpty ? "DEFAULT" : list(change.values) { text($0) }
            return "SET \(change.isLocal ? "LOCAL " : "")\(settingName(change.name)) = \(values)"
        case .reset(let setting): return "RESET " + (setting.map(settingName) ?? "ALL")
        case .describe(let table): return "DESCRIBE " + name(table)
        case .begin(let modes): return "BEGIN" + text(modes)
        case .setTransaction(let modes): return "SET TRANSACTION" + text(modes)
        case .commit: return "COMMIT"
        case .rollback: return "ROLLBACK"
        }
    }

    private func text(_ modes: TransactionModes) -> String {
        var parts: [String] = []
        if let isolation = modes.isolation { parts.append("ISOLATION LEVEL " + isolation.rawValue) }
        if let isReadOnly = modes.isReadOnly { parts.append(isReadOnly ? "READ ONLY" : "READ WRITE") }
        return parts.isEmpty ? "" : " " + parts.joined(separator: ", ")
    }

    private func settingName(_ setting: Identifier) -> String {
        setting.name.split(separator: ".").map { quoted(String($0)) }.joined(separator: ".")
    }

    private func text(_ drop: Drop) -> String {
        (drop.ifExists ? "IF EXISTS " : "") + list(drop.names, name) + (drop.isCascade ? " CASCADE" : "")
    }

    func text(_ column: ColumnDefinition) -> String {
        var text = "\(name(column.name)) \(self.text(column.type))"
        if column.isPrimaryKey {
            text += " PRIMARY KEY"
        } else if column.isNotNull {
            text += " NOT NULL"
        }
        if let value = column.defaultValue { text += " DEFAULT \(self.text(value, .other))" }
        return text
    }

    private func text(_ table: CreateTable) -> String {
        var elements = table.columns.map { text($0) }
        if !table.primaryKey.isEmpty, !table.columns.contains(where: \.isPrimaryKey) {
            elements.append("PRIMARY KEY (\(list(table.primaryKey, name)))")
        }
        for check in table.checks { elements.append(text(check)) }
        for unique in table.uniques { elements.append(text(unique)) }
        for like in table.likes.reversed() {
            let defaults = like.includesDefaults ? " INCLUDING DEFAULTS" : ""
            let constraints = like.includesConstraints ? " INCLUDING CONSTRAINTS" : ""
            elements.insert("LIKE \(name(like.table))\(defaults)\(constraints)", at: like.position)
        }
        let condition = table.ifNotExists ? "IF NOT EXISTS " : ""
        let order = table.clusteringKey.isEmpty ? "" : " ORDER BY (\(list(table.clusteringKey, name)))"
        return "CREATE TABLE \(condition)\(name(table.name)) (\(elements.joined(separator: ", ")))"
            + order + text(table.options)
    }

    private func text(_ table: CreateTableAs) -> String {
        let condition = table.ifNotExists ? "IF NOT EXISTS " : ""
        let columns = table.columns.isEmpty ? "" : " (\(list(table.columns, name)))"
        return "CREATE TABLE \(condition)\(name(table.name))\(columns)\(text(table.options)) AS "
            + text(table.query) + (table.withData ? "" : " WITH NO DATA")
    }

    private func text(_ options: [StatementOption], word: String = " WITH") -> String {
        guard !options.isEmpty else { return "" }
        let all = list(options) { option in
            let values = list(option.values) { text($0) }
            switch option.values.count {
            case 0: return name(option.name)
            case 1: return "\(name(option.name)) = \(values)"
            default: return "\(name(option.name)) = (\(values))"
            }
        }
        return "\(word) (\(all))"
    }

    private func returning(_ items: [SelectItem]) -> String {
        items.isEmpty ? "" : " RETURNING " + list(items, text)
    }

    private func text(_ insert: Insert) -> String {
        let alias = insert.alias.map { " AS " + name($0) } ?? ""
        let columns = insert.columns.isEmpty ? "" : " (\(list(insert.columns, name)))"
        let rows = insert.query.map { text($0) } ?? "DEFAULT VALUES"
        return "INSERT INTO \(name(insert.table))\(alias)\(columns) \(rows)\(text(insert.onConflict))"
            + returning(insert.returning)
    }

    private func text(_ update: Update) -> String {
        let alias = update.alias.map { " AS " + name($0) } ?? ""
        let values = list(update.assignments) { "\(name($0.column)) = \(text($0.value))" }
        let from = update.from.isEmpty ? "" : " FROM " + list(update.from) { text($0) }
        let filter = update.filter.map { " WHERE " + text($0) } ?? ""
        return "UPDATE \(name(update.table))\(alias) SET \(values)\(from)\(filter)"
            + returning(update.returning)
    }

    private func text(_ delete: Delete) -> String {
        let alias = delete.alias.map { " AS " + name($0) } ?? ""
        let using = delete.using.isEmpty ? "" : " USING " + list(delete.using) { text($0) }
        let filter = delete.filter.map { " WHERE " + text($0) } ?? ""
        return "DELETE FROM \(name(delete.table))\(alias)\(using)\(filter)\(returning(delete.returning))"
    }

    private func text(_ copy: Copy) -> String {
        let source: String
        switch copy.source {
        case .query(let query): source = "(\(text(query)))"
        case .table(let table, let columns):
            source = name(table) + (columns.isEmpty ? "" : " (\(list(columns, name)))")
        }
        let endpoint: String
        switch copy.endpoint {
        case .file(let path): endpoint = dialect.string(path)
        case .standardInput: endpoint = "STDIN"
        case .standardOutput: endpoint = "STDOUT"
        }
        return "COPY \(source) \(copy.direction.rawValue) \(endpoint)\(text(copy.options))"
    }
}
