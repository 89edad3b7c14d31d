extension UTF8Check {
    /// Whether `count` bytes are UTF-8; a few instructions for short ASCII. Up to 8 bytes behind them must be
    /// readable, what they hold does not matter.
    @inline(__always)
    static func isValid(_ start: UnsafeRawPointer, count: Int) -> Bool {
        var position = 0
        while position < count {
            var word = start.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let rest = count &- position
            if rest < 8 { word &= (1 &<< UInt64(truncatingIfNeeded: rest &* 8)) &- 1 }
            if word & 0x8080_8080_8080_8080 != 0 {
                return firstFault(start.assumingMemoryBound(to: UInt8.self), count) == nil
            }
            position &+= 8
        }
        return true
    }
}
