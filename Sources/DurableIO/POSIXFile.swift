import Glibc

/// A file descriptor with its path; closed when released.
final class POSIXFile: OpenFile {
    let path: String
    private let descriptor: Int32

    init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, atByteOffset byteOffset: Int
    ) throws(DurableIOError) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        var done = 0
        while done < buffer.count {
            let count = pread(descriptor, base + done, buffer.count - done, byteOffset + done)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw POSIXFileSystem.failure("pread", path, errno)
            }
            done += count
        }
        return done
    }

    func write(_ bytes: UnsafeRawBufferPointer, atByteOffset byteOffset: Int) throws(DurableIOError) {
        guard let base = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let count = pwrite(descriptor, base + done, bytes.count - done, byteOffset + done)
            if count < 0 {
                if errno == EINTR { continue }
                throw POSIXFileSystem.failure("pwrite", path, errno)
            }
            if count == 0 { throw .diskFull(path: path) }
            done += count
        }
    }

    func willRead(_ range: Range<Int>) {
        _ = posix_fadvise(descriptor, range.lowerBound, range.count, POSIX_FADV_WILLNEED)
    }

    func truncate(toByteCount byteCount: Int) throws(DurableIOError) {
        while ftruncate(descriptor, byteCount) != 0 {
            if errno != EINTR { throw POSIXFileSystem.failure("ftruncate", path, errno) }
        }
    }

    func byteCount() throws(DurableIOError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw POSIXFileSystem.failure("fstat", path, errno) }
        return Int(status.st_size)
    }

    func sync() throws(DurableIOError) {
        // Not repeated on EINTR or EIO: after a failed fsync the kernel may have dropped the dirty pages.
        guard fsync(descriptor) == 0 else { throw POSIXFileSystem.failure("fsync", path, errno) }
    }
}
