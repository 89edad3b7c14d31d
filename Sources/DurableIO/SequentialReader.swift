import Glibc

/// Bytes that are read once, from the beginning to the end: a file, a pipe, the standard input. Owned by one
/// thread at a time.
public protocol SequentialReader: AnyObject, Sendable {
    /// What messages call it.
    var path: String { get }
    /// All bytes that there are; nil when the end is not known.
    var byteCount: Int? { get }
    /// Reads up to `buffer.count` bytes; 0 only at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(DurableIOError) -> Int
}

/// Reads an open file from its beginning.
public final class FileReader: SequentialReader, @unchecked Sendable {
    private let file: any OpenFile
    private var byteOffset = 0
    public let byteCount: Int?

    public var path: String { file.path }

    public init(_ file: any OpenFile) throws(DurableIOError) {
        self.file = file
        byteCount = try file.byteCount()
    }

    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(DurableIOError) -> Int {
        let count = try file.read(into: buffer, atByteOffset: byteOffset)
        byteOffset += count
        return count
    }
}

/// Reads the process's standard input.
public final class StandardInputReader: SequentialReader {
    public let path = "standard input"
    public let byteCount: Int? = nil

    public init() {}

    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(DurableIOError) -> Int {
        while true {
            let count = Glibc.read(STDIN_FILENO, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { throw POSIXFileSystem.failure("read", path, errno) }
        }
    }
}
