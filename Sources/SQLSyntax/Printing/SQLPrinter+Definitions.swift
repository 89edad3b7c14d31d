extension SQLPrinter {
    func text(_ alter: AlterTable) -> String {
        let actions = list(alter.actions) { text($0) }
        return "ALTER TABLE \(alter.ifExists ? "IF EXISTS " : "")\(name(alter.table)) \(actions)"
    }

    private func text(_ action: AlterTable.Action) -> String {
        switch action {
        case .addColumn(let column, let ifNotExists):
            "ADD COLUMN \(ifNotExists ? "IF NOT EXISTS " : "")\(text(column))"
        case .dropColumn(let column, let ifExists, let isCascade):
            "DROP COLUMN \(ifExists ? "IF EXISTS " : "")\(name(column))\(isCascade ? " CASCADE" : "")"
        case .renameColumn(let old, let new): "RENAME COLUMN \(name(old)) TO \(name(new))"
        case .renameTable(let new): "RENAME TO \(name(new))"
        case .setDefault(let column, let value?): "ALTER COLUMN \(name(column)) SET DEFAULT \(text(value))"
        case .setDefault(let column, nil): "ALTER COLUMN \(name(column)) DROP DEFAULT"
        case .setNotNull(let column, let isSet):
            "ALTER COLUMN \(name(column)) \(isSet ? "SET" : "DROP") NOT NULL"
        case .addCheck(let check): "ADD \(text(check))"
        case .addUnique(let unique): "ADD \(text(unique))"
        case .dropConstraint(let constraint, let ifExists):
            "DROP CONSTRAINT \(ifExists ? "IF EXISTS " : "")\(name(constraint))"
        }
    }

    func text(_ check: CheckDefinition) -> String {
        let own = check.name.map { "CONSTRAINT \(name($0)) " } ?? ""
        return "\(own)CHECK (\(text(check.condition)))"
    }

    func text(_ unique: UniqueDefinition) -> String {
        let own = unique.name.map { "CONSTRAINT \(name($0)) " } ?? ""
        return "\(own)UNIQUE (\(list(unique.columns, name)))"
    }

    func text(_ conflict: OnConflict?) -> String {
        guard let conflict else { return "" }
        var target = conflict.columns.isEmpty ? "" : " (\(list(conflict.columns, name)))"
        if let constraint = conflict.constraint { target = " ON CONSTRAINT \(name(constraint))" }
        guard let assignments = conflict.assignments else { return " ON CONFLICT\(target) DO NOTHING" }
        let values = list(assignments) { "\(name($0.column)) = \(text($0.value))" }
        let filter = conflict.filter.map { " WHERE " + text($0) } ?? ""
        return " ON CONFLICT\(target) DO UPDATE SET \(values)\(filter)"
    }
}
