import Glibc

/// An advisory lock (`flock`) on a file of a directory, with the owner's process id in the file, so that the
/// error of the next comer names it. The kernel drops it when the process ends, also by `kill -9`.
public final class DirectoryLock: HeldLock, @unchecked Sendable {
    public let path: String
    /// -1 once released. Guarded by `mutex`: release may come from any thread.
    private var descriptor: Int32
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        release()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Takes the lock or throws `.locked` with the holder's process id; never waits.
    public static func acquire(path: String, kind: LockKind) throws(DurableIOError) -> DirectoryLock {
        // Who may only read must still be able to share a lock that is there.
        var descriptor = kind == .shared ? open(path, O_RDONLY | O_CLOEXEC) : -1
        if kind == .exclusive || (descriptor < 0 && errno == ENOENT) {
            descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        }
        guard descriptor >= 0 else { throw POSIXFileSystem.failure("open", path, errno) }
        let operation = (kind == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB
        guard flock(descriptor, operation) == 0 else {
            let number = errno
            let owner = ownerPID(descriptor)
            close(descriptor)
            if number == EWOULDBLOCK { throw .locked(path: path, pid: owner) }
            throw POSIXFileSystem.failure("flock", path, number)
        }
        if kind == .exclusive {
            let text = Array("\(getpid())\n".utf8)
            // The id is only for the message of others: a full disk must not keep the owner out.
            if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
        }
        return DirectoryLock(path: path, descriptor: descriptor)
    }

    public func release() {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    private static func ownerPID(_ descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: bytes.prefix(count).prefix { $0 >= 48 && $0 <= 57 }, as: UTF8.self))
    }
}
