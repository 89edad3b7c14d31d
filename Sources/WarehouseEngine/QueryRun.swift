import Columns
import Execution
import Planning
import SQLSyntax
import Storage
import TableCatalog

/// One statement on its way through planner and executor: the one place where a statement is run.
struct QueryRun {
    let session: Session
    let snapshot: StoreSnapshot
    let parameters: [Value]
    let options: QueryOptions
    /// What the statement was parsed from.
    let text: String

    var warehouse: Warehouse { session.warehouse }

    func run(_ statement: Statement) throws(QueryError) -> ResultStream {
        switch statement {
        case .query(let query): return try stream(.query(query))
        case .explain(let explain): return try self.explain(explain)
        case .describe(let name):
            return try TableListing(snapshot, session.settings.searchPath).describe(name)
        case .show(let name): return try TableListing(snapshot, session.settings.searchPath).show(name)
        case .createTable, .createTableAs, .dropTable, .insert, .delete, .copy, .alterTable, .setOptions,
            .update, .createView, .dropView, .createSchema, .dropSchema, .createIndex, .dropIndex, .reindex,
            .truncate,
            .comment:
            try checkMayChange(statement)
            return try TableCommands(run: self).run(statement)
        case .set, .reset, .begin, .setTransaction, .commit, .rollback:
            preconditionFailure("the session runs statements of its own")
        }
    }

    private func checkMayChange(_ statement: Statement) throws(QueryError) {
        if case .copy(let copy) = statement, copy.direction == .to, !options.isReadOnly { return }
        if isOutput(statement) { return }
        if options.isReadOnly {
            throw QueryError(
                code: "25006", message: "cannot change tables here: this connection only reads")
        }
        let readsOnly =
            session.transaction?.isReadOnly
            ?? (session.settings.changed("default_transaction_read_only") == "on")
        if readsOnly {
            throw QueryError(
                code: "25006",
                message: "cannot execute \(CommandTag.words(of: statement)) in a read-only transaction")
        }
    }

    /// COPY … TO STDOUT, where the caller has one.
    private func isOutput(_ statement: Statement) -> Bool {
        guard case .copy(let copy) = statement else { return false }
        return copy.endpoint == .standardOutput && options.allowsStandardOutput
    }

    /// The same statement against another version.
    func with(_ snapshot: StoreSnapshot) -> QueryRun {
        QueryRun(
            session: session, snapshot: snapshot, parameters: parameters, options: options, text: text)
    }

    /// Plans a query against this run's snapshot.
    func plan(_ statement: Statement) throws(QueryError) -> PlannedStatement {
        do throws(SQLError) {
            return try makePlanner().plan(statement: statement, parameters: parameters)
        } catch {
            throw QueryError(error)
        }
    }

    func makePlanner() -> Planner {
        let snapshot = snapshot
        let zoneOffset = session.settings.zoneOffset
        return Planner(
            catalog: snapshot.catalog,
            // Statistics only choose between plans: a footer that cannot be read fails the scan, not the
            // planning.
            statistics: { id in try? snapshot.statistics(of: id) },
            versions: { (point) throws(SQLError) in try Self.earlier(point, snapshot, zoneOffset) },
            system: SystemTables(run: self).catalog,
            options: Planner.Options(searchPath: session.settings.searchPath))
    }

    private static func earlier(
        _ point: VersionPoint, _ snapshot: StoreSnapshot, _ zoneOffset: Int64
    ) throws(SQLError) -> EarlierVersion {
        do throws(StorageError) {
            let found =
                switch point {
                case .version(let number): try snapshot.asOf(version: number)
                // Wall-clock times are the session's, commit times are UTC.
                case .time(let time): try snapshot.asOf(time: time - zoneOffset)
                }
            return EarlierVersion(version: found.version, catalog: found.catalog)
        } catch {
            let known = QueryError(error)
            throw SQLError(SQLState(rawValue: known.code), known.message, hint: known.hint)
        }
    }

    /// - Parameter given: What plans read that are over given rows.
    func makeContext(given: [DataChunk]? = nil) -> QueryContext {
        let stored = StoreTables(snapshot)
        let tables: any TableSource = given.map { GivenTables(chunks: $0, others: stored) } ?? stored
        let context = QueryContext(
            tables: tables, pool: warehouse.pool, workerCount: options.workerCount,
            memoryLimitBytes: options.memoryLimitBytes,
            statementTimestamp: Warehouse.statementTimestamp(zoneOffset: session.settings.zoneOffset),
            timeLimit: options.timeLimit, pool: warehouse.memory, spill: warehouse.spill,
            forcedSpillBytes: warehouse.forcedSpillBytes)
        session.began(context)
        return context
    }

    private func stream(_ statement: Statement) throws(QueryError) -> ResultStream {
        let planned = try plan(statement)
        let columns = planned.columns.fields.map { ResultColumn(name: $0.name, type: $0.type) }
        return ResultStream(columns: columns, queue: QueryExecutor.start(planned.plan, makeContext()))
    }

    /// The plan as lines of text; with ANALYZE also what each operator did.
    private func explain(_ explain: Explain) throws(QueryError) -> ResultStream {
        guard explain.format == .text else {
            throw QueryError(
                code: SQLState.featureNotSupported.rawValue, message: "EXPLAIN (FORMAT JSON) is not supported"
            )
        }
        let planned = try plan(explain.statement)
        guard explain.isAnalyze else {
            return .text(column: "QUERY PLAN", PlanPrinter.lines(planned.plan), tag: "EXPLAIN")
        }
        let context = makeContext()
        let started = ContinuousClock.now
        let chunks: [DataChunk]
        do throws(ExecutionError) {
            chunks = try QueryExecutor.collect(planned.plan, context)
        } catch {
            throw QueryError(error)
        }
        let elapsed = ContinuousClock.now - started
        let rows = chunks.reduce(0) { $0 + $1.selectedCount }
        let lines =
            PlanPrinter.lines(planned.plan, profile: context.profile)
            + ["\(rows) rows in \(Self.milliseconds(elapsed)) ms"]
        return .text(column: "QUERY PLAN", lines, tag: "EXPLAIN")
    }

    private static func milliseconds(_ duration: Duration) -> Double {
        ResultSummary(rowCount: 0, elapsed: duration).elapsedMilliseconds
    }
}

extension ResultStream {
    /// Lines as rows of one TEXT column.
    static func text(column: String, _ lines: [String], tag: String) -> ResultStream {
        rows([ResultColumn(name: column, type: .text)], lines.map { [.text($0)] }, tag: tag)
    }

    /// A small result from values.
    static func rows(
        _ columns: [ResultColumn], _ rows: [[Value]], tag: String = "SELECT"
    ) -> ResultStream {
        let builder = DataChunkBuilder(types: columns.map(\.type))
        var chunks: [DataChunk] = []
        for row in rows {
            if builder.isFull { chunks.append(builder.finish()) }
            builder.append(row)
        }
        if builder.rowCount > 0 { chunks.append(builder.finish()) }
        return ResultStream(columns: columns, chunks: chunks, tag: tag)
    }
}
