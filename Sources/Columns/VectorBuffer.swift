#if canImport(Glibc)
    import Glibc
#endif

/// Raw memory of a vector: 64-byte aligned with 64 readable bytes of slack behind the last value, or borrowed
/// from an owner that it keeps alive.
///
/// Invariants: `base` stays valid and in place for the life of the buffer. A buffer is written only by the
/// one who made it, before others see it; afterwards it is read-only. That makes it `Sendable`.
public final class VectorBuffer: @unchecked Sendable {
    public let base: UnsafeMutableRawPointer
    public let byteCount: Int
    @usableFromInline let owner: AnyObject?

    public static let alignment = 64
    public static let slackBytes = 64

    /// Allocates `byteCount` uninitialised bytes.
    public init(byteCount: Int) {
        precondition(byteCount >= 0, "a buffer has no negative size")
        base = BufferPool.allocate(byteCount + Self.slackBytes)
        self.byteCount = byteCount
        owner = nil
    }

    /// Borrows memory that `owner` keeps alive and unchanged. No alignment is promised beyond that of the
    /// values, and no slack.
    public init(borrowing base: UnsafeRawPointer, byteCount: Int, owner: AnyObject) {
        self.base = UnsafeMutableRawPointer(mutating: base)
        self.byteCount = byteCount
        self.owner = owner
    }

    /// Asks the system for all pages at once, for a large buffer that is about to be filled: a page fault for
    /// each costs several times as much. Without effect where the system does not know how.
    public func populate() {
        #if os(Linux)
            let pageBytes = 4096
            let start = (UInt(bitPattern: base) + UInt(pageBytes - 1)) / UInt(pageBytes) * UInt(pageBytes)
            let end = (UInt(bitPattern: base) + UInt(byteCount)) / UInt(pageBytes) * UInt(pageBytes)
            guard owner == nil, end > start, let pages = UnsafeMutableRawPointer(bitPattern: start) else {
                return
            }
            // MADV_POPULATE_WRITE, since Linux 5.14.
            _ = madvise(pages, Int(end - start), 23)
        #endif
    }

    deinit {
        if owner == nil { BufferPool.deallocate(base, byteCount + Self.slackBytes) }
    }

    /// The buffer as an array of `Element`; the caller knows that the type is the one that was written.
    @inlinable public func pointer<Element: BitwiseCopyable>(
        as type: Element.Type = Element.self
    ) -> UnsafeMutablePointer<Element> {
        base.assumingMemoryBound(to: Element.self)
    }

    public func fillWithZeros() {
        base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    }
}
