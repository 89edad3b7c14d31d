import Columns
import DurableIO
import TableCatalog

/// A directory of tables: immutable files of row groups, and a manifest that says which of them are the store
/// (`storage/FORMAT.md`).
///
/// One process writes, one transaction at a time; any number of threads read snapshots, and other processes
/// may open the directory for reading.
public final class ColumnStore: @unchecked Sendable {
    public enum Mode: Sendable, Hashable {
        /// Takes the directory's lock; makes the store if there is none.
        case readWrite
        /// Sees the version of the moment of opening, also while another process writes.
        case readOnly
    }

    public let directory: String
    public let mode: Mode
    public let cache: BlockCache
    /// Which versions stay readable when the manifest is rewritten.
    public let retention: RetentionPolicy
    let fileSystem: any FileSystem
    let clock: CommitClock
    let garbage: FileGarbage
    private let statistics = StatisticsCache()
    private let gate = WriterGate()
    let encoders = EncoderPool()
    /// Held by the one merge of row groups that is under way.
    let compactions = Lock()
    /// The writer's lock, or a reader's share of the readers' lock: held for as long as the store.
    private let heldLock: any HeldLock
    /// Guards the fields below.
    let lock = Lock()
    private(set) var state: StoreState
    var history: StoreHistory
    /// Earlier versions that were read last.
    var pastStates: [StoreState] = []
    private var nextFile: UInt32
    var isPoisoned = false
    private var builders: [UInt64: DictionaryBuilder] = [:]
    private var keyIndexes: [TableID: TableKeyIndex] = [:]
    private var commitListeners: [WakeSignal] = []
    /// Owned by whoever is inside the gate.
    let manifest: ManifestLog
    /// Owned by whoever is inside the gate.
    private var waitingGarbage: [String] = []

    static let lockName = "LOCK"
    static let readersName = "READERS"
    static let dataFolder = "data"

    /// Opens a store.
    ///
    /// - Parameters:
    ///   - directory: Made when missing in mode `.readWrite`.
    ///   - cache: Shared by all stores of the process.
    ///   - retention: Which versions stay readable; thinning drops the others now and then, and `vacuum`
    ///     at once.
    ///   - clock: Gives commits their times.
    /// - Throws: `.files(.locked)` when another process writes, `.noStore` when there is nothing to read,
    ///   `.damagedManifest`, `.unsupportedFormat`, `.notAManifest`, `.files`.
    ///
    /// Reads the manifest only: the time does not grow with rows.
    public static func open(
        directory: String, fileSystem: any FileSystem = POSIXFileSystem(), mode: Mode = .readWrite,
        cache: BlockCache = BlockCache(), retention: RetentionPolicy = .standard,
        clock: CommitClock = .system
    ) throws(StorageError) -> ColumnStore {
        let opening = StoreOpening(
            directory: directory, fileSystem: fileSystem, cache: cache, retention: retention, clock: clock)
        return mode == .readWrite ? try opening.openForWriting() : try opening.openForReading()
    }

    init(
        _ opening: StoreOpening, mode: Mode, heldLock: any HeldLock, opened: OpenedManifest,
        garbage: FileGarbage, orphans: [String]
    ) {
        directory = opening.directory
        self.mode = mode
        cache = opening.cache
        retention = opening.retention
        fileSystem = opening.fileSystem
        clock = opening.clock
        self.heldLock = heldLock
        state = opened.state
        history = opened.history
        manifest = opened.manifest
        // A number is not given to a new file while an old file of that name waits to be unlinked.
        nextFile = max(opened.state.nextFile, DataFileID.after(orphans))
        self.garbage = garbage
        waitingGarbage = orphans
    }

    deinit { heldLock.release() }

    /// The newest committed version. O(1).
    public func snapshot() -> StoreSnapshot {
        snapshot(of: lock.withLock { state })
    }

    func snapshot(of state: StoreState) -> StoreSnapshot {
        StoreSnapshot(state: state, cache: cache, statistics: statistics, store: self)
    }

    /// Begins a transaction, waiting for the one before to end. Blocks the calling thread: not for a thread
    /// of the cooperative pool unless nobody else writes.
    ///
    /// - Throws: `.readOnly`, `.writerBusy` after the wait, `.needsReopening` after a failed sync.
    public func begin(waitingAtMost limit: Duration = .seconds(60)) throws(StorageError) -> StoreTransaction {
        try enterGate(waitingAtMost: limit)
        return StoreTransaction(store: self, base: lock.withLock { state })
    }

    /// Bytes that key indexes take in memory.
    public var keyIndexBytes: Int { lock.withLock { keyIndexes.values.reduce(0) { $0 + $1.memoryBytes } } }
}

extension ColumnStore {
    var dataDirectory: String { directory + "/" + Self.dataFolder }

    /// The number after the last data file's.
    var nextFileNumber: UInt32 { lock.withLock { nextFile } }

    /// A new data file with its header, which must not be in the way of an old one.
    func makeDataFile() throws(StorageError) -> (DataFile, AppendOnlyFile) {
        let id = lock.withLock {
            defer { nextFile += 1 }
            return DataFileID(rawValue: nextFile)
        }
        let path = dataDirectory + "/" + id.fileName
        let appender = try StorageError.files { () throws(DurableIOError) in
            // A file that no version names is left from a crash.
            if try fileSystem.exists(path) { try fileSystem.remove(path) }
            let appender = AppendOnlyFile(try fileSystem.open(path, .create), byteCount: 0)
            try appender.append(DataFile.header())
            return appender
        }
        return (dataFile(id, open: appender.file), appender)
    }

    func dataFile(_ id: DataFileID, open: (any OpenFile)? = nil) -> DataFile {
        DataFile(
            id: id, path: dataDirectory + "/" + id.fileName, cacheNumber: cache.registerFile(),
            fileSystem: fileSystem, garbage: garbage, open: open)
    }

    func syncDataDirectory() throws(DurableIOError) { try fileSystem.syncDirectory(dataDirectory) }

    /// Builders of the dictionaries of a table's string columns, kept between transactions.
    func dictionaryBuilders(of table: TableState) -> [DictionaryBuilder?] {
        lock.withLock {
            table.dictionaries.enumerated().map { index, dictionary in
                guard let dictionary else { return nil }
                if let known = builders[dictionary.identity] { return known }
                let made = DictionaryBuilder(dictionary, type: table.definition.columns[index].type)
                builders[dictionary.identity] = made
                return made
            }
        }
    }

    func keyIndex(of table: TableID) -> TableKeyIndex {
        lock.withLock {
            if let known = keyIndexes[table] { return known }
            let made = TableKeyIndex()
            keyIndexes[table] = made
            return made
        }
    }

    /// Makes a commit durable, then visible.
    func publish(_ record: ManifestRecord, changed: [TableWriter]) throws(StorageError) {
        let old = lock.withLock { state }
        let snapshots = changed.flatMap { $0.currentDictionaries().compactMap { $0 } }
        let dictionaries = Dictionary(snapshots.map { ($0.identity, $0) }) { first, _ in first }
        let prepared = Dictionary(
            changed.flatMap { $0.sealed.map { ($0.group.id, $0.group) } }
        ) { first, _ in first }
        let blocks = changed.flatMap { $0.placedDeletions.values.compactMap(\.block?.file) }
        let files = Dictionary(blocks.map { ($0.id, $0) }) { first, _ in first }
        var next = StateBuilder(old, prepared: prepared, dictionaries: dictionaries) { id in
            guard let file = files[id] else { preconditionFailure("a commit brings its own files") }
            return file
        }
        if let reason = next.apply(record) { preconditionFailure("a commit fits its state: \(reason)") }
        do {
            try manifest.append(record)
        } catch .undone(let cause) {
            throw .files(cause)
        } catch {
            lock.withLock { isPoisoned = true }
            throw .needsReopening(directory: directory)
        }
        lock.withLock {
            state = next.state
            history.add(next, endOffset: manifest.byteCount)
        }
        // Earlier versions may need them, but not so often that they stay open.
        for file in next.filesWithoutRowGroups() { file.close() }
        let written = Set(prepared.values.map(\.file.id))
        for file in blocks where !written.contains(file.id) { file.close() }
        settle(changed, in: next.state, dictionaries: dictionaries)
        thinHistoryIfNeeded()
        for listener in lock.withLock({ commitListeners }) { listener.raise() }
    }

    /// Brings the writer's own structures to the published version.
    private func settle(
        _ changed: [TableWriter], in state: StoreState, dictionaries: [UInt64: TableDictionary]
    ) {
        for writer in changed {
            for builder in writer.dictionaries {
                guard let builder, let published = dictionaries[builder.committed.identity] else { continue }
                builder.publish(published)
            }
            guard let table = state.tables[writer.base.id], !table.definition.primaryKey.isEmpty else {
                continue
            }
            let added = writer.sealed.filter { ($0.deleted?.count ?? 0) < $0.group.rowCount }
            writer.committedKeys.follow(
                from: writer.base.version, to: table, added: added.map { ($0.group, $0.deleted) },
                removedKeys: writer.removedKeys, removedGroups: writer.rewritten, reader: writer.keys)
        }
        lock.withLock {
            keyIndexes = keyIndexes.filter { state.tables[$0.key] != nil }
            let identities = state.tables.values.flatMap { $0.dictionaries.compactMap { $0?.identity } }
            let kept = Set(identities)
            if builders.contains(where: { !kept.contains($0.key) }) {
                builders = builders.filter { kept.contains($0.key) }
            }
        }
    }

    /// Raises the signal after each commit.
    func addCommitListener(_ signal: WakeSignal) { lock.withLock { commitListeners.append(signal) } }

    func removeCommitListener(_ signal: WakeSignal) {
        lock.withLock { commitListeners.removeAll { $0 === signal } }
    }

    /// Enters the gate for something that is no transaction; to be left by `endTransaction`.
    func enterGate(waitingAtMost limit: Duration) throws(StorageError) {
        guard mode == .readWrite else { throw .readOnly(directory: directory) }
        guard gate.enter(waitingAtMost: limit) else { throw .writerBusy(directory: directory) }
        guard !lock.withLock({ isPoisoned }) else {
            gate.leave()
            throw .needsReopening(directory: directory)
        }
    }

    /// Ends the transaction inside the gate and unlinks files that nobody needs.
    func endTransaction() {
        _ = collectGarbage()
        gate.leave()
    }

    /// Unlinks unneeded files unless another process reads the store. What cannot be unlinked is tried again
    /// later, and at the next opening. Inside the gate.
    func collectGarbage() -> UnlinkedFiles {
        waitingGarbage += garbage.takeAll()
        var unlinked = UnlinkedFiles()
        guard !waitingGarbage.isEmpty else { return unlinked }
        do throws(DurableIOError) {
            let readers = try fileSystem.lock(directory + "/" + Self.readersName, .exclusive)
            defer { readers.release() }
            while let path = waitingGarbage.last {
                if try fileSystem.exists(path) {
                    let byteCount = try fileSystem.open(path, .read).byteCount()
                    try fileSystem.remove(path)
                    unlinked.files += 1
                    unlinked.bytes += byteCount
                }
                waitingGarbage.removeLast()
            }
        } catch {
            // Files too many cost room, not truth: they wait.
            unlinked.waiting = waitingGarbage.count
        }
        return unlinked
    }
}

/// What collecting garbage did.
struct UnlinkedFiles {
    var files = 0
    var bytes = 0
    /// Files that could not be unlinked yet.
    var waiting = 0
}
