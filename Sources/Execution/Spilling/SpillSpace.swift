import DurableIO
import Glibc
import Synchronization

/// The place on a disk where running queries set rows aside.
///
/// A file's name is removed as soon as the file is open, so the system frees its bytes when the query ends,
/// however it ends, and also when the process does.
public final class SpillSpace: Sendable {
    public let directory: String
    /// Bytes of all queries together.
    public let limitBytes: Int
    private let fileSystem: any FileSystem
    private let used = Atomic<Int>(0)
    private let fileCount = Atomic<Int>(0)
    private let written = Atomic<Int>(0)

    /// Files of the directory that begin so are of a query, or were left between making and removing a name.
    static let namePrefix = "ambar-spill-"

    /// - Parameter directory: Made when the first rows are set aside.
    public init(
        directory: String, limitBytes: Int = .max, fileSystem: any FileSystem = POSIXFileSystem()
    ) {
        self.directory = directory
        self.limitBytes = limitBytes
        self.fileSystem = fileSystem
    }

    /// Bytes in use now.
    public var usedBytes: Int { used.load(ordering: .relaxed) }

    /// Bytes written since the space was made.
    public var writtenBytes: Int { written.load(ordering: .relaxed) }

    /// Removes files of a process that has died. Only for a directory that no other process uses.
    public func removeLeftovers() throws(DurableIOError) {
        guard try fileSystem.exists(directory) else { return }
        for name in try fileSystem.list(directory) where name.hasPrefix(Self.namePrefix) {
            try fileSystem.remove(directory + "/" + name)
        }
    }

    /// A new file without a name.
    func makeFile() throws(ExecutionError) -> any OpenFile {
        let number = fileCount.wrappingAdd(1, ordering: .relaxed).newValue
        let mark = String(UInt64.random(in: .min ... .max), radix: 36)
        let path = "\(directory)/\(Self.namePrefix)\(getpid())-\(number)-\(mark)"
        do throws(DurableIOError) {
            try fileSystem.makeDirectory(directory)
            let file = try fileSystem.open(path, .create)
            try fileSystem.remove(path)
            return file
        } catch {
            throw .spill(error)
        }
    }

    /// - Throws: `.spillLimitExceeded`; nothing is counted then.
    func reserve(_ bytes: Int) throws(ExecutionError) {
        let total = used.wrappingAdd(bytes, ordering: .relaxed).newValue
        if total > limitBytes {
            used.wrappingSubtract(bytes, ordering: .relaxed)
            throw .spillLimitExceeded(limitBytes: limitBytes)
        }
        written.wrappingAdd(bytes, ordering: .relaxed)
    }

    func release(_ bytes: Int) { used.wrappingSubtract(bytes, ordering: .relaxed) }
}
