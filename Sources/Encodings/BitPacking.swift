/// Bit packing in vertical layout: value `i` of a vector is lane `i % lanes`, step `i / lanes`; each lane is
/// a stream of words of its own, and word `w` of all lanes lie side by side (`storage/FORMAT.md`, "Packed
/// stream"). The shift is the same for all lanes of a step, so plain loops become vector instructions for any
/// width.
///
/// Source: Afroozeh, Boncz, "The FastLanes Compression Layout", VLDB 2023 (the transposed layout of one
/// level).
enum BitPacking {
    /// 64 lanes of 32-bit words or 32 lanes of 64-bit words: a row of words is 256 bytes either way.
    static let wordRowBytes = 256
    static let lanes32 = 64
    static let lanes64 = 32

    /// Bytes of `count` values of `width` bits.
    @inline(__always) static func byteCount(values count: Int, width: Int, is64: Bool) -> Int {
        let steps = is64 ? (count + lanes64 - 1) / lanes64 : (count + lanes32 - 1) / lanes32
        return (steps * width + (is64 ? 63 : 31)) / (is64 ? 64 : 32) * wordRowBytes
    }

    /// Packs `count` values, each less `base` below 2^`width` (`width` in 1...32), into zeroed words.
    static func pack32(
        _ values: UnsafePointer<Int64>, count: Int, base: Int64, width: Int,
        into words: UnsafeMutablePointer<UInt32>
    ) {
        var index = 0
        var step = 0
        while index < count {
            let bit = step &* width
            let shift = UInt32(truncatingIfNeeded: bit & 31)
            let row = words + (bit &>> 5) &* lanes32
            let lanes = min(lanes32, count &- index)
            let source = values + index
            for lane in 0..<lanes {
                row[lane] |= UInt32(truncatingIfNeeded: source[lane] &- base) &<< shift
            }
            if Int(shift) &+ width > 32 {
                let next = row + lanes32
                let back = 32 &- shift
                for lane in 0..<lanes {
                    next[lane] |= UInt32(truncatingIfNeeded: source[lane] &- base) &>> back
                }
            }
            index &+= lanes32
            step &+= 1
        }
    }

    /// Packs `count` values, each less `base` below 2^`width` (`width` in 1...64), into zeroed words.
    static func pack64(
        _ values: UnsafePointer<Int64>, count: Int, base: Int64, width: Int,
        into words: UnsafeMutablePointer<UInt64>
    ) {
        var index = 0
        var step = 0
        while index < count {
            let bit = step &* width
            let shift = UInt64(truncatingIfNeeded: bit & 63)
            let row = words + (bit &>> 6) &* lanes64
            let lanes = min(lanes64, count &- index)
            let source = values + index
            for lane in 0..<lanes {
                row[lane] |= UInt64(bitPattern: source[lane] &- base) &<< shift
            }
            if Int(shift) &+ width > 64 {
                let next = row + lanes64
                let back = 64 &- shift
                for lane in 0..<lanes {
                    next[lane] |= UInt64(bitPattern: source[lane] &- base) &>> back
                }
            }
            index &+= lanes64
            step &+= 1
        }
    }

    /// Writes `steps` times 64 values plus `base`; `output` has room for all of them.
    static func unpack32(
        _ words: UnsafePointer<UInt32>, steps: Int, width: Int, base: UInt32,
        into output: UnsafeMutablePointer<UInt32>
    ) {
        let mask: UInt32 = width == 32 ? ~0 : (1 &<< UInt32(truncatingIfNeeded: width)) &- 1
        for step in 0..<steps {
            let bit = step &* width
            let shift = UInt32(truncatingIfNeeded: bit & 31)
            let row = words + (bit &>> 5) &* lanes32
            let target = output + step &* lanes32
            if Int(shift) &+ width <= 32 {
                for lane in 0..<lanes32 { target[lane] = ((row[lane] &>> shift) & mask) &+ base }
            } else {
                let next = row + lanes32
                let back = 32 &- shift
                for lane in 0..<lanes32 {
                    target[lane] = (((row[lane] &>> shift) | (next[lane] &<< back)) & mask) &+ base
                }
            }
        }
    }

    /// The same into 64-bit values.
    static func unpack32Widening(
        _ words: UnsafePointer<UInt32>, steps: Int, width: Int, base: Int64,
        into output: UnsafeMutablePointer<Int64>
    ) {
        let mask: UInt32 = width == 32 ? ~0 : (1 &<< UInt32(truncatingIfNeeded: width)) &- 1
        for step in 0..<steps {
            let bit = step &* width
            let shift = UInt32(truncatingIfNeeded: bit & 31)
            let row = words + (bit &>> 5) &* lanes32
            let target = output + step &* lanes32
            if Int(shift) &+ width <= 32 {
                for lane in 0..<lanes32 {
                    target[lane] = Int64(truncatingIfNeeded: (row[lane] &>> shift) & mask) &+ base
                }
            } else {
                let next = row + lanes32
                let back = 32 &- shift
                for lane in 0..<lanes32 {
                    let value = ((row[lane] &>> shift) | (next[lane] &<< back)) & mask
                    target[lane] = Int64(truncatingIfNeeded: value) &+ base
                }
            }
        }
    }

    /// Writes `steps` times 32 values plus `base`; `output` has room for all of them.
    static func unpack64(
        _ words: UnsafePointer<UInt64>, steps: Int, width: Int, base: Int64,
        into output: UnsafeMutablePointer<Int64>
    ) {
        let mask: UInt64 = width == 64 ? ~0 : (1 &<< UInt64(truncatingIfNeeded: width)) &- 1
        for step in 0..<steps {
            let bit = step &* width
            let shift = UInt64(truncatingIfNeeded: bit & 63)
            let row = words + (bit &>> 6) &* lanes64
            let target = output + step &* lanes64
            if Int(shift) &+ width <= 64 {
                for lane in 0..<lanes64 {
                    target[lane] = Int64(bitPattern: (row[lane] &>> shift) & mask) &+ base
                }
            } else {
                let next = row + lanes64
                let back = 64 &- shift
                for lane in 0..<lanes64 {
                    let value = ((row[lane] &>> shift) | (next[lane] &<< back)) & mask
                    target[lane] = Int64(bitPattern: value) &+ base
                }
            }
        }
    }

    /// One value out of a packed vector, without its base.
    static func value(_ words: UnsafeRawPointer, index: Int, width: Int, is64: Bool) -> UInt64 {
        let wordBits = is64 ? 64 : 32
        let lanes = is64 ? lanes64 : lanes32
        let bit = (index / lanes) &* width
        let shift = UInt64(truncatingIfNeeded: bit % wordBits)
        let wordIndex = (bit / wordBits) &* lanes &+ index % lanes
        let mask: UInt64 = width == 64 ? ~0 : (1 &<< UInt64(truncatingIfNeeded: width)) &- 1
        let crosses = Int(shift) &+ width > wordBits
        if is64 {
            let typed = words.assumingMemoryBound(to: UInt64.self)
            let low = typed[wordIndex] &>> shift
            return (crosses ? low | (typed[wordIndex &+ lanes] &<< (64 &- shift)) : low) & mask
        }
        let typed = words.assumingMemoryBound(to: UInt32.self)
        let low = UInt64(typed[wordIndex]) &>> shift
        return (crosses ? low | (UInt64(typed[wordIndex &+ lanes]) &<< (32 &- shift)) : low) & mask
    }
}
