import Columns
import Execution
import Planning
import SQLSyntax
import Storage
import Synchronization

/// What a client has open: its settings and its transaction. One a connection, a shell or a request.
///
/// Statements come one at a time, from any thread; `cancel` may come from another. A session that goes away
/// with a transaction open rolls it back.
public final class Session: @unchecked Sendable {
    /// What a client may send next.
    public enum TransactionStatus: Sendable {
        /// Each statement is a transaction of its own.
        case idle
        case open
        /// A statement has failed: only ROLLBACK or COMMIT, which then rolls back, is taken.
        case failed
    }

    public let warehouse: Warehouse
    /// Limits of statements for which `run` gives none.
    public let options: QueryOptions
    /// Whether nothing outlives the one statement that it is for.
    let isForOneStatement: Bool
    /// Owned by the caller that runs a statement.
    var settings = SessionSettings()
    /// Owned by the caller that runs a statement.
    var transaction: SessionTransaction?
    private let running = Mutex<Running>(Running())

    private struct Running {
        var contexts: [QueryContext] = []
        var isCancelled = false
    }

    public convenience init(_ warehouse: Warehouse, options: QueryOptions = QueryOptions()) {
        self.init(warehouse, options: options, isForOneStatement: false)
    }

    init(_ warehouse: Warehouse, options: QueryOptions, isForOneStatement: Bool) {
        self.warehouse = warehouse
        self.options = options
        self.isForOneStatement = isForOneStatement
    }

    deinit { transaction?.rollback() }

    public var transactionStatus: TransactionStatus {
        guard let transaction else { return .idle }
        return transaction.isFailed ? .failed : .open
    }

    /// Runs one statement. A query has begun when this returns; its rows are pulled from the stream.
    ///
    /// - Parameters:
    ///   - parameters: Values of `$1`, `$2`, ….
    ///   - options: nil for the session's; what SET has set comes on top.
    /// - Throws: `QueryError` with SQLSTATE and position; nothing was changed, and a transaction has failed.
    public func run(
        _ sql: String, parameters: [Value] = [], options: QueryOptions? = nil
    ) throws(QueryError) -> ResultStream {
        do throws(QueryError) {
            let statement = try QueryError.sql { () throws(SQLError) in try SQLParser.statement(in: sql) }
            return try run(statement, text: sql, parameters: parameters, options: options)
        } catch {
            transaction?.isFailed = true
            throw error
        }
    }

    /// Stops the statement that is running, which then fails with SQLSTATE 57014. From any thread.
    public func cancel() {
        running.withLock { running in
            running.isCancelled = true
            for context in running.contexts { context.cancel() }
        }
    }

    /// The value of a setting as SHOW gives it; nil for a name that does not exist.
    public func setting(_ name: String) -> String? {
        settings.value(of: name, options, threads: warehouse.workerCount)
    }

    /// What `cancel` reaches from now on.
    func began(_ context: QueryContext) {
        running.withLock { running in
            if running.isCancelled { context.cancel() }
            running.contexts.append(context)
        }
    }

    private func run(
        _ statement: Statement, text: String, parameters: [Value], options given: QueryOptions?
    ) throws(QueryError) -> ResultStream {
        running.withLock { $0 = Running() }
        let base = given ?? options
        if let result = try control(statement) { return result }
        if transaction?.isFailed ?? false {
            throw QueryError(
                code: "25P02",
                message: "current transaction is aborted, commands ignored until end of transaction block",
                hint: "ROLLBACK ends it.")
        }
        if let result = try setOrShow(statement, base) { return result }
        let snapshot = try transaction?.snapshot() ?? warehouse.store.snapshot()
        let run = QueryRun(
            session: self, snapshot: snapshot, parameters: parameters, options: settings.applied(to: base),
            text: text)
        let stream = try run.run(statement)
        if let transaction { stream.failed = { transaction.isFailed = true } }
        return stream
    }
}
