/// Places of a hash table: each the upper half of a hash and a number + 1, or 0. The first place of a hash is
/// given by its uppermost bits; linear probing, wrapping round.
enum HashSlots {
    /// The entries of `count` places in twice as many. O(count), in the order of memory.
    static func grown(_ slots: UnsafeMutablePointer<UInt64>, count: Int) -> TableMemory {
        let memory = TableMemory(byteCount: count * 16)
        let larger = memory.base.assumingMemoryBound(to: UInt64.self)
        let mask = count * 2 - 1
        // Of a hash's upper half, the bits beyond those that give the place.
        let shift = UInt64(32 - (count * 2).trailingZeroBitCount)
        precondition(count * 2 <= 1 << 32, "a place is given by the upper half of a hash")
        for index in 0..<count where slots[index] != 0 {
            var place = Int(truncatingIfNeeded: (slots[index] &>> 32) &>> shift)
            while larger[place] != 0 { place = (place &+ 1) & mask }
            larger[place] = slots[index]
        }
        return memory
    }
}
