#if canImport(Glibc)
    import Glibc
#endif
import Synchronization

/// Keeps the memory of vector buffers that are given up for the next ones: chunks come and go thousands of
/// times a second with the same few sizes, which a general allocator is slow at.
///
/// Invariants: a block of class `c` has `classBytesMin << c` bytes; at most `blocksMax` blocks a class and
/// shard wait. A thread that finds its shard in use goes to the allocator instead of waiting.
enum BufferPool {
    private static let classBytesMin = 1 << 10
    private static let classCount = 8
    private static let shardCount = 16
    private static let blocksMax = 64

    private final class Shard: @unchecked Sendable {
        // Held while the arrays are read or written.
        let isTaken = Atomic<Bool>(false)
        let blocks: UnsafeMutablePointer<UnsafeMutableRawPointer?>
        let counts: UnsafeMutablePointer<Int>

        init() {
            blocks = .allocate(capacity: classCount * blocksMax)
            blocks.initialize(repeating: nil, count: classCount * blocksMax)
            counts = .allocate(capacity: classCount)
            counts.initialize(repeating: 0, count: classCount)
        }

        deinit {
            blocks.deallocate()
            counts.deallocate()
        }
    }

    private static let shards: [Shard] = (0..<shardCount).map { _ in Shard() }

    /// The class of a size; -1 when it is too small or too large to be pooled.
    @inline(__always) private static func sizeClass(_ byteCount: Int) -> Int {
        if byteCount <= classBytesMin / 2 { return -1 }
        let power = Int.bitWidth - (byteCount - 1).leadingZeroBitCount
        let index = max(0, power - 10)
        return index < classCount ? index : -1
    }

    @inline(__always) private static func shard() -> Shard {
        // Thread descriptors lie megabytes apart; mixing their addresses spreads threads over the shards.
        let thread = UInt64(UInt(pthread_self()))
        return shards[Int(truncatingIfNeeded: Hashing.hash(thread) & UInt64(shardCount - 1))]
    }

    /// Uninitialised memory of at least `byteCount` bytes, aligned to `VectorBuffer.alignment`.
    static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let index = sizeClass(byteCount)
        guard index >= 0 else { return .allocate(byteCount: byteCount, alignment: VectorBuffer.alignment) }
        let shard = shard()
        if !shard.isTaken.exchange(true, ordering: .acquiring) {
            var block: UnsafeMutableRawPointer?
            let count = shard.counts[index]
            if count > 0 {
                shard.counts[index] = count - 1
                block = shard.blocks[index * blocksMax + count - 1]
            }
            shard.isTaken.store(false, ordering: .releasing)
            if let block { return block }
        }
        return .allocate(byteCount: classBytesMin << index, alignment: VectorBuffer.alignment)
    }

    /// Takes back what `allocate` gave for the same `byteCount`.
    static func deallocate(_ memory: UnsafeMutableRawPointer, _ byteCount: Int) {
        let index = sizeClass(byteCount)
        guard index >= 0 else { return memory.deallocate() }
        let shard = shard()
        if !shard.isTaken.exchange(true, ordering: .acquiring) {
            let count = shard.counts[index]
            let hasRoom = count < blocksMax
            if hasRoom {
                shard.blocks[index * blocksMax + count] = memory
                shard.counts[index] = count + 1
            }
            shard.isTaken.store(false, ordering: .releasing)
            if hasRoom { return }
        }
        memory.deallocate()
    }
}
