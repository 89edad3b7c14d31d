import Glibc
import Synchronization
import TableCatalog

/// Keeps the tables of a store compact on a thread of its own: after each commit it merges what
/// `CompactionPolicy` finds, table by table in turn, no faster than it may. Writers wait for none of it but
/// the exchange of row groups.
///
/// Keeps the store open until `stop`.
public final class BackgroundCompactor: Sendable {
    /// What it has done so far.
    public struct Progress: Hashable, Sendable {
        public var merges = 0
        /// Merges that had to be given up because their row groups changed.
        public var mergesAbandoned = 0
        public var rowsWritten = 0
        /// Before encoding.
        public var rawBytesWritten = 0
        public var failures = 0
        public var lastFailure: StorageError?
        /// Nothing is left to do in the newest version that it knows.
        public var isSettled = false
    }

    fileprivate final class Worker: Sendable {
        let store: ColumnStore
        let signal = WakeSignal()
        let progress = Mutex(Progress())
        /// nil for no limit.
        let bucket: Mutex<TokenBucket?>
        let start = ContinuousClock.now

        init(store: ColumnStore, bytesPerSecond: Int?) {
            self.store = store
            bucket = Mutex(
                bytesPerSecond.map { TokenBucket(bytesPerSecond: $0, burst: $0 / 4, at: .zero) })
        }
    }

    /// Raw bytes rewritten a second.
    public static let bytesPerSecondDefault = 32 << 20
    fileprivate static let pauseAfterFailure: Duration = .seconds(10)
    private let worker: Worker
    private let thread: Mutex<pthread_t?>

    /// Starts the thread. Errors: `.readOnly`.
    ///
    /// - Parameter bytesPerSecond: Raw bytes to rewrite a second on average; nil for as fast as it goes.
    public init(
        _ store: ColumnStore, bytesPerSecond: Int? = BackgroundCompactor.bytesPerSecondDefault
    ) throws(StorageError) {
        guard store.mode == .readWrite else { throw .readOnly(directory: store.directory) }
        worker = Worker(store: store, bytesPerSecond: bytesPerSecond.map { max(1, $0) })
        worker.signal.raise()
        store.addCommitListener(worker.signal)
        var made = pthread_t()
        let body = Unmanaged.passRetained(worker)
        let status = pthread_create(
            &made, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Worker>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        // Without a thread the store only grows less compact.
        if status != 0 { body.release() }
        thread = Mutex(status == 0 ? made : nil)
    }

    deinit { stop() }

    public var progress: Progress { worker.progress.withLock { $0 } }

    /// Ends the merge under way, which leaves no trace, and waits for the thread to end.
    public func stop() {
        worker.signal.stop()
        worker.store.removeCommitListener(worker.signal)
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let running { pthread_join(running, nil) }
    }
}

extension BackgroundCompactor.Worker {
    func run() {
        let compactor = Compactor(store) { [unowned self] bytes in pace(bytes) }
        // The versions of tables in which nothing is left to do.
        var settled: [TableID: UInt64] = [:]
        while signal.wait() {
            while !signal.hasStopped, round(compactor, &settled) {}
            progress.withLock { $0.isSettled = true }
        }
    }

    /// A merge of each table that wants one; false when none did.
    private func round(_ compactor: Compactor, _ settled: inout [TableID: UInt64]) -> Bool {
        let snapshot = store.snapshot()
        var hasWorked = false
        settled = settled.filter { snapshot.version(of: $0.key) != nil }
        for table in snapshot.catalog.tables.map(\.id).sorted() {
            guard let version = snapshot.version(of: table), settled[table] != version else { continue }
            progress.withLock { $0.isSettled = false }
            do {
                if let step = try compactor.runOnce(table) {
                    count(step)
                    hasWorked = true
                } else {
                    settled[table] = version
                }
            } catch .tableMissing {
                continue
            } catch {
                progress.withLock {
                    $0.failures += 1
                    $0.lastFailure = error
                }
                // A full disk may have room later; a store that needs reopening fails each time, seldom.
                if !signal.sleep(BackgroundCompactor.pauseAfterFailure) { return false }
                settled[table] = version
            }
            if signal.hasStopped { return false }
        }
        return hasWorked
    }

    private func count(_ step: CompactionStep) {
        progress.withLock { progress in
            if step.isCommitted { progress.merges += 1 } else { progress.mergesAbandoned += 1 }
            progress.rowsWritten += step.rowsWritten
            progress.rawBytesWritten += step.rawBytesWritten
        }
    }

    private func pace(_ bytes: Int) -> Bool {
        let now = ContinuousClock.now - start
        let wait = bucket.withLock { $0?.take(bytes, at: now) } ?? .zero
        return wait > .zero ? signal.sleep(wait) : !signal.hasStopped
    }
}
