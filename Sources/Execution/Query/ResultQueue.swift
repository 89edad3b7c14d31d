import Columns
import Glibc

/// A bounded queue between a running query and its reader: the query waits while it is full.
public final class ResultQueue: ResultSink, @unchecked Sendable {
    public let capacity: Int
    private let context: QueryContext
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    // The lock guards these.
    private var chunks: [DataChunk] = []
    private var isFinished = false
    private var isClosed = false
    private var error: ExecutionError?

    init(context: QueryContext, capacity: Int) {
        precondition(capacity >= 1, "a queue holds a chunk")
        self.capacity = capacity
        self.context = context
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    /// The next chunk, waiting for it; nil when the query has ended.
    ///
    /// - Throws: The query's error, after the chunks that came before it.
    public func next() throws(ExecutionError) -> DataChunk? {
        pthread_mutex_lock(lock)
        while chunks.isEmpty && !isFinished && !isClosed { pthread_cond_wait(changed, lock) }
        let chunk = chunks.isEmpty ? nil : chunks.removeFirst()
        let failure = chunk == nil ? error : nil
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
        if let failure { throw failure }
        return chunk
    }

    /// Tells the query that no more rows are wanted; it ends at its next chunk.
    public func close() {
        context.cancel()
        pthread_mutex_lock(lock)
        isClosed = true
        chunks = []
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
    }

    /// Called by the query; waits while the queue is full.
    public func receive(_ chunk: DataChunk) -> Bool {
        pthread_mutex_lock(lock)
        while chunks.count >= capacity && !isClosed { pthread_cond_wait(changed, lock) }
        let isWanted = !isClosed
        if isWanted { chunks.append(chunk) }
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
        return isWanted
    }

    func finish(_ failure: ExecutionError?) {
        pthread_mutex_lock(lock)
        isFinished = true
        if !isClosed { error = failure }
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
    }
}
