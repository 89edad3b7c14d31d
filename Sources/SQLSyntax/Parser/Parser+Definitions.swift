extension Parser {
    mutating func parseCreate() throws(SQLError) -> Statement {
        try expect(.create)
        let orReplace = accept(.or, .replace)
        if accept(.view) {
            let name = try parseQualifiedName()
            let columns = at(.leftParenthesis) ? try parseNameList() : []
            try expect(.as)
            let query = try parseQuery()
            return .createView(CreateView(name: name, orReplace: orReplace, columns: columns, query: query))
        }
        if at(.temporary) || at(.temp) {
            throw SQLError(
                .featureNotSupported, "temporary tables and views are not supported",
                position: token.span.start)
        }
        if orReplace { throw unexpected() }
        if let statement = try parseCreateOther() { return statement }
        try expect(.table)
        let ifNotExists = try acceptIfNotExists()
        let name = try parseQualifiedName()
        if at(.leftParenthesis), !isNameList(at: index + 1) {
            return .createTable(try parseCreateTable(name, ifNotExists: ifNotExists))
        }
        let columns = at(.leftParenthesis) ? try parseNameList() : []
        let options = at(.with) ? try parseOptions() : []
        try expect(.as)
        let query = try parseQuery()
        var withData = true
        if accept(.with) {
            withData = !accept(.no)
            guard acceptWord("data") else { throw unexpected() }
        }
        return .createTableAs(
            CreateTableAs(
                name: name, ifNotExists: ifNotExists, columns: columns, options: options, query: query,
                withData: withData))
    }

    /// `(a, b)` before AS, as opposed to `(a integer, b text)`.
    private func isNameList(at first: Int) -> Bool {
        guard first < tokens.count, columnName(of: tokens[first]) != nil else { return false }
        guard first + 1 < tokens.count else { return false }
        let next = tokens[first + 1].kind
        return next == .symbol(.comma) || next == .symbol(.rightParenthesis)
    }

    private mutating func parseCreateTable(
        _ name: [Identifier], ifNotExists: Bool
    ) throws(SQLError) -> CreateTable {
        var table = CreateTable(
            name: name, ifNotExists: ifNotExists, columns: [], primaryKey: [], clusteringKey: [], options: [])
        try expect(.leftParenthesis)
        repeat {
            let constraint = accept(.constraint) ? try parseName() : nil
            if accept(.check) {
                table.checks.append(CheckDefinition(name: constraint, condition: try parseCheckCondition()))
            } else if at(.like) {
                table.likes.append(try parseLike(position: table.columns.count))
            } else if at(.primary) {
                let place = token.span.start
                try expect(.primary)
                try expect(.key)
                if !table.primaryKey.isEmpty { throw severalKeys(name, position: place) }
                table.primaryKey = try parseNameList()
            } else if accept(.unique) {
                try rejectNullsNotDistinct()
                table.uniques.append(UniqueDefinition(name: constraint, columns: try parseNameList()))
            } else if at(.foreign) {
                throw unsupportedConstraint()
            } else {
                let place = token.span.start
                let column = try parseColumnDefinition(
                    checks: &table.checks, uniques: &table.uniques)
                if column.isPrimaryKey {
                    if !table.primaryKey.isEmpty { throw severalKeys(name, position: place) }
                    table.primaryKey = [column.name]
                }
                table.columns.append(column)
            }
        } while accept(.comma)
        try expect(.rightParenthesis)
        if accept(.order) {
            try expect(.by)
            table.clusteringKey = try parseNameList()
        }
        if at(.with) { table.options = try parseOptions() }
        return table
    }

    private func severalKeys(_ table: [Identifier], position: Int) -> SQLError {
        let name = table.last?.name ?? ""
        return SQLError(
            .invalidTableDefinition, "multiple primary keys for table \"\(name)\" are not allowed",
            position: position)
    }

    private func unsupportedConstraint() -> SQLError {
        SQLError(
            .featureNotSupported, "constraint is not supported: \(token.text.uppercased())",
            position: token.span.start, hint: "NOT NULL, CHECK, DEFAULT, UNIQUE and PRIMARY KEY are.")
    }

    /// `(condition)`
    mutating func parseCheckCondition() throws(SQLError) -> SQLExpression {
        try expect(.leftParenthesis)
        let condition = try parseExpression()
        try expect(.rightParenthesis)
        return condition
    }

    mutating func parseColumnDefinition(
        checks: inout [CheckDefinition], uniques: inout [UniqueDefinition]
    ) throws(SQLError) -> ColumnDefinition {
        let name = try parseName()
        let place = token.span
        var column = ColumnDefinition(name: name, type: try parseType())
        if ["serial", "bigserial", "smallserial"].contains(column.type.name) {
            throw SQLError(
                .featureNotSupported, "sequences are not supported: \(column.type.name)",
                position: place.start)
        }
        while true {
            let constraint = accept(.constraint) ? try parseName() : nil
            if accept(.check) {
                checks.append(CheckDefinition(name: constraint, condition: try parseCheckCondition()))
            } else if atWord("generated") {
                throw SQLError(
                    .featureNotSupported, "generated columns are not supported: \(name.name)",
                    position: token.span.start)
            } else if accept(.not) {
                try expect(.null)
                column.isNotNull = true
            } else if accept(.null) {
                continue
            } else if accept(.primary) {
                try expect(.key)
                column.isPrimaryKey = true
                column.isNotNull = true
            } else if accept(.default) {
                column.defaultValue = try parseExpression(.other)
            } else if accept(.collate) {
                _ = try parseQualifiedName()
            } else if accept(.unique) {
                try rejectNullsNotDistinct()
                uniques.append(UniqueDefinition(name: constraint, columns: [name]))
            } else if at(.references) {
                throw unsupportedConstraint()
            } else {
                return column
            }
        }
    }

    /// `WITH (name = value, name = (value, value), name)`
    mutating func parseOptions() throws(SQLError) -> [StatementOption] {
        try expect(.with)
        return try parseOptionList()
    }

    mutating func parseOptionList() throws(SQLError) -> [StatementOption] {
        try expect(.leftParenthesis)
        var options: [StatementOption] = []
        repeat {
            var option = StatementOption(name: try parseLabel(), values: [])
            let hasSign = acceptOperator("=")
            if accept(.leftParenthesis) {
                repeat { option.values.append(try parseSettingValue()) } while accept(.comma)
                try expect(.rightParenthesis)
            } else if hasSign || !(at(.comma) || at(.rightParenthesis)) {
                option.values = [try parseSettingValue()]
            }
            options.append(option)
        } while accept(.comma)
        try expect(.rightParenthesis)
        return options
    }
}
