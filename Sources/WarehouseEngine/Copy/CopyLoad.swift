import Columns
import Execution
import FileFormats
import Glibc
import Storage
import Synchronization
import TableCatalog

/// Loads the rows of a file into a table on all threads: each takes a piece of the file and decodes it; rows
/// are appended in the order of the file, one piece after the other, and full row groups are encoded by the
/// thread that filled them. Memory is bounded by a piece a thread, whatever the file's size.
final class CopyLoad: Sendable {
    private let source: any RowSource
    private let transaction: StoreTransaction
    private let table: TableID
    private let types: [DataType]
    private let targets: [Int]
    private let conversions: [Expression]?
    private let context: QueryContext
    private let rejectLimit: Int?
    private let progress: (@Sendable (CopyProgress) -> Bool)?
    private let turns = Turns()
    private let state: Mutex<State>

    private struct State {
        var rows = 0
        var rejected = 0
        var error: QueryError?
        var rejects: RejectFile?
    }

    init(
        source: any RowSource, transaction: StoreTransaction, table: TableID, definition: TableDefinition,
        targets: [Int], conversions: [Expression]?, run: QueryRun, options: CopyOptions
    ) throws(QueryError) {
        self.source = source
        self.transaction = transaction
        self.table = table
        types = definition.columns.types
        self.targets = targets
        self.conversions = conversions
        context = run.makeContext()
        rejectLimit = options.rejectLimit
        progress = run.options.copyProgress
        var rejects: RejectFile?
        if let path = options.rejectFile {
            rejects = try RejectFile(path, fileSystem: run.warehouse.fileSystem)
        }
        state = Mutex(State(rejects: rejects))
    }

    /// - Returns: Rows appended.
    /// - Throws: The error of the first bad piece in the order of the file.
    func run() throws(QueryError) -> Int {
        context.pool.run(count: context.workerCount) { _ in self.work() }
        let result = state.withLock { ($0.rows, $0.error, $0.rejects) }
        if let error = result.1 { throw error }
        try result.2?.finish()
        return result.0
    }

    private func work() {
        while !turns.isStopped {
            do throws(QueryError) {
                try QueryError.execution { () throws(ExecutionError) in try context.checkpoint() }
                guard
                    let piece = try QueryError.files({ () throws(FileFormatError) in try source.nextPiece() })
                else { return }
                try load(piece)
            } catch {
                stop(error)
                return
            }
        }
    }

    private func load(_ piece: any FilePiece) throws(QueryError) {
        var decoded: DecodedPiece?
        var failure: QueryError?
        do throws(QueryError) {
            decoded = try converted(
                QueryError.files { () throws(FileFormatError) in try source.decode(piece) })
        } catch {
            failure = error
        }
        // An error has its turn too: the file's first one is told, whichever thread was faster.
        guard turns.wait(for: piece.sequence) else { return }
        var isPassed = false
        func pass() {
            if !isPassed { turns.next() }
            isPassed = true
        }
        // An error stops the others before they get their turn.
        do throws(QueryError) {
            if let failure { throw failure }
            if let decoded { try append(decoded, placed: pass) }
        } catch {
            stop(error)
            pass()
            throw error
        }
        pass()
    }

    private func converted(_ decoded: DecodedPiece) throws(QueryError) -> DecodedPiece {
        guard let conversions else { return decoded }
        return try QueryError.execution { () throws(ExecutionError) in
            let projection = try ChunkProjection(conversions, context)
            var result = DecodedPiece(chunks: [], rejected: decoded.rejected)
            for chunk in decoded.chunks { result.chunks.append(try projection.apply(chunk)) }
            return result
        }
    }

    /// Appends a piece in its turn, which ends at `placed`: full row groups are encoded while others append.
    private func append(_ decoded: DecodedPiece, placed: () -> Void) throws(QueryError) {
        try reject(decoded.rejected)
        let chunks = decoded.chunks.map { arranged($0) }
        let count = decoded.chunks.reduce(0) { $0 + $1.rowCount }
        if !chunks.isEmpty {
            try QueryError.storage { () throws(StorageError) in
                try transaction.append(table, chunks, placed: placed)
            }
        }
        let (rows, rejected) = state.withLock {
            $0.rows += count
            return ($0.rows, $0.rejected)
        }
        guard let progress else { return }
        if !progress(CopyProgress(file: source.progress, rows: rows, rejected: rejected)) {
            throw QueryError(code: "57014", message: "COPY was cancelled; nothing was loaded")
        }
    }

    /// The file's columns in the places of the table's; the others are NULL.
    private func arranged(_ chunk: DataChunk) -> DataChunk {
        if targets.count == types.count, targets == Array(types.indices) { return chunk }
        let columns = types.enumerated().map { index, type in
            targets.firstIndex(of: index).map { chunk.columns[$0] }
                ?? Vector.constant(.null, type: type, count: chunk.rowCount)
        }
        return DataChunk(columns: columns, rowCount: chunk.rowCount)
    }

    private func reject(_ rows: [RejectedRow]) throws(QueryError) {
        guard !rows.isEmpty else { return }
        let (count, file) = state.withLock {
            $0.rejected += rows.count
            return ($0.rejected, $0.rejects)
        }
        try file?.append(rows)
        if let rejectLimit, count > rejectLimit, let last = rows.last {
            throw QueryError(
                code: "22P02",
                message:
                    "more than \(rejectLimit) rows are bad, the last in line \(last.line): \(last.reason)")
        }
    }

    private func stop(_ error: QueryError) {
        state.withLock { if $0.error == nil { $0.error = error } }
        turns.stop()
    }
}

/// How far a COPY is.
public struct CopyProgress: Sendable {
    public var file: FileProgress
    public var rows: Int
    public var rejected: Int
}

extension QueryError {
    /// Runs `body` and turns its error into the client's.
    static func execution<Result>(_ body: () throws(ExecutionError) -> Result) throws(QueryError) -> Result {
        do throws(ExecutionError) { return try body() } catch { throw QueryError(error) }
    }
}

/// Lets threads go one after the other, in the order of their numbers.
private final class Turns: @unchecked Sendable {
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    // The lock guards these.
    private var current = 0
    private var hasStopped = false

    init() {
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    var isStopped: Bool {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return hasStopped
    }

    /// False when there are no more turns.
    func wait(for number: Int) -> Bool {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while current < number, !hasStopped { pthread_cond_wait(changed, lock) }
        return !hasStopped
    }

    func next() {
        pthread_mutex_lock(lock)
        current += 1
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
    }

    func stop() {
        pthread_mutex_lock(lock)
        hasStopped = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
    }
}
