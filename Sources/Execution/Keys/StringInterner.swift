import CIntrinsics
import Columns

/// Gives each distinct string a number, counting from 0, and keeps a copy of it.
///
/// Invariants: codes never change; `slots` has a power of two of places, at most half of them taken, each
/// holding the upper half of a hash and a code + 1 (0 for a free place). A hash's first place is given by its
/// uppermost bits, so that a larger table has its entries in the same order: growing reads and writes memory
/// from front to back, and hashes nothing again.
final class StringInterner {
    private(set) var count = 0
    private var views: UnsafeMutablePointer<StringView>
    private var viewMemory: TableMemory
    private var viewCapacity: Int
    private var slots: UnsafeMutablePointer<UInt64>
    private var slotMemory: TableMemory
    private var slotCount: Int
    /// 64 less the binary logarithm of `slotCount`.
    private var shift: UInt64
    private let arena = StringArena()

    init() {
        viewCapacity = 256
        viewMemory = TableMemory(byteCount: viewCapacity * 16)
        views = viewMemory.base.assumingMemoryBound(to: StringView.self)
        slotCount = 512
        shift = 64 - 9
        slotMemory = TableMemory(byteCount: slotCount * 8)
        slots = slotMemory.base.assumingMemoryBound(to: UInt64.self)
    }

    var bytes: Int { viewCapacity * 16 + slotCount * 8 + arena.bytes }

    /// Bytes when `extra` more short strings have come.
    func bytes(adding extra: Int) -> Int {
        var capacity = viewCapacity
        while capacity < count + extra { capacity *= 2 }
        var places = slotCount
        while places < (count + extra) * 2 { places *= 2 }
        return capacity * 16 + places * 8 + arena.bytes
    }

    subscript(code: Int) -> StringView { views[code] }

    /// The code of a string, new if it was not there. The bytes are copied.
    func insert(_ view: StringView) -> UInt32 { insert(view, hash: Hashing.hash(view)) }

    @inline(__always) func insert(_ view: StringView, hash: UInt64) -> UInt32 {
        let mask = slotCount &- 1
        var place = Int(truncatingIfNeeded: hash &>> shift)
        let tag = hash &>> 32
        while true {
            let slot = slots[place]
            if slot == 0 { return add(view, hash: hash, place: place) }
            if slot &>> 32 == tag {
                let code = Int(slot & 0xFFFF_FFFF) &- 1
                if views[code] == view { return UInt32(truncatingIfNeeded: code) }
            }
            place = (place &+ 1) & mask
        }
    }

    /// The code of a string that is there.
    func find(_ view: StringView) -> UInt32? {
        let hash = Hashing.hash(view)
        let mask = slotCount &- 1
        var place = Int(truncatingIfNeeded: hash &>> shift)
        while true {
            let slot = slots[place]
            if slot == 0 { return nil }
            if slot &>> 32 == hash &>> 32 {
                let code = Int(slot & 0xFFFF_FFFF) &- 1
                if views[code] == view { return UInt32(truncatingIfNeeded: code) }
            }
            place = (place &+ 1) & mask
        }
    }

    func prefetch(_ hash: UInt64) {
        ambar_prefetch(slots + Int(truncatingIfNeeded: hash &>> shift))
    }

    private func add(_ view: StringView, hash: UInt64, place: Int) -> UInt32 {
        precondition(count < Int(UInt32.max) - 1, "codes have 32 bits")
        if count == viewCapacity { growViews() }
        views[count] = view.isInline ? view : arena.add(view)
        count += 1
        slots[place] = (hash &>> 32) &<< 32 | UInt64(count)
        if count &* 2 > slotCount { growSlots() }
        return UInt32(truncatingIfNeeded: count - 1)
    }

    private func growViews() {
        viewCapacity *= 2
        viewMemory.grow(to: viewCapacity * 16)
        views = viewMemory.base.assumingMemoryBound(to: StringView.self)
    }

    private func growSlots() {
        slotMemory = HashSlots.grown(slots, count: slotCount)
        slots = slotMemory.base.assumingMemoryBound(to: UInt64.self)
        slotCount *= 2
        shift -= 1
    }

    /// Codes of another interner that stand for a string of this one; nil when there are more than `limit`.
    func matches(_ other: StringInterner, limit: Int) -> GroupMatches? {
        let (mine, theirs) = (views, other.views)
        return HashSlots.matches(
            slots, count: slotCount, other.slots, theirCount: other.slotCount, limit: limit
        ) { mine[$0] == theirs[$1] }
    }

    /// The strings as a flat vector in code order; the views point into this interner's memory, which the
    /// vector keeps alive.
    func vector(type: DataType) -> Vector {
        let buffer = VectorBuffer(byteCount: count * 16)
        buffer.pointer(as: StringView.self).update(from: views, count: count)
        return Vector(flat: buffer, type: type, count: count, heap: StringHeap(keeping: [self]))
    }
}
