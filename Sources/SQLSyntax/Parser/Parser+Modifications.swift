extension Parser {
    mutating func parseInsert() throws(SQLError) -> Insert {
        try expect(.insert)
        try expect(.into)
        let table = try parseQualifiedName()
        let alias = accept(.as) ? try parseName() : nil
        var insert = Insert(table: table, alias: alias, columns: [], query: nil, returning: [])
        if at(.leftParenthesis), !startsQuery(at: index + 1) { insert.columns = try parseNameList() }
        if accept(.default) {
            try expect(.values)
        } else {
            insert.query = try parseQuery()
        }
        if at(.on) { insert.onConflict = try parseOnConflict() }
        insert.returning = try parseReturning()
        return insert
    }

    private mutating func parseOnConflict() throws(SQLError) -> OnConflict {
        let place = token.span
        try expect(.on)
        guard acceptWord("conflict") else { throw unexpected() }
        var conflict = OnConflict(columns: [], constraint: nil, span: place)
        if at(.leftParenthesis) {
            conflict.columns = try parseNameList()
        } else if accept(.on) {
            try expect(.constraint)
            conflict.constraint = try parseName()
        }
        conflict.span = span(from: place)
        try expect(.do)
        if acceptWord("nothing") { return conflict }
        let hasTarget = !conflict.columns.isEmpty || conflict.constraint != nil
        guard hasTarget else {
            throw SQLError(
                .syntaxError, "ON CONFLICT DO UPDATE requires inference specification or constraint name",
                position: place.start, hint: "For example, ON CONFLICT (column_name).")
        }
        try expect(.update)
        try expect(.set)
        conflict.assignments = try parseAssignments()
        if accept(.where) { conflict.filter = try parseExpression() }
        return conflict
    }

    private mutating func parseAssignments() throws(SQLError) -> [Assignment] {
        var assignments: [Assignment] = []
        repeat {
            if at(.leftParenthesis) {
                assignments += try parseRowAssignment()
            } else {
                let column = try parseName()
                guard acceptOperator("=") else { throw unexpected() }
                assignments.append(Assignment(column: column, value: try parseExpression()))
            }
        } while accept(.comma)
        return assignments
    }

    private mutating func parseReturning() throws(SQLError) -> [SelectItem] {
        accept(.returning) ? try parseSelectItems() : []
    }

    private mutating func parseTargetAlias() throws(SQLError) -> Identifier? {
        if accept(.as) { return try parseName() }
        guard !at(.set), let name = columnName(of: token) else { return nil }
        advance()
        return name
    }

    mutating func parseUpdate() throws(SQLError) -> Update {
        try expect(.update)
        _ = accept(.only)
        let table = try parseQualifiedName()
        let alias = try parseTargetAlias()
        var update = Update(table: table, alias: alias, assignments: [], from: [], filter: nil, returning: [])
        try expect(.set)
        update.assignments = try parseAssignments()
        if accept(.from) { update.from = try parseTableReferences() }
        if accept(.where) { update.filter = try parseExpression() }
        update.returning = try parseReturning()
        return update
    }

    /// `(a, b) = (1, 2)`
    private mutating func parseRowAssignment() throws(SQLError) -> [Assignment] {
        let place = token.span.start
        let columns = try parseNameList()
        guard acceptOperator("=") else { throw unexpected() }
        let value = try parseExpression()
        guard case .row(let values) = value.kind else {
            if columns.count == 1 { return [Assignment(column: columns[0], value: value)] }
            throw SQLError(
                .featureNotSupported, "several columns are assigned from a list of values only",
                position: value.span.start)
        }
        guard values.count == columns.count else {
            throw SQLError(
                .syntaxError, "number of columns does not match number of values", position: place)
        }
        return zip(columns, values).map { Assignment(column: $0, value: $1) }
    }

    mutating func parseDelete() throws(SQLError) -> Delete {
        try expect(.delete)
        try expect(.from)
        _ = accept(.only)
        let table = try parseQualifiedName()
        let alias = try parseTargetAlias()
        var delete = Delete(table: table, alias: alias, using: [], filter: nil, returning: [])
        if accept(.using) { delete.using = try parseTableReferences() }
        if accept(.where) { delete.filter = try parseExpression() }
        delete.returning = try parseReturning()
        return delete
    }

    mutating func parseCopy() throws(SQLError) -> Copy {
        try expect(.copy)
        let source: Copy.Source
        if accept(.leftParenthesis) {
            source = .query(try parseQuery())
            try expect(.rightParenthesis)
        } else {
            let table = try parseQualifiedName()
            source = .table(table, columns: at(.leftParenthesis) ? try parseNameList() : [])
        }
        let direction: Copy.Direction
        if case .table = source, accept(.from) {
            direction = .from
        } else {
            try expect(.to)
            direction = .to
        }
        let endpoint: Copy.Endpoint
        if direction == .from && accept(.stdin) {
            endpoint = .standardInput
        } else if direction == .to && accept(.stdout) {
            endpoint = .standardOutput
        } else if at(.program) {
            throw SQLError(.featureNotSupported, "COPY PROGRAM is not supported", position: token.span.start)
        } else {
            endpoint = .file(try expectString())
        }
        var copy = Copy(source: source, direction: direction, endpoint: endpoint, options: [])
        copy.options = try parseCopyOptions()
        return copy
    }

    /// `(FORMAT csv, HEADER)` with or without WITH, or the bare words `CSV HEADER` of old.
    private mutating func parseCopyOptions() throws(SQLError) -> [StatementOption] {
        _ = accept(.with)
        if at(.leftParenthesis) { return try parseOptionList() }
        var options: [StatementOption] = []
        while token.kind != .end, !at(.semicolon) {
            let place = token.span
            if accept(.csv) {
                let format = SQLExpression(.string("csv"), span: place)
                options.append(StatementOption(name: Identifier("format", span: place), values: [format]))
            } else if acceptWord("header") {
                options.append(StatementOption(name: Identifier("header", span: place), values: []))
            } else if atWord("delimiter") || at(.null) || atWord("quote") || at(.escape) {
                let name = try parseLabel()
                _ = accept(.as)
                let value = SQLExpression(.string(try expectString()), span: token.span)
                options.append(StatementOption(name: name, values: [value]))
            } else {
                throw unexpected()
            }
        }
        return options
    }
}
