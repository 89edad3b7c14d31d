import Columns
import Execution
import Planning
import SQLSyntax
import Storage
import TableCatalog

/// INSERT … ON CONFLICT over the primary key: the rows are collected, joined with the table, and then added
/// or put in the place of those that they meet.
struct RowUpsert {
    let commands: TableCommands
    let planned: PlannedChange
    let conflicts: PlannedStatement
    let insert: Insert

    private var updates: Bool { insert.onConflict?.assignments != nil }

    func run(
        _ transaction: StoreTransaction, _ run: QueryRun, _ change: inout RowChange
    ) throws(QueryError) {
        guard let table = run.snapshot.catalog.definition(of: planned.table) else { return }
        let (rows, given) = try collect(table, run, change)
        var met: Set<Int> = []
        var result = change
        try commands.forEachChunk(of: conflicts.plan, run, given: given) { (chunk) throws(QueryError) in
            let numbers = chunk.columns[0].flattened()
            for row in 0..<chunk.rowCount {
                if case .bigint(let number) = numbers.value(at: row) { met.insert(Int(number)) }
            }
            if updates { try update(chunk, transaction, &result) }
        }
        var number = 0
        for chunk in rows {
            let fresh = (0..<chunk.rowCount).filter { !met.contains(number + $0) }
            number += chunk.rowCount
            if fresh.isEmpty { continue }
            let added = fresh.count == chunk.rowCount ? chunk : chunk.rows(fresh)
            try QueryError.storage { () throws(StorageError) in
                try transaction.append(planned.table, added)
            }
            try result.add(added)
        }
        change = result
    }

    /// The statement's rows without those whose key another of them has; and the same with their numbers.
    private func collect(
        _ table: TableDefinition, _ run: QueryRun, _ change: RowChange
    ) throws(QueryError) -> (rows: [DataChunk], given: [DataChunk]) {
        var keys: Set<[Value]> = []
        var rows: [DataChunk] = []
        var given: [DataChunk] = []
        var number: Int64 = 0
        var bytes = 0
        try commands.forEachChunk(of: planned.rows.plan, run) { (chunk) throws(QueryError) in
            let owned = try change.checked(chunk).owned()
            bytes += owned.memoryBytes
            guard bytes <= run.options.memoryLimitBytes else {
                throw QueryError(
                    ExecutionError.memoryLimitExceeded(
                        operator: "ON CONFLICT", wantedBytes: bytes,
                        limitBytes: run.options.memoryLimitBytes)
                )
            }
            var kept: [Int] = []
            for row in 0..<owned.rowCount {
                let key = table.primaryKey.map { owned.columns[$0].value(at: row) }
                if keys.insert(key).inserted {
                    kept.append(row)
                } else if updates {
                    throw QueryError(
                        code: SQLState.cardinalityViolation.rawValue,
                        message: "ON CONFLICT DO UPDATE command cannot affect row a second time",
                        hint: "Ensure that no rows proposed for insertion within the same command have "
                            + "duplicate constrained values.")
                }
            }
            if kept.isEmpty { return }
            let once = kept.count == owned.rowCount ? owned : owned.rows(kept)
            rows.append(once)
            let numbers = VectorBuilder(type: .bigint)
            for row in 0..<once.rowCount { numbers.append(.bigint(number + Int64(row))) }
            number += Int64(once.rowCount)
            given.append(DataChunk(columns: once.columns + [numbers.finish()], rowCount: once.rowCount))
        }
        return (rows, given)
    }

    /// Replaces the rows that were met, unless the WHERE of DO UPDATE spares them.
    private func update(
        _ chunk: DataChunk, _ transaction: StoreTransaction, _ change: inout RowChange
    ) throws(QueryError) {
        let takes = chunk.columns[2].flattened()
        let wanted = (0..<chunk.rowCount).filter { takes.value(at: $0) == .boolean(true) }
        if wanted.isEmpty { return }
        let kept = chunk.rows(wanted)
        let places = DataChunk(columns: [kept.columns[1]], rowCount: kept.rowCount)
        let values = try change.checked(
            DataChunk(columns: Array(kept.columns.dropFirst(3)), rowCount: kept.rowCount))
        let locators = TableCommands.locators(places)
        try QueryError.storage { () throws(StorageError) in
            try transaction.delete(planned.table, rows: locators)
            try transaction.append(planned.table, values)
        }
        try change.add(values)
    }
}
