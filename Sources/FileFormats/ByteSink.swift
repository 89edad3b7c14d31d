import DurableIO
import Glibc

/// Where the bytes of a written file go, in order. Owned by one thread.
public protocol ByteSink: AnyObject {
    func write(_ bytes: UnsafeRawBufferPointer) throws(FileFormatError)
    /// Makes the whole durable, or visible; nothing is written afterwards.
    func finish() throws(FileFormatError)
}

/// A file that appears whole or not at all: written beside its place, synced, renamed.
public final class WholeFileSink: ByteSink {
    private let path: String
    private let fileSystem: any FileSystem
    private var file: AppendOnlyFile?

    private var temporary: String { path + AtomicReplace.temporarySuffix }

    /// Begins beside `path`; a file that is there stays until `finish`.
    public init(_ path: String, fileSystem: any FileSystem) throws(FileFormatError) {
        self.path = path
        self.fileSystem = fileSystem
        do {
            let temporary = path + AtomicReplace.temporarySuffix
            if try fileSystem.exists(temporary) { try fileSystem.remove(temporary) }
            file = AppendOnlyFile(try fileSystem.open(temporary, .create), byteCount: 0)
        } catch {
            throw .files(error)
        }
    }

    deinit {
        // Given up before `finish`: the half of a file is of no use to anybody, and if it cannot be removed
        // the next writer of the same path does it.
        if file != nil { try? fileSystem.remove(temporary) }
    }

    public func write(_ bytes: UnsafeRawBufferPointer) throws(FileFormatError) {
        do { try file?.append(bytes) } catch { throw .files(error) }
    }

    public func finish() throws(FileFormatError) {
        do {
            try file?.sync()
            try fileSystem.rename(temporary, to: path)
            file = nil
            let end = path.lastIndex(of: "/")
            let directory = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
            try fileSystem.syncDirectory(directory)
        } catch {
            throw .files(error)
        }
    }
}

/// The process's standard output.
public final class StandardOutputSink: ByteSink {
    public init() {}

    public func write(_ bytes: UnsafeRawBufferPointer) throws(FileFormatError) {
        var done = 0
        while done < bytes.count {
            let count = Glibc.write(STDOUT_FILENO, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            if count < 0 {
                if errno == EINTR { continue }
                throw .files(.system(operation: "write", path: "standard output", errno: errno))
            }
            done += count
        }
    }

    public func finish() throws(FileFormatError) {}
}
