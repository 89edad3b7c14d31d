import Columns
import Execution
import Planning
import SQLSyntax
import TableCatalog

/// What a statement that changes rows has done so far: their number, and the rows for RETURNING.
struct RowChange {
    private let tag: String
    private var planned: PlannedChange?
    private var run: QueryRun?
    private var rowCount = 0
    private var kept: [DataChunk] = []
    private var keptBytes = 0
    private var returned: (columns: [ResultColumn], chunks: [DataChunk])?

    init(tag: String) { self.tag = tag }

    mutating func begin(_ planned: PlannedChange, _ run: QueryRun) {
        self.planned = planned
        self.run = run
    }

    /// The chunk without the columns of its checks.
    ///
    /// - Throws: `23514` naming the constraint that a row fails.
    func checked(_ chunk: DataChunk) throws(QueryError) -> DataChunk {
        guard let checks = planned?.checks, !checks.isEmpty else { return chunk }
        let count = chunk.columns.count - checks.count
        for (check, column) in zip(checks, chunk.columns[count...]) {
            let flat = column.flattened()
            for row in 0..<chunk.rowCount where flat.value(at: row) == .boolean(false) {
                throw QueryError(
                    code: "23514", message: "new row violates check constraint \"\(check.name)\"")
            }
        }
        return DataChunk(columns: Array(chunk.columns[..<count]), rowCount: chunk.rowCount)
    }

    /// Counts rows, and keeps them when the statement returns them.
    ///
    /// - Throws: `53200` when they are more than the statement's memory.
    mutating func add(_ chunk: DataChunk, rowCount: Int? = nil) throws(QueryError) {
        self.rowCount += rowCount ?? chunk.rowCount
        guard planned?.returning != nil, let run else { return }
        let owned = chunk.owned()
        keptBytes += owned.memoryBytes
        guard keptBytes <= run.options.memoryLimitBytes else {
            throw QueryError(
                ExecutionError.memoryLimitExceeded(
                    operator: "RETURNING", wantedBytes: keptBytes,
                    limitBytes: run.options.memoryLimitBytes))
        }
        kept.append(owned)
    }

    /// Makes the rows of RETURNING. Before the commit: an error of theirs undoes the change.
    mutating func finish() throws(QueryError) {
        guard let returning = planned?.returning, let run else { return }
        let context = run.makeContext(given: kept)
        do throws(ExecutionError) {
            let chunks = try QueryExecutor.collect(returning.plan, context)
            let columns = returning.columns.fields.map { ResultColumn(name: $0.name, type: $0.type) }
            returned = (columns, chunks)
        } catch {
            throw QueryError(error)
        }
    }

    func result() throws(QueryError) -> ResultStream {
        guard let returned else { return .changed(rowCount, tag) }
        return ResultStream(
            columns: returned.columns, chunks: returned.chunks, changedRows: rowCount, tag: tag)
    }
}

extension DataChunk {
    /// The rows of these numbers, in their order.
    func rows(_ numbers: [Int]) -> DataChunk {
        DataChunk(columns: columns, rowCount: rowCount, selection: SelectionVector(numbers)).compacted()
    }

    /// A copy of values that nobody else will overwrite.
    func owned() -> DataChunk {
        let builder = DataChunkBuilder(types: columns.map(\.type))
        for row in 0..<selectedCount { builder.append(self.row(row)) }
        return builder.finish()
    }

    /// Bytes of the values, about.
    var memoryBytes: Int {
        columns.reduce(0) { total, column in
            total + column.count * column.physical.byteCount
                + (column.physical == .string ? 32 * column.count : 0)
        }
    }
}
