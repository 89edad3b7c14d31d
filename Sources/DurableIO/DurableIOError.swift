/// What can go wrong between the engine and a disk. Every case names the path.
public enum DurableIOError: Error, Hashable, Sendable {
    /// The path does not exist.
    case notFound(path: String)
    /// The path exists although it was to be made.
    case alreadyExists(path: String)
    /// The file ends before the wanted bytes.
    case shortRead(path: String, byteOffset: Int, wantedBytes: Int, gotBytes: Int)
    /// Another process holds the lock; its process id where the lock file tells it.
    case locked(path: String, pid: Int32?)
    /// The disk has no room left (ENOSPC or EDQUOT).
    case diskFull(path: String)
    /// Any other failed call, with its errno.
    case system(operation: String, path: String, errno: Int32)

    /// The path that the failed operation was about.
    public var path: String {
        switch self {
        case .notFound(let path), .alreadyExists(let path), .diskFull(let path),
            .shortRead(let path, _, _, _),
            .locked(let path, _), .system(_, let path, _):
            path
        }
    }
}

extension DurableIOError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notFound(let path): "no such file or directory: \(path)"
        case .alreadyExists(let path): "file exists: \(path)"
        case .shortRead(let path, let byteOffset, let wanted, let got):
            "file ends early: \(path) (wanted \(wanted) bytes at offset \(byteOffset), got \(got))"
        case .locked(let path, let pid):
            "directory is in use by process \(pid.map(String.init) ?? "unknown"): \(path)"
        case .diskFull(let path): "no space left on the disk: \(path)"
        case .system(let operation, let path, let errno):
            "\(operation) failed: \(path) (\(ErrorNumber.text(errno)), errno \(errno))"
        }
    }
}
