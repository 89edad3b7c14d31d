import Columns
import Execution

/// The rows of a running statement, pulled by one thread.
public final class ResultStream {
    public let columns: [ResultColumn]
    /// Rows that a statement changed; nil for one that returns rows.
    public let changedRows: Int?
    /// Whether the statement has written to the standard output, where nothing may follow.
    public let hasOwnOutput: Bool
    private var ready: [DataChunk]
    private let queue: ResultQueue?

    /// A result that is complete.
    init(
        columns: [ResultColumn], chunks: [DataChunk] = [], changedRows: Int? = nil, hasOwnOutput: Bool = false
    ) {
        self.columns = columns
        self.changedRows = changedRows
        self.hasOwnOutput = hasOwnOutput
        ready = chunks
        queue = nil
    }

    /// A result that a query is still making.
    init(columns: [ResultColumn], queue: ResultQueue) {
        self.columns = columns
        changedRows = nil
        hasOwnOutput = false
        ready = []
        self.queue = queue
    }

    deinit { queue?.close() }

    /// The next rows, waiting for them; nil after the last. A chunk may carry a selection.
    ///
    /// - Throws: The query's error, after the rows that came before it.
    public func next() throws(QueryError) -> DataChunk? {
        guard let queue else { return ready.isEmpty ? nil : ready.removeFirst() }
        do throws(ExecutionError) {
            return try queue.next()
        } catch {
            throw QueryError(error)
        }
    }

    /// Ends the query early.
    public func cancel() { queue?.close() }

    /// All remaining rows as values; for small results and tests.
    public func allRows() throws(QueryError) -> [[Value]] {
        var rows: [[Value]] = []
        while let chunk = try next() {
            for row in 0..<chunk.selectedCount { rows.append(chunk.row(row)) }
        }
        return rows
    }
}
