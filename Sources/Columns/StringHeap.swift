/// Owns the bytes behind the string views of one vector, and keeps other owners alive whose bytes views point
/// to.
///
/// Invariants: bytes never move once written; written only by the vector's builder, then read-only.
public final class StringHeap: @unchecked Sendable {
    private var blocks: [UnsafeMutableRawPointer] = []
    private var owners: [AnyObject] = []
    private var free: UnsafeMutableRawPointer?
    private var freeBytes = 0
    private static let blockBytes = 32 * 1024

    public init() {}

    /// A heap without bytes of its own that keeps `owners` alive.
    public init(keeping owners: [AnyObject]) { self.owners = owners }

    deinit { for block in blocks { block.deallocate() } }

    /// Keeps `owner` alive for as long as this heap.
    public func keep(_ owner: AnyObject) {
        if let last = owners.last, last === owner { return }
        owners.append(owner)
    }

    /// Copies `count` bytes (0 or more) and returns a view of the copy; short strings take no heap space.
    public func add(_ bytes: UnsafePointer<UInt8>, count: Int) -> StringView {
        if count <= StringView.inlineBytesMax { return StringView(bytes, count: count) }
        let target = reserve(count)
        target.copyMemory(from: bytes, byteCount: count)
        return StringView(target.assumingMemoryBound(to: UInt8.self), count: count)
    }

    public func add(_ bytes: UnsafeBufferPointer<UInt8>) -> StringView {
        guard let base = bytes.baseAddress else { return .empty }
        return add(base, count: bytes.count)
    }

    public func add(_ view: StringView) -> StringView {
        if view.isInline { return view }
        return view.withBytes { add($0) }
    }

    public func add(_ string: String) -> StringView {
        var copy = string
        return copy.withUTF8 { add($0) }
    }

    /// `count` writable bytes that stay in place for the heap's life.
    public func reserve(_ count: Int) -> UnsafeMutableRawPointer {
        if let free, count <= freeBytes {
            self.free = free + count
            freeBytes -= count
            return free
        }
        let size = max(count, Self.blockBytes)
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        blocks.append(block)
        if size - count > freeBytes {
            free = block + count
            freeBytes = size - count
        }
        return block
    }
}
