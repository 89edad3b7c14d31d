/// How a file is opened.
public enum OpenIntent: Sendable, Hashable {
    /// An existing file, to read.
    case read
    /// An existing file, to read and write.
    case readWrite
    /// A new, empty file, to read and write; it is an error if the path exists.
    case create
}

/// Who may hold a lock at the same time.
public enum LockKind: Sendable, Hashable { case shared, exclusive }

/// The operations on files that durable storage needs. The engine reaches disks only through this protocol,
/// so tests put a disk of their own behind it. Paths are absolute or relative to the working directory.
///
/// Durability: written bytes survive a power loss only after `OpenFile.sync`; a made, renamed or removed name
/// only after `syncDirectory` of its directory.
public protocol FileSystem: Sendable {
    /// Opens or makes a file. Errors: `.notFound`, `.alreadyExists`, `.diskFull`, `.system`.
    func open(_ path: String, _ intent: OpenIntent) throws(DurableIOError) -> any OpenFile
    /// Names (not paths) of the entries of a directory, sorted.
    func list(_ directory: String) throws(DurableIOError) -> [String]
    /// Makes a directory with its parents, durably; one that exists is fine.
    func makeDirectory(_ path: String) throws(DurableIOError)
    /// Gives a file a second name (a hard link). Error `.system` where the file system cannot.
    func link(_ source: String, to target: String) throws(DurableIOError)
    /// Renames a file or a directory, replacing a target file, or an empty target directory, atomically.
    func rename(_ source: String, to target: String) throws(DurableIOError)
    /// Removes a file; readers that have it open keep it.
    func remove(_ path: String) throws(DurableIOError)
    /// Makes names in a directory durable.
    func syncDirectory(_ path: String) throws(DurableIOError)
    func exists(_ path: String) throws(DurableIOError) -> Bool
    /// Locks a file against other processes, making it if needed, without waiting. An exclusive holder's
    /// process id is written into the file. Error `.locked` when another holds it.
    func lock(_ path: String, _ kind: LockKind) throws(DurableIOError) -> any HeldLock
}

/// An open file. Reads and writes at offsets are safe from several threads at once. Closed when it is
/// released.
public protocol OpenFile: AnyObject, Sendable {
    var path: String { get }
    /// Reads up to `buffer.count` bytes; fewer only at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, atByteOffset byteOffset: Int) throws(DurableIOError)
        -> Int
    /// Writes all of `bytes`, extending the file if needed. After an error an unknown part may have been
    /// written.
    func write(_ bytes: UnsafeRawBufferPointer, atByteOffset byteOffset: Int) throws(DurableIOError)
    func truncate(toByteCount byteCount: Int) throws(DurableIOError)
    func byteCount() throws(DurableIOError) -> Int
    /// Says that a range will be read soon, so that a disk may begin to fetch it. Never fails.
    func willRead(_ range: Range<Int>)
    /// Makes what was written durable. After an error nothing is known about unsynced bytes: give the file
    /// up.
    func sync() throws(DurableIOError)
}

/// A lock that is held until `release`, or until the object or the process is gone.
public protocol HeldLock: AnyObject, Sendable {
    func release()
}

extension OpenFile {
    public func willRead(_ range: Range<Int>) {}

    /// Fills `buffer` from `byteOffset`. Error `.shortRead` when the file ends before.
    public func readFully(
        into buffer: UnsafeMutableRawBufferPointer, atByteOffset byteOffset: Int
    ) throws(DurableIOError) {
        let count = try read(into: buffer, atByteOffset: byteOffset)
        guard count == buffer.count else {
            throw .shortRead(path: path, byteOffset: byteOffset, wantedBytes: buffer.count, gotBytes: count)
        }
    }

    /// Exactly `byteCount` bytes from `byteOffset`. Error `.shortRead` when the file ends before.
    public func readBytes(atByteOffset byteOffset: Int, byteCount: Int) throws(DurableIOError) -> [UInt8] {
        // The length may come from a damaged file: it must not decide how much memory is asked for.
        let size = try self.byteCount()
        guard byteOffset >= 0, byteCount >= 0, byteOffset <= size, byteCount <= size - byteOffset else {
            throw .shortRead(
                path: path, byteOffset: byteOffset, wantedBytes: byteCount,
                gotBytes: max(0, size - byteOffset))
        }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        try bytes.withUnsafeMutableBufferPointer { (buffer) throws(DurableIOError) in
            try readFully(into: UnsafeMutableRawBufferPointer(buffer), atByteOffset: byteOffset)
        }
        return bytes
    }

    /// Writes all bytes of an array at `byteOffset`.
    public func write(_ bytes: [UInt8], atByteOffset byteOffset: Int) throws(DurableIOError) {
        try bytes.withUnsafeBufferPointer { (buffer) throws(DurableIOError) in
            try write(UnsafeRawBufferPointer(buffer), atByteOffset: byteOffset)
        }
    }
}
