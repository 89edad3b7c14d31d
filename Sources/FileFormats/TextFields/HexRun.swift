/// Hexadecimal digits, eight at a time in one word.
enum HexRun {
    /// A uuid of 36 characters with its hyphens; nil when it is none. Reads 36 bytes.
    @inline(__always) static func uuid(_ bytes: UnsafePointer<UInt8>) -> UInt128? {
        guard bytes[8] == 45, bytes[13] == 45, bytes[18] == 45, bytes[23] == 45 else { return nil }
        let first = DigitRun.load(bytes)
        let second = joined(bytes + 9, bytes + 14)
        let third = joined(bytes + 19, bytes + 24)
        let fourth = DigitRun.load(bytes + 28)
        guard notHex(first) | notHex(second) | notHex(third) | notHex(fourth) == 0 else { return nil }
        let high = number(first) &<< 32 | number(second)
        let low = number(third) &<< 32 | number(fourth)
        return UInt128(high) &<< 64 | UInt128(low)
    }

    @inline(__always) private static func joined(
        _ first: UnsafePointer<UInt8>, _ second: UnsafePointer<UInt8>
    ) -> UInt64 {
        let low = UnsafeRawPointer(first).loadUnaligned(as: UInt32.self)
        let high = UnsafeRawPointer(second).loadUnaligned(as: UInt32.self)
        return UInt64(low) | UInt64(high) &<< 32
    }

    /// The highest bit of each byte that is no hexadecimal digit.
    @inline(__always) private static func notHex(_ word: UInt64) -> UInt64 {
        let tops: UInt64 = 0x8080_8080_8080_8080
        let low = word & ~tops
        let letters = low | 0x2020_2020_2020_2020
        // Adding 128 minus a bound sets the highest bit of the bytes that reach the bound.
        let isDigit = (low &+ 0x5050_5050_5050_5050) & ~(low &+ 0x4646_4646_4646_4646)
        let isLetter = (letters &+ 0x1F1F_1F1F_1F1F_1F1F) & ~(letters &+ 0x1919_1919_1919_1919)
        return (~(isDigit | isLetter) | word) & tops
    }

    /// The number that eight digits spell, the first of them the most significant.
    @inline(__always) private static func number(_ word: UInt64) -> UInt64 {
        let letters = word &>> 6 & 0x0101_0101_0101_0101
        var digits = (word & 0x0F0F_0F0F_0F0F_0F0F &+ letters &* 9).byteSwapped
        digits = (digits | digits &>> 4) & 0x00FF_00FF_00FF_00FF
        digits = (digits | digits &>> 8) & 0x0000_FFFF_0000_FFFF
        return (digits | digits &>> 16) & 0xFFFF_FFFF
    }
}
