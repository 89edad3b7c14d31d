import SQLSyntax

/// The words by which PostgreSQL's clients know a statement.
enum CommandTag {
    static func words(of statement: Statement) -> String {
        switch statement {
        case .query: "SELECT"
        case .explain: "EXPLAIN"
        case .createTable: "CREATE TABLE"
        // PostgreSQL says how many rows it has put in.
        case .createTableAs: "SELECT"
        case .dropTable: "DROP TABLE"
        case .createView: "CREATE VIEW"
        case .dropView: "DROP VIEW"
        case .alterTable, .setOptions: "ALTER TABLE"
        case .createSchema: "CREATE SCHEMA"
        case .dropSchema: "DROP SCHEMA"
        case .createIndex: "CREATE INDEX"
        case .dropIndex: "DROP INDEX"
        case .reindex: "REINDEX"
        case .truncate: "TRUNCATE TABLE"
        case .comment: "COMMENT"
        case .insert: "INSERT"
        case .update: "UPDATE"
        case .delete: "DELETE"
        case .copy: "COPY"
        case .show, .describe: "SHOW"
        case .set, .setTransaction: "SET"
        case .reset: "RESET"
        case .begin: "BEGIN"
        case .commit: "COMMIT"
        case .rollback: "ROLLBACK"
        }
    }
}

extension ResultStream {
    /// A statement that gives nothing, with a notice for the client.
    static func done(_ tag: String, notice: String? = nil) -> ResultStream {
        let stream = ResultStream(columns: [], tag: tag)
        if let notice { stream.notices.append(notice) }
        return stream
    }

    /// What a statement answers that changes rows.
    static func changed(_ rows: Int, _ tag: String, notice: String? = nil) -> ResultStream {
        let stream = ResultStream(columns: [], changedRows: rows, tag: tag)
        if let notice { stream.notices.append(notice) }
        return stream
    }
}
