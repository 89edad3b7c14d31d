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
    let fileSystem: any FileSystem
    private let garbage: FileGarbage
    private let statistics = StatisticsCache()
    private let gate = WriterGate()
    /// The writer's lock, or a reader's share of the readers' lock: held for as long as the store.
    private let heldLock: any HeldLock
    /// Guards the fields below.
    private let lock = Lock()
    private var state: StoreState
    private var nextFile: UInt32
    private var isPoisoned = false
    /// Owned by whoever is inside the gate.
    private let manifest: ManifestLog
    private var builders: [UInt64: DictionaryBuilder] = [:]
    private var keyIndexes: [TableID: TableKeyIndex] = [:]
    private var waitingGarbage: [String] = []

    static let lockName = "LOCK"
    static let readersName = "READERS"
    static let dataFolder = "data"

    /// Opens a store.
    ///
    /// - Parameters:
    ///   - directory: Made when missing in mode `.readWrite`.
    ///   - cache: Shared by all stores of the process.
    /// - Throws: `.files(.locked)` when another process writes, `.noStore` when there is nothing to read,
    ///   `.damagedManifest`, `.unsupportedFormat`, `.notAManifest`, `.files`.
    ///
    /// Reads the manifest only: the time does not grow with rows.
    public static func open(
        directory: String, fileSystem: any FileSystem = POSIXFileSystem(), mode: Mode = .readWrite,
        cache: BlockCache = BlockCache()
    ) throws(StorageError) -> ColumnStore {
        let opening = StoreOpening(directory: directory, fileSystem: fileSystem, cache: cache)
        return mode == .readWrite ? try opening.openForWriting() : try opening.openForReading()
    }

    init(
        directory: String, mode: Mode, cache: BlockCache, fileSystem: any FileSystem, heldLock: any HeldLock,
        state: StoreState, manifest: ManifestLog, garbage: FileGarbage, waitingGarbage: [String]
    ) {
        self.directory = directory
        self.mode = mode
        self.cache = cache
        self.fileSystem = fileSystem
        self.heldLock = heldLock
        self.state = state
        self.manifest = manifest
        nextFile = state.nextFile
        self.garbage = garbage
        self.waitingGarbage = waitingGarbage
    }

    deinit { heldLock.release() }

    /// The newest committed version. O(1).
    public func snapshot() -> StoreSnapshot {
        StoreSnapshot(
            state: lock.withLock { state }, cache: cache, statistics: statistics, keeper: self)
    }

    /// Begins a transaction, waiting for the one before to end. Blocks the calling thread: not for a thread
    /// of the cooperative pool unless nobody else writes.
    ///
    /// - Throws: `.readOnly`, `.writerBusy` after the wait, `.needsReopening` after a failed sync.
    public func begin(waitingAtMost limit: Duration = .seconds(60)) throws(StorageError) -> StoreTransaction {
        guard mode == .readWrite else { throw .readOnly(directory: directory) }
        guard gate.enter(waitingAtMost: limit) else { throw .writerBusy(directory: directory) }
        guard !lock.withLock({ isPoisoned }) else {
            gate.leave()
            throw .needsReopening(directory: directory)
        }
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
        let file = DataFile(
            id: id, path: path, cacheNumber: cache.registerFile(), fileSystem: fileSystem, garbage: garbage,
            open: appender.file)
        return (file, appender)
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
        var next = StateBuilder(old, prepared: prepared, dictionaries: dictionaries) { _ in
            preconditionFailure("a commit brings its own files")
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
        lock.withLock { state = next.state }
        for file in next.filesWithoutRowGroups() { file.markObsolete() }
        settle(changed, in: next.state, dictionaries: dictionaries)
        checkpointIfNeeded(next.state)
    }

    /// Brings the writer's own structures to the published version.
    private func settle(
        _ changed: [TableWriter], in state: StoreState, dictionaries: [UInt64: TableDictionary]
    ) {
        for writer in changed {
            for builder in writer.dictionaries {
                guard let builder, let published = dictionaries[builder.committed.identity] else { continue }
                builder.published(published)
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

    private func checkpointIfNeeded(_ state: StoreState) {
        guard manifest.wantsCheckpoint else { return }
        do {
            try manifest.replace(with: state.checkpoint())
        } catch {
            // The rename may or may not have happened: which file is the manifest is not known any more.
            lock.withLock { isPoisoned = true }
        }
    }

    /// Ends the transaction inside the gate and unlinks files that nobody needs.
    func endTransaction() {
        collectGarbage()
        gate.leave()
    }

    /// Unlinks unneeded files unless another process reads the store. What cannot be unlinked is tried again
    /// later, and at the next opening.
    private func collectGarbage() {
        waitingGarbage += garbage.takeAll()
        guard !waitingGarbage.isEmpty else { return }
        do throws(DurableIOError) {
            let readers = try fileSystem.lock(directory + "/" + Self.readersName, .exclusive)
            defer { readers.release() }
            while let path = waitingGarbage.last {
                if try fileSystem.exists(path) { try fileSystem.remove(path) }
                waitingGarbage.removeLast()
            }
        } catch {
            // Files too many cost room, not truth: they wait.
            return
        }
    }
}
