/// Tells whether bytes are UTF-8.
enum UTF8Check {
    /// Whether `count` bytes are UTF-8 without surrogates and overlong forms. Up to 8 bytes behind them must
    /// be readable; what they hold does not matter.
    @inline(__always)
    static func isValid(_ start: UnsafeRawPointer, count: Int) -> Bool {
        var position = 0
        while position < count {
            var word = start.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let rest = count &- position
            if rest < 8 { word &= (1 &<< UInt64(truncatingIfNeeded: rest &* 8)) &- 1 }
            if word & 0x8080_8080_8080_8080 != 0 { return isValidFrom(position, start, count) }
            position &+= 8
        }
        return true
    }

    /// The same for bytes of which the first `first` are ASCII.
    private static func isValidFrom(_ first: Int, _ start: UnsafeRawPointer, _ count: Int) -> Bool {
        let bytes = start.assumingMemoryBound(to: UInt8.self)
        var position = first
        while position < count {
            let lead = bytes[position]
            if lead < 0x80 {
                position &+= 1
                continue
            }
            let rest = count &- position
            if lead < 0xE0 {
                guard lead >= 0xC2, rest >= 2, isContinuation(bytes[position &+ 1]) else { return false }
                position &+= 2
            } else if lead < 0xF0 {
                guard rest >= 3, isContinuation(bytes[position &+ 1]), isContinuation(bytes[position &+ 2])
                else { return false }
                let second = bytes[position &+ 1]
                if lead == 0xE0 && second < 0xA0 || lead == 0xED && second > 0x9F { return false }
                position &+= 3
            } else {
                guard lead <= 0xF4, rest >= 4, isContinuation(bytes[position &+ 1]),
                    isContinuation(bytes[position &+ 2]), isContinuation(bytes[position &+ 3])
                else { return false }
                let second = bytes[position &+ 1]
                if lead == 0xF0 && second < 0x90 || lead == 0xF4 && second > 0x8F { return false }
                position &+= 4
            }
        }
        return true
    }

    @inline(__always) private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
