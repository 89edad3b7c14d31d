import Columns
import Execution
import Planning
import SQLSyntax
import Storage
import TableCatalog

/// INSERT, UPDATE and DELETE. Rows stream from the plan into the transaction: memory does not grow with
/// them.
extension TableCommands {
    func insert(_ insert: Insert) throws(QueryError) -> ResultStream {
        _ = try ownName(insert.table)
        var change = RowChange(tag: "INSERT")
        try self.change { (transaction, run) throws(QueryError) in
            let planned = try QueryError.sql { () throws(SQLError) in
                try run.makePlanner().plan(insert: insert, parameters: run.parameters)
            }
            change.begin(planned, run)
            if let conflicts = planned.conflicts {
                try RowUpsert(commands: self, planned: planned, conflicts: conflicts, insert: insert)
                    .run(transaction, run, &change)
            } else {
                try forEachChunk(of: planned.rows.plan, run) { (chunk) throws(QueryError) in
                    let fresh = try change.checked(chunk)
                    try QueryError.storage { () throws(StorageError) in
                        try transaction.append(planned.table, fresh)
                    }
                    try change.add(fresh)
                }
            }
            try QueryError.storage { () throws(StorageError) in
                try transaction.checkPrimaryKey(of: planned.table)
            }
            try checkUnique(planned.table, transaction, run)
            try change.finish()
        }
        return try change.result()
    }

    func delete(_ delete: Delete) throws(QueryError) -> ResultStream {
        _ = try ownName(delete.table)
        var change = RowChange(tag: "DELETE")
        var seen: Set<RowLocator> = []
        try self.change { (transaction, run) throws(QueryError) in
            let planned = try QueryError.sql { () throws(SQLError) in
                try run.makePlanner().plan(delete: delete, parameters: run.parameters)
            }
            change.begin(planned, run)
            try forEachChunk(of: planned.rows.plan, run) { (chunk) throws(QueryError) in
                let once = delete.using.isEmpty ? chunk : Self.once(chunk, &seen)
                let locators = Self.locators(once)
                let deleted = try QueryError.storage { () throws(StorageError) in
                    try transaction.delete(planned.table, rows: locators)
                }
                let old = DataChunk(columns: Array(once.columns.dropFirst()), rowCount: once.rowCount)
                try change.add(old, rowCount: deleted)
            }
            try change.finish()
        }
        return try change.result()
    }

    /// An update is a delete and an append. Rows that a join finds again keep the first of their new values.
    func update(_ update: Update) throws(QueryError) -> ResultStream {
        _ = try ownName(update.table)
        var change = RowChange(tag: "UPDATE")
        var seen: Set<RowLocator> = []
        try self.change { (transaction, run) throws(QueryError) in
            let planned = try QueryError.sql { () throws(SQLError) in
                try run.makePlanner().plan(update: update, parameters: run.parameters)
            }
            change.begin(planned, run)
            try forEachChunk(of: planned.rows.plan, run) { (chunk) throws(QueryError) in
                let once = update.from.isEmpty ? chunk : Self.once(chunk, &seen)
                let locators = Self.locators(once)
                let values = try change.checked(
                    DataChunk(columns: Array(once.columns.dropFirst()), rowCount: once.rowCount))
                try QueryError.storage { () throws(StorageError) in
                    try transaction.delete(planned.table, rows: locators)
                    try transaction.append(planned.table, values)
                }
                try change.add(values)
            }
            // Rows that keep their keys stay apart.
            if let table = run.snapshot.catalog.definition(of: planned.table),
                table.primaryKey.contains(where: { index in
                    update.assignments.contains { $0.column.name == table.columns[index].name }
                })
            {
                try QueryError.storage { () throws(StorageError) in
                    try transaction.checkPrimaryKey(of: planned.table)
                }
            }
            try checkUnique(
                planned.table, transaction, run, changed: Set(update.assignments.map(\.column.name)))
            try change.finish()
        }
        return try change.result()
    }

    /// The rows of a chunk whose place, in its first column, has not been seen.
    private static func once(_ chunk: DataChunk, _ seen: inout Set<RowLocator>) -> DataChunk {
        let locators = locators(chunk)
        let kept = locators.indices.filter { seen.insert(locators[$0]).inserted }
        return kept.count == locators.count ? chunk : chunk.rows(kept)
    }

    /// Appends what a plan gives; returns how many rows.
    func append(
        _ plan: PhysicalPlan, to table: TableID, _ transaction: StoreTransaction
    ) throws(QueryError) -> Int {
        var rows = 0
        try forEachChunk(of: plan, run) { (chunk) throws(QueryError) in
            try QueryError.storage { () throws(StorageError) in try transaction.append(table, chunk) }
            rows += chunk.rowCount
        }
        return rows
    }

    func forEachChunk(
        of plan: PhysicalPlan, _ run: QueryRun, given: [DataChunk]? = nil,
        _ body: (DataChunk) throws(QueryError) -> Void
    ) throws(QueryError) {
        let rows = ResultStream(columns: [], queue: QueryExecutor.start(plan, run.makeContext(given: given)))
        while let chunk = try rows.next() { try body(chunk.compacted()) }
    }

    static func locators(_ chunk: DataChunk) -> [RowLocator] {
        let column = chunk.columns[0].flattened()
        return withExtendedLifetime(column) {
            let raw = column.pointer(as: Int64.self)
            return (0..<chunk.rowCount).compactMap { RowLocator(rawValue: raw[$0]) }
        }
    }
}
