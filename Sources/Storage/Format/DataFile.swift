import DurableIO
import Synchronization

/// Paths of files that no version and no reader needs any more; the writer unlinks them.
final class FileGarbage: @unchecked Sendable {
    private let lock = Lock()
    /// Guarded by `lock`.
    private var paths: [String] = []
    private var pinned = 0

    /// Files that no version needs but somebody still holds.
    var pinnedCount: Int { lock.withLock { pinned } }

    /// Counts a file that will be garbage once it is let go of.
    func expect() { lock.withLock { pinned += 1 } }

    /// Takes the path of a file that was expected.
    func add(_ path: String) {
        lock.withLock {
            pinned -= 1
            paths.append(path)
        }
    }

    func takeAll() -> [String] {
        lock.withLock {
            defer { paths = [] }
            return paths
        }
    }
}

/// An immutable file of row groups. Whoever holds the object may read it; when the last holder lets go of a
/// file that is marked obsolete, its path becomes garbage.
final class DataFile: @unchecked Sendable {
    /// The file's header: magic and format version (`storage/FORMAT.md`, "Data file").
    static let magic: UInt64 = 0x5441_4452_4142_4D41  // "AMBARDAT"
    static let formatVersion: UInt32 = 1
    static let headerBytes = 16

    let id: DataFileID
    let path: String
    /// Names the file in the block cache.
    let cacheNumber: UInt64
    private let fileSystem: any FileSystem
    private let garbage: FileGarbage
    private let isObsolete = Atomic<Bool>(false)
    private let lock = Lock()
    /// Guarded by `lock`.
    private var handle: (any OpenFile)?

    init(
        id: DataFileID, path: String, cacheNumber: UInt64, fileSystem: any FileSystem, garbage: FileGarbage,
        open: (any OpenFile)? = nil
    ) {
        self.id = id
        self.path = path
        self.cacheNumber = cacheNumber
        self.fileSystem = fileSystem
        self.garbage = garbage
        handle = open
    }

    deinit {
        if isObsolete.load(ordering: .acquiring) { garbage.add(path) }
    }

    /// No later version of the store needs the file.
    func markObsolete() {
        if !isObsolete.exchange(true, ordering: .acquiringAndReleasing) { garbage.expect() }
    }

    /// Closes the file until it is read again; reads under way go on.
    func close() { lock.withLock { handle = nil } }

    /// Some bytes of the file. Leaves it closed when it is.
    func bytes(atByteOffset byteOffset: Int, byteCount: Int) throws(StorageError) -> [UInt8] {
        let known = lock.withLock { handle }
        return try StorageError.files { () throws(DurableIOError) in
            var file = known
            if file == nil { file = try fileSystem.open(path, .read) }
            guard let file else { return [] }
            return try file.readBytes(atByteOffset: byteOffset, byteCount: byteCount)
        }
    }

    /// Bytes of the file. Leaves it closed when it is.
    func byteCount() throws(DurableIOError) -> Int {
        if let open = lock.withLock({ handle }) { return try open.byteCount() }
        return try fileSystem.open(path, .read).byteCount()
    }

    static func header() -> [UInt8] {
        var writer = BinaryWriter()
        writer.write(magic)
        writer.write(formatVersion)
        writer.write(CRC32C.checksum(writer.bytes))
        return writer.bytes
    }

    /// The file, opened on first use and its header checked.
    func opened() throws(StorageError) -> any OpenFile {
        let existing = lock.withLock { handle }
        if let existing { return existing }
        let file = try StorageError.files { () throws(DurableIOError) in try fileSystem.open(path, .read) }
        let header = try StorageError.files { () throws(DurableIOError) in
            try file.readBytes(atByteOffset: 0, byteCount: Self.headerBytes)
        }
        guard header == Self.header() else {
            throw .damagedFile(path: path, byteOffset: 0, reason: "not a data file of this format")
        }
        lock.withLock { handle = file }
        return file
    }
}
