import Glibc

/// A piece cutter that several threads share.
final class SerialCutter: @unchecked Sendable {
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// Guarded by `lock`, as is `failure`.
    private let cutter: PieceCutter
    private var failure: FileFormatError?

    init(_ cutter: PieceCutter) {
        self.cutter = cutter
        pthread_mutex_init(lock, nil)
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    /// The next piece; after an error always the same error.
    func next() throws(FileFormatError) -> TextPiece? {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        if let failure { throw failure }
        do throws(FileFormatError) {
            return try cutter.next()
        } catch {
            failure = error
            throw error
        }
    }

    var progress: FileProgress {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return cutter.progress
    }
}
