import Columns
import SQLSyntax

/// SET, RESET and SHOW.
extension Session {
    /// nil for any other statement.
    func setOrShow(_ statement: Statement, _ options: QueryOptions) throws(QueryError) -> ResultStream? {
        switch statement {
        case .set(let change):
            try requireSession("SET")
            if change.isLocal, transaction == nil {
                return .done("SET", notice: "SET LOCAL can only be used in transaction blocks")
            }
            if try setTransactionMode(change) { return .done("SET") }
            try settings.set(change)
            if !change.isLocal { try transaction?.settingsAfter.set(change) }
            return .done("SET")
        case .reset(let name):
            try requireSession("RESET")
            try settings.reset(name)
            try transaction?.settingsAfter.reset(name)
            return .done("RESET")
        case .show(let name?):
            if name.name == "tables" { return nil }
            return try show(name, options)
        case .show(nil): return showAll(options)
        default: return nil
        }
    }

    /// `SET transaction_isolation TO …`, which is SET TRANSACTION in other words.
    private func setTransactionMode(_ change: SetSetting) throws(QueryError) -> Bool {
        guard let definition = try SettingList.definition(change.name),
            definition.name.hasPrefix("transaction_"), !change.values.isEmpty
        else { return false }
        let value = try SettingReader.canonical(
            change.values, of: definition, position: change.name.span.start)
        var modes = TransactionModes()
        if definition.name == "transaction_read_only" {
            modes.isReadOnly = value == "on"
        } else {
            modes.isolation = TransactionModes.Isolation(rawValue: value.uppercased())
        }
        try transaction?.set(modes)
        return true
    }

    /// A setting's value with what the transaction says.
    private func shown(_ definition: SettingDefinition, _ options: QueryOptions) -> String {
        if let transaction {
            if definition.name == "transaction_isolation" {
                return transaction.isolation.rawValue.lowercased()
            }
            if definition.name == "transaction_read_only" { return transaction.isReadOnly ? "on" : "off" }
        }
        return settings.shown(definition, options, threads: warehouse.workerCount)
    }

    private func show(_ name: Identifier, _ options: QueryOptions) throws(QueryError) -> ResultStream {
        guard let definition = try SettingList.definition(name) else {
            guard let value = settings.changed(name.name.lowercased()) else {
                throw QueryError(
                    code: SQLState.undefinedObject.rawValue,
                    message: "unrecognized configuration parameter \"\(name.name)\"",
                    position: name.span.start)
            }
            return .rows([ResultColumn(name: name.name, type: .text)], [[.text(value)]], tag: "SHOW")
        }
        let column = name.name == "work_mem" ? name.name : definition.name
        return .rows(
            [ResultColumn(name: column, type: .text)], [[.text(shown(definition, options))]], tag: "SHOW")
    }

    private func showAll(_ options: QueryOptions) -> ResultStream {
        let columns = ["name", "setting", "description"].map { ResultColumn(name: $0, type: .text) }
        let sorted = SettingList.all.sorted { $0.name.lowercased() < $1.name.lowercased() }
        let rows: [[Value]] = sorted.map {
            [.text($0.name), .text(shown($0, options)), .text($0.purpose)]
        }
        return .rows(columns, rows, tag: "SHOW")
    }
}
