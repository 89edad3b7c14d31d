import Glibc

/// The machine's own files.
public struct POSIXFileSystem: FileSystem {
    public init() {}

    public func open(_ path: String, _ intent: OpenIntent) throws(DurableIOError) -> any OpenFile {
        let flags: Int32 =
            switch intent {
            case .read: O_RDONLY | O_CLOEXEC
            case .readWrite: O_RDWR | O_CLOEXEC
            case .create: O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC
            }
        while true {
            let descriptor = Glibc.open(path, flags, 0o644)
            if descriptor >= 0 { return POSIXFile(path: path, descriptor: descriptor) }
            if errno != EINTR { throw Self.failure("open", path, errno) }
        }
    }

    public func list(_ directory: String) throws(DurableIOError) -> [String] {
        guard let stream = opendir(directory) else { throw Self.failure("opendir", directory, errno) }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
            errno = 0
        }
        if errno != 0 { throw Self.failure("readdir", directory, errno) }
        return names.sorted()
    }

    public func makeDirectory(_ path: String) throws(DurableIOError) {
        if mkdir(path, 0o755) == 0 { return try syncDirectory(FilePath.parent(of: path)) }
        switch errno {
        case EEXIST:
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                throw .alreadyExists(path: path)
            }
        case ENOENT:
            let parent = FilePath.parent(of: path)
            guard parent.utf8.count < path.utf8.count, parent != "." else { throw .notFound(path: path) }
            try makeDirectory(parent)
            guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw Self.failure("mkdir", path, errno) }
            try syncDirectory(parent)
        default: throw Self.failure("mkdir", path, errno)
        }
    }

    public func link(_ source: String, to target: String) throws(DurableIOError) {
        guard Glibc.link(source, target) == 0 else { throw Self.failure("link", target, errno) }
    }

    public func rename(_ source: String, to target: String) throws(DurableIOError) {
        guard Glibc.rename(source, target) == 0 else { throw Self.failure("rename", source, errno) }
    }

    public func remove(_ path: String) throws(DurableIOError) {
        guard unlink(path) == 0 else { throw Self.failure("unlink", path, errno) }
    }

    public func syncDirectory(_ path: String) throws(DurableIOError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("open", path, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Self.failure("fsync", path, errno) }
    }

    public func exists(_ path: String) throws(DurableIOError) -> Bool {
        if access(path, F_OK) == 0 { return true }
        if errno == ENOENT || errno == ENOTDIR { return false }
        throw Self.failure("access", path, errno)
    }

    public func lock(_ path: String, _ kind: LockKind) throws(DurableIOError) -> any HeldLock {
        try DirectoryLock.acquire(path: path, kind: kind)
    }

    static func failure(_ operation: String, _ path: String, _ number: Int32) -> DurableIOError {
        switch number {
        case ENOENT: .notFound(path: path)
        case EEXIST: .alreadyExists(path: path)
        case ENOSPC, EDQUOT: .diskFull(path: path)
        default: .system(operation: operation, path: path, errno: number)
        }
    }
}
