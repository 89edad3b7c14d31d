import SQLSyntax

/// BEGIN, COMMIT, ROLLBACK and SET TRANSACTION.
extension Session {
    /// nil for any other statement.
    func control(_ statement: Statement) throws(QueryError) -> ResultStream? {
        switch statement {
        case .begin(let modes):
            try requireSession("BEGIN")
            if transaction != nil {
                return .done("BEGIN", notice: "there is already a transaction in progress")
            }
            let readsOnly = settings.changed("default_transaction_read_only") == "on"
            transaction = SessionTransaction(
                store: warehouse.store, modes: modes, isReadOnly: readsOnly, settings: settings)
            return .done("BEGIN")
        case .setTransaction(let modes):
            guard let transaction else {
                return .done("SET", notice: "SET TRANSACTION can only be used in transaction blocks")
            }
            try transaction.set(modes)
            return .done("SET")
        case .commit:
            guard let ended = transaction else {
                return .done("COMMIT", notice: "there is no transaction in progress")
            }
            if ended.isFailed { return rollback() }
            transaction = nil
            settings = ended.settingsBefore
            try ended.commit()
            settings = ended.settingsAfter
            return .done("COMMIT")
        case .rollback:
            guard transaction != nil else {
                return .done("ROLLBACK", notice: "there is no transaction in progress")
            }
            return rollback()
        default: return nil
        }
    }

    private func rollback() -> ResultStream {
        if let ended = transaction {
            transaction = nil
            ended.rollback()
            settings = ended.settingsBefore
        }
        return .done("ROLLBACK")
    }

    func requireSession(_ what: String) throws(QueryError) {
        guard isForOneStatement else { return }
        throw QueryError(
            code: SQLState.featureNotSupported.rawValue,
            message: "\(what) needs a session: here each statement is one of its own")
    }
}
