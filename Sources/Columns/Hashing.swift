/// Hash functions of keys: stable between processes and versions, because Bloom filters and key indexes are
/// built on them. Not for secrets.
public enum Hashing {
    /// Mixes one word. Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA
    /// 2014 (the finaliser of SplitMix64).
    @inlinable @inline(__always) public static func hash(_ word: UInt64) -> UInt64 {
        var mixed = word
        mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed &>> 31)
    }

    /// Folds the hash of one more key column into `seed`.
    @inlinable @inline(__always) public static func combine(_ seed: UInt64, _ next: UInt64) -> UInt64 {
        hash(seed ^ (next &+ 0x9E37_79B9_7F4A_7C15 &+ (seed &<< 6) &+ (seed &>> 2)))
    }

    @inlinable @inline(__always) public static func hash(_ value: UInt128) -> UInt64 {
        combine(hash(UInt64(truncatingIfNeeded: value)), UInt64(truncatingIfNeeded: value &>> 64))
    }

    /// Hashes bytes, eight at a time by multiplication and folding.
    @inlinable public static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15
        var state = UInt64(truncatingIfNeeded: bytes.count) &* multiplier
        guard let start = bytes.baseAddress else { return hash(state) }
        let base = UnsafeRawPointer(start)
        var offset = 0
        while offset &+ 8 <= bytes.count {
            let word = base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let product = (state ^ word).multipliedFullWidth(by: multiplier)
            state = product.high ^ product.low
            offset &+= 8
        }
        var tail: UInt64 = 0
        var shift: UInt64 = 0
        while offset < bytes.count {
            tail |= UInt64(start[offset]) &<< shift
            shift &+= 8
            offset &+= 1
        }
        return hash(state ^ tail)
    }

    /// Hashes a string view to the same value as its bytes.
    @inlinable @inline(__always) public static func hash(_ view: StringView) -> UInt64 {
        view.withBytes { hash($0) }
    }
}
