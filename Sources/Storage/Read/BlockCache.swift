import Encodings

/// Segments in memory, decompressed but still encoded, and Bloom filters, up to a number of bytes; the least
/// recently used leave first. One cache serves every store of a process. Segments that readers hold stay
/// valid after they leave the cache.
public final class BlockCache: @unchecked Sendable {
    struct Key: Hashable { var file: UInt64, byteOffset: Int }

    /// What the cache holds.
    private enum Block {
        case segment(EncodedSegment)
        case bloomFilter(BloomFilter)

        var memoryBytes: Int {
            switch self {
            case .segment(let segment): segment.memoryBytes
            case .bloomFilter(let filter): filter.memoryBytes
            }
        }
    }

    private struct Entry {
        var block: Block
        var previous: Int
        var next: Int
        var key: Key
    }

    /// Invariants: `slots` maps each key to its entry; entries form a ring through slot 0, most recently used
    /// first; `bytes` is the sum of the segments' memory.
    private struct State {
        var slots: [Key: Int] = [:]
        var entries: [Entry?] = [nil]
        var head = 0
        var tail = 0
        var free: [Int] = []
        var bytes = 0
        var hits = 0
        var misses = 0
        var nextFile: UInt64 = 1
    }

    /// Most bytes of all segments together.
    public let bytesMax: Int
    private let lock = Lock()
    /// Guarded by `lock`.
    private var state = State()

    public static let bytesMaxDefault = 512 * 1024 * 1024

    public init(bytesMax: Int = BlockCache.bytesMaxDefault) { self.bytesMax = bytesMax }

    public struct Usage: Hashable, Sendable {
        public var bytes: Int
        public var segments: Int
        public var hits: Int
        public var misses: Int
    }

    public var usage: Usage {
        lock.withLock {
            Usage(bytes: state.bytes, segments: state.slots.count, hits: state.hits, misses: state.misses)
        }
    }

    /// Gives up every segment.
    public func removeAll() {
        lock.withLock {
            let nextFile = state.nextFile
            state = State()
            state.nextFile = nextFile
        }
    }

    /// A number for a file of any store that uses this cache.
    func registerFile() -> UInt64 {
        lock.withLock {
            defer { state.nextFile += 1 }
            return state.nextFile
        }
    }

    /// Whether a segment is in memory; counts as no use of it.
    func holds(_ key: Key) -> Bool { lock.withLock { state.slots[key] != nil } }

    func segment(_ key: Key) -> EncodedSegment? {
        guard case .segment(let segment)? = block(key) else { return nil }
        return segment
    }

    func bloomFilter(_ key: Key) -> BloomFilter? {
        guard case .bloomFilter(let filter)? = block(key) else { return nil }
        return filter
    }

    private func block(_ key: Key) -> Block? {
        lock.withLock {
            guard let slot = state.slots[key], let entry = state.entries[slot] else {
                state.misses += 1
                return nil
            }
            state.hits += 1
            Self.unlink(slot, &state)
            Self.linkFirst(slot, &state)
            return entry.block
        }
    }

    /// Keeps a segment that was just loaded. Larger ones than the whole cache are not kept.
    func insert(_ segment: EncodedSegment, _ key: Key) { insert(.segment(segment), key) }

    func insert(_ filter: BloomFilter, _ key: Key) { insert(.bloomFilter(filter), key) }

    private func insert(_ block: Block, _ key: Key) {
        guard block.memoryBytes <= bytesMax else { return }
        lock.withLock {
            if state.slots[key] != nil { return }
            let entry = Entry(block: block, previous: 0, next: 0, key: key)
            let slot: Int
            if let reused = state.free.popLast() {
                slot = reused
                state.entries[slot] = entry
            } else {
                slot = state.entries.count
                state.entries.append(entry)
            }
            state.slots[key] = slot
            state.bytes += block.memoryBytes
            Self.linkFirst(slot, &state)
            while state.bytes > bytesMax, state.tail != 0, state.tail != slot { Self.evictLast(&state) }
        }
    }

    private static func evictLast(_ state: inout State) {
        let slot = state.tail
        guard let entry = state.entries[slot] else { return }
        unlink(slot, &state)
        state.slots[entry.key] = nil
        state.entries[slot] = nil
        state.free.append(slot)
        state.bytes -= entry.block.memoryBytes
    }

    private static func unlink(_ slot: Int, _ state: inout State) {
        guard let entry = state.entries[slot] else { return }
        if entry.previous == 0 {
            state.head = entry.next
        } else {
            state.entries[entry.previous]?.next = entry.next
        }
        if entry.next == 0 {
            state.tail = entry.previous
        } else {
            state.entries[entry.next]?.previous = entry.previous
        }
    }

    private static func linkFirst(_ slot: Int, _ state: inout State) {
        state.entries[slot]?.previous = 0
        state.entries[slot]?.next = state.head
        if state.head == 0 { state.tail = slot } else { state.entries[state.head]?.previous = slot }
        state.head = slot
    }
}
