import Columns

/// Bytes of the long strings of a table, which stay in place for the arena's life. Belongs to one worker.
///
/// Invariant: `free` bytes are left behind `next` in the last block.
final class StringArena {
    private var blocks: [Block] = []
    private var next: UnsafeMutableRawPointer?
    private var free = 0
    /// Bytes of the strings.
    private(set) var bytes = 0

    private static let blockBytesMin = 1 << 12
    private static let blockBytesMax = 1 << 22

    /// One run of memory; a class, because arrays hold no values that cannot be copied.
    private final class Block {
        let memory: TableMemory

        init(_ byteCount: Int) { memory = TableMemory(byteCount: byteCount) }
    }

    /// A view of a copy of a string that has no room in a view itself.
    func add(_ view: StringView) -> StringView {
        precondition(!view.isInline, "a short string lies in its view")
        let count = view.count
        if count > free { addBlock(count) }
        guard let target = next, let source = UnsafeRawPointer(bitPattern: UInt(view.high)) else {
            preconditionFailure("a long string has an address, and a block room for it")
        }
        target.copyMemory(from: source, byteCount: count)
        next = target + count
        free &-= count
        bytes &+= count
        // Length and prefix are the same.
        return StringView(low: view.low, high: UInt64(UInt(bitPattern: target)))
    }

    /// Blocks grow with what is there, so that small tables stay small.
    private func addBlock(_ count: Int) {
        let size = max(count, min(max(bytes, Self.blockBytesMin), Self.blockBytesMax))
        let block = Block(size)
        blocks.append(block)
        next = block.memory.base
        free = size
    }
}
