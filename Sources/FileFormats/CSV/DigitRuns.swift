/// Numbers out of runs of ASCII digits, eight digits at a time.
///
/// Source: Johnny Lee, "Fast numeric string to int", 2016 (digits in one word by three multiplications).
enum DigitRuns {
    /// The most digits that `number` takes.
    static let countMax = 16

    /// The number that the `count` (1...16) bytes before `end` stand for; `bad` gets bits when one of them is
    /// no digit. Reads up to 16 bytes before `end`, whatever `count` is.
    @inline(__always)
    static func number(before end: UnsafePointer<UInt8>, count: Int, bad: inout UInt64) -> Int64 {
        if count <= 8 { return Int64(bitPattern: eight(end - 8, count: count, bad: &bad)) }
        let high = eight(end - 16, count: count &- 8, bad: &bad)
        let low = eight(end - 8, count: 8, bad: &bad)
        return Int64(bitPattern: high &* 100_000_000 &+ low)
    }

    /// The last `count` (1...8) of eight bytes.
    @inline(__always)
    private static func eight(_ bytes: UnsafePointer<UInt8>, count: Int, bad: inout UInt64) -> UInt64 {
        let shift = UInt64(truncatingIfNeeded: 64 &- 8 &* count)
        let zeros: UInt64 = 0x3030_3030_3030_3030
        let loaded = UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self)
        // Bytes in front of the digits become zeros.
        let keep: UInt64 = ~0 &<< shift
        var word = ((loaded & keep) | (zeros & ~keep)) &- zeros
        bad |= ((word &+ 0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080
        word = (word &* 10) &+ (word &>> 8)
        word =
            ((word & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064)
            &+ (((word &>> 16) & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001)
        return word &>> 32
    }

    static let powersOfTen: [Int64] = (0...18).map { exponent in
        (0..<exponent).reduce(Int64(1)) { power, _ in power * 10 }
    }
}
