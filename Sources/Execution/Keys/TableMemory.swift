import CIntrinsics
import Glibc

/// Memory of a table that grows: zero bytes until they are written. Large tables lie in pages of two
/// mebibytes where the system has them, because a table that is filled at random, or once only, costs more
/// for its page faults and address translation than for its data.
///
/// Invariants: `base` stays in place until `grow`; bytes never written are zero.
struct TableMemory: ~Copyable {
    private(set) var base: UnsafeMutableRawPointer
    private(set) var byteCount: Int
    /// Bytes of the mapping, 0 for memory of the allocator.
    private var mappedBytes: Int

    static let largePageBytes = 1 << 21

    init(byteCount: Int) {
        precondition(byteCount > 0, "a table has memory")
        self.byteCount = byteCount
        if byteCount < Self.largePageBytes {
            guard let memory = calloc(byteCount, 1) else { Self.refuse() }
            base = memory
            mappedBytes = 0
        } else {
            mappedBytes = (byteCount + Self.largePageBytes - 1) & ~(Self.largePageBytes - 1)
            base = Self.map(mappedBytes)
        }
    }

    deinit {
        if mappedBytes == 0 { free(base) } else { munmap(base, mappedBytes) }
    }

    /// Keeps what is there; new bytes are zero.
    mutating func grow(to larger: Int) {
        precondition(larger >= byteCount, "a table does not shrink")
        if larger <= mappedBytes {
            byteCount = larger
            return
        }
        let kept = byteCount
        var grown = TableMemory(byteCount: larger)
        if mappedBytes > 0, ambar_move_pages(base, mappedBytes, grown.base) != 0 {
            // The old mapping is gone; the swap below hands an empty block to `deinit` in its place.
            guard let nothing = calloc(1, 8) else { Self.refuse() }
            base = nothing
            mappedBytes = 0
        } else {
            grown.base.copyMemory(from: base, byteCount: kept)
        }
        swap(&self, &grown)
    }

    /// Zero pages, aligned to large ones.
    private static func map(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let reserved = byteCount + largePageBytes
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        guard let start = mmap(nil, reserved, PROT_READ | PROT_WRITE, flags, -1, 0),
            Int(bitPattern: start) != -1
        else { refuse() }
        let address = UInt(bitPattern: start)
        let head = Int((0 &- address) & UInt(largePageBytes - 1))
        if head > 0 { munmap(start, head) }
        let base = start + head
        if largePageBytes > head { munmap(base + byteCount, largePageBytes - head) }
        madvise(base, byteCount, MADV_HUGEPAGE)
        return base
    }

    private static func refuse() -> Never { preconditionFailure("the machine has no memory left") }
}
