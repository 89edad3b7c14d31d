/// CREATE SCHEMA, DROP, ALTER TABLE, TRUNCATE and COMMENT.
extension Parser {
    /// What CREATE makes besides tables and views; nil for these.
    mutating func parseCreateOther() throws(SQLError) -> Statement? {
        if accept(.schema) {
            let ifNotExists = try acceptIfNotExists()
            let schema = CreateSchema(name: try parseName(), ifNotExists: ifNotExists)
            if at(.authorization) {
                throw SQLError(
                    .featureNotSupported, "AUTHORIZATION is not supported", position: token.span.start)
            }
            return .createSchema(schema)
        }
        let isUnique = at(.unique)
        guard isUnique ? peek().text == "index" : atWord("index") else {
            for word in ["sequence", "function", "trigger", "type", "materialized", "extension", "role"]
            where token.text == word && token.kind != .quotedIdentifier {
                throw SQLError(
                    .featureNotSupported, "CREATE \(word.uppercased()) is not supported",
                    position: token.span.start)
            }
            return nil
        }
        return .createIndex(try parseCreateIndex(isUnique: isUnique))
    }

    mutating func acceptIfNotExists() throws(SQLError) -> Bool {
        guard accept(.if) else { return false }
        try expect(.not)
        try expect(.exists)
        return true
    }

    mutating func parseLike(position: Int) throws(SQLError) -> LikeTable {
        try expect(.like)
        var like = LikeTable(table: try parseQualifiedName(), position: position)
        while atWord("including") || atWord("excluding") {
            let isIncluded = token.text == "including"
            advance()
            let what = try parseLabel()
            if what.name == "defaults" || what.name == "all" { like.includesDefaults = isIncluded }
            if what.name == "constraints" || what.name == "all" { like.includesConstraints = isIncluded }
        }
        return like
    }

    mutating func parseDrop() throws(SQLError) -> Statement {
        try expect(.drop)
        let what = token
        advance()
        let isIndex = what.kind == .identifier && what.text == "index"
        guard isIndex || [.keyword(.table), .keyword(.view), .keyword(.schema)].contains(what.kind) else {
            throw unexpected(what)
        }
        let ifExists = accept(.if)
        if ifExists { try expect(.exists) }
        var names = [try parseQualifiedName()]
        while accept(.comma) { names.append(try parseQualifiedName()) }
        let isCascade = accept(.cascade)
        if !isCascade { _ = accept(.restrict) }
        let drop = Drop(names: names, ifExists: ifExists, isCascade: isCascade)
        switch what.kind {
        case .keyword(.view): return .dropView(drop)
        case .keyword(.schema): return .dropSchema(drop)
        case .keyword: return .dropTable(drop)
        default: return .dropIndex(drop)
        }
    }

    mutating func parseTruncate() throws(SQLError) -> Statement {
        try expect(.truncate)
        _ = accept(.table)
        _ = accept(.only)
        var names = [try parseQualifiedName()]
        while accept(.comma) { names.append(try parseQualifiedName()) }
        if acceptWord("restart") || acceptWord("continue") {
            guard acceptWord("identity") else { throw unexpected() }
        }
        _ = accept(.cascade) || accept(.restrict)
        return .truncate(names)
    }

    /// After COMMENT.
    mutating func parseComment() throws(SQLError) -> Statement {
        try expect(.on)
        let place = token.span
        let isColumn = accept(.column)
        if !isColumn, !accept(.table) {
            throw SQLError(
                .featureNotSupported, "COMMENT ON \(token.text.uppercased()) is not supported",
                position: place.start, hint: "COMMENT ON TABLE and COMMENT ON COLUMN are.")
        }
        var name = try parseQualifiedName()
        var column: Identifier?
        if isColumn {
            guard name.count > 1 else { throw unexpected() }
            column = name.removeLast()
        }
        try expect(.is)
        let text = accept(.null) ? nil : try expectString()
        return .comment(Comment(table: name, column: column, text: text))
    }

    mutating func parseAlter() throws(SQLError) -> Statement {
        try expect(.alter)
        guard at(.table) else {
            throw SQLError(
                .featureNotSupported, "ALTER \(token.text.uppercased()) is not supported",
                position: token.span.start)
        }
        advance()
        let ifExists = accept(.if)
        if ifExists { try expect(.exists) }
        _ = accept(.only)
        let table = try parseQualifiedName()
        if at(.set), peek().kind == .symbol(.leftParenthesis) {
            advance()
            return .setOptions(SetOptions(table: table, options: try parseOptionList()))
        }
        var alter = AlterTable(table: table, ifExists: ifExists, actions: [])
        if accept(.rename) {
            alter.actions = [try parseRename()]
            return .alterTable(alter)
        }
        repeat { try parseAlterAction(into: &alter.actions) } while accept(.comma)
        return .alterTable(alter)
    }

    private mutating func parseRename() throws(SQLError) -> AlterTable.Action {
        if accept(.to) { return .renameTable(try parseName()) }
        if at(.constraint) { throw unsupportedAlter() }
        _ = accept(.column)
        let old = try parseName()
        try expect(.to)
        return .renameColumn(old, to: try parseName())
    }

    private func unsupportedAlter() -> SQLError {
        SQLError(
            .featureNotSupported, "this form of ALTER TABLE is not supported: \(token.text.uppercased())",
            position: token.span.start,
            hint: "ADD and DROP COLUMN, RENAME, SET and DROP DEFAULT, SET and DROP NOT NULL, ADD CHECK, "
                + "ADD UNIQUE, DROP CONSTRAINT and SET (…) are.")
    }

    private mutating func parseAlterAction(into actions: inout [AlterTable.Action]) throws(SQLError) {
        if accept(.add) {
            let constraint = accept(.constraint) ? try parseName() : nil
            if accept(.check) {
                let condition = try parseCheckCondition()
                actions.append(.addCheck(CheckDefinition(name: constraint, condition: condition)))
                return
            }
            if accept(.unique) {
                try rejectNullsNotDistinct()
                actions.append(.addUnique(UniqueDefinition(name: constraint, columns: try parseNameList())))
                return
            }
            if constraint != nil || at(.primary) || at(.foreign) { throw unsupportedAlter() }
            _ = accept(.column)
            let ifNotExists = try acceptIfNotExists()
            var checks: [CheckDefinition] = []
            var uniques: [UniqueDefinition] = []
            let column = try parseColumnDefinition(checks: &checks, uniques: &uniques)
            if column.isPrimaryKey { throw unsupportedAlter() }
            actions.append(.addColumn(column, ifNotExists: ifNotExists))
            for check in checks { actions.append(.addCheck(check)) }
            for unique in uniques { actions.append(.addUnique(unique)) }
        } else if accept(.drop) {
            let isConstraint = accept(.constraint)
            if !isConstraint { _ = accept(.column) }
            let ifExists = accept(.if)
            if ifExists { try expect(.exists) }
            let name = try parseName()
            let isCascade = accept(.cascade)
            if !isCascade { _ = accept(.restrict) }
            actions.append(
                isConstraint
                    ? .dropConstraint(name, ifExists: ifExists)
                    : .dropColumn(name, ifExists: ifExists, isCascade: isCascade))
        } else if accept(.alter) {
            _ = accept(.column)
            actions.append(try parseColumnChange(try parseName()))
        } else {
            throw unsupportedAlter()
        }
    }

    private mutating func parseColumnChange(_ column: Identifier) throws(SQLError) -> AlterTable.Action {
        let isSet = at(.set)
        guard isSet || at(.drop) else { throw unsupportedAlter() }
        advance()
        if accept(.default) { return .setDefault(column, isSet ? try parseExpression() : nil) }
        guard accept(.not) else { throw unsupportedAlter() }
        try expect(.null)
        return .setNotNull(column, isSet)
    }
}
