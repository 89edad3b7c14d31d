import CIntrinsics

/// Checks whole runs of text for UTF-8 without the byte 0, which no value may hold.
enum TextCheck {
    /// The offset of the first byte that is 0 or begins no legal sequence; nil when there is none. Up to 64
    /// bytes behind `end` are read and not judged.
    static func firstFault(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int? {
        var position = start
        while position < end {
            let rest = end &- position
            let inside: UInt64 = rest >= 64 ? ~0 : (1 &<< UInt64(truncatingIfNeeded: rest)) &- 1
            let zeros = ambar_equal_bits64(bytes + position, 0) & inside
            let high = ambar_high_bits64(bytes + position) & inside
            if zeros | high == 0 {
                position &+= 64
                continue
            }
            let firstZero = zeros == 0 ? Int.max : position &+ zeros.trailingZeroBitCount
            if high == 0 { return firstZero }
            // Sequences are followed to the end of the run of high bytes, which may lie behind this block.
            var next = position &+ high.trailingZeroBitCount
            let blockEnd = position &+ 64
            while next < end && next < blockEnd {
                if bytes[next] < 0x80 {
                    next &+= 1
                    continue
                }
                let length = UTF8Check.characterLength(bytes + next, left: end &- next)
                if length == 0 { return min(firstZero, next) }
                next &+= length
            }
            if firstZero != Int.max { return firstZero }
            position = max(blockEnd, next)
        }
        return nil
    }
}
