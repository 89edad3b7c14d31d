import Columns
import Execution

/// The rows of a running statement, pulled by one thread.
public final class ResultStream {
    public let columns: [ResultColumn]
    /// Rows that a statement changed; nil for one that returns rows.
    public let changedRows: Int?
    /// Whether the statement has written to the standard output, where nothing may follow.
    public let hasOwnOutput: Bool
    /// What the client should be told beside the result, for example that a table was there already.
    public internal(set) var notices: [String] = []
    /// Called when the statement fails after `run` has returned.
    var failed: (() -> Void)?
    private let tag: String
    private var rowCount = 0
    private var ready: [DataChunk]
    private let queue: ResultQueue?

    /// A result that is complete.
    init(
        columns: [ResultColumn], chunks: [DataChunk] = [], changedRows: Int? = nil,
        hasOwnOutput: Bool = false, tag: String = "SELECT"
    ) {
        self.tag = tag
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
        tag = "SELECT"
        ready = []
        self.queue = queue
    }

    deinit { queue?.close() }

    /// What PostgreSQL's clients print when a statement is done: `SELECT 3`, `INSERT 0 5`, `CREATE TABLE`.
    /// Counts the rows of a query that have been pulled.
    public var commandTag: String {
        switch tag {
        case "SELECT": "SELECT \(changedRows ?? rowCount)"
        case "INSERT": "INSERT 0 \(changedRows ?? 0)"
        case "UPDATE", "DELETE", "COPY": "\(tag) \(changedRows ?? 0)"
        default: tag
        }
    }

    /// The next rows, waiting for them; nil after the last. A chunk may carry a selection.
    ///
    /// - Throws: The query's error, after the rows that came before it.
    public func next() throws(QueryError) -> DataChunk? {
        guard let queue else {
            guard !ready.isEmpty else { return nil }
            let chunk = ready.removeFirst()
            rowCount += chunk.selectedCount
            return chunk
        }
        do throws(ExecutionError) {
            let chunk = try queue.next()
            rowCount += chunk?.selectedCount ?? 0
            return chunk
        } catch {
            failed?()
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
