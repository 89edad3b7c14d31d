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
        var rows = 0
        try change { (transaction, run) throws(QueryError) in
            let planned = try QueryError.sql { () throws(SQLError) in
                try run.makePlanner().plan(insert: insert, parameters: run.parameters)
            }
            rows = try append(planned.rows.plan, to: planned.table, transaction)
            try QueryError.storage { () throws(StorageError) in
                try transaction.checkPrimaryKey(of: planned.table)
            }
        }
        return .changed(rows, "INSERT")
    }

    func delete(_ delete: Delete) throws(QueryError) -> ResultStream {
        _ = try ownName(delete.table)
        var rows = 0
        try change { (transaction, run) throws(QueryError) in
            let planned = try QueryError.sql { () throws(SQLError) in
                try run.makePlanner().plan(delete: delete, parameters: run.parameters)
            }
            try forEachChunk(of: planned.rows.plan, run) { (chunk) throws(QueryError) in
                let locators = Self.locators(chunk)
                rows += try QueryError.storage { () throws(StorageError) in
                    try transaction.delete(planned.table, rows: locators)
                }
            }
        }
        return .changed(rows, "DELETE")
    }

    /// An update is a delete and an append. Rows that a join finds again keep the first of their new values.
    func update(_ update: Update) throws(QueryError) -> ResultStream {
        _ = try ownName(update.table)
        var rows = 0
        var seen: Set<RowLocator> = []
        try change { (transaction, run) throws(QueryError) in
            let planned = try QueryError.sql { () throws(SQLError) in
                try run.makePlanner().plan(update: update, parameters: run.parameters)
            }
            try forEachChunk(of: planned.rows.plan, run) { (chunk) throws(QueryError) in
                var fresh = chunk
                var locators = Self.locators(chunk)
                if !update.from.isEmpty {
                    let kept = locators.indices.filter { seen.insert(locators[$0]).inserted }
                    if kept.count < locators.count {
                        let selection = SelectionVector(kept)
                        fresh = DataChunk(
                            columns: chunk.columns, rowCount: chunk.rowCount, selection: selection
                        ).compacted()
                        locators = kept.map { locators[$0] }
                    }
                }
                let values = DataChunk(columns: Array(fresh.columns.dropFirst()), rowCount: fresh.rowCount)
                try QueryError.storage { () throws(StorageError) in
                    try transaction.delete(planned.table, rows: locators)
                    try transaction.append(planned.table, values)
                }
                rows += locators.count
            }
            // Rows that keep their keys stay apart.
            guard let table = run.snapshot.catalog.definition(of: planned.table),
                table.primaryKey.contains(where: { index in
                    update.assignments.contains { $0.column.name == table.columns[index].name }
                })
            else { return }
            try QueryError.storage { () throws(StorageError) in
                try transaction.checkPrimaryKey(of: planned.table)
            }
        }
        return .changed(rows, "UPDATE")
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
        of plan: PhysicalPlan, _ run: QueryRun, _ body: (DataChunk) throws(QueryError) -> Void
    ) throws(QueryError) {
        let rows = ResultStream(columns: [], queue: QueryExecutor.start(plan, run.makeContext()))
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
