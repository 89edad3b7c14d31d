/// Numbers from their digits, eight at a time in one word.
///
/// Every function may read 8 bytes from the start of each run of 8 digits, whatever the number's length.
/// Source: Langdale, Lemire, "Parsing Gigabytes of JSON per Second", VLDB Journal 2019.
enum DigitRun {
    private static let zeros: UInt64 = 0x3030_3030_3030_3030

    @inline(__always) static func load(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
        UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self)
    }

    /// Whether every byte of the word is at most 9.
    @inline(__always) static func areDigits(_ word: UInt64) -> Bool {
        ((word &+ 0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080 == 0
    }

    /// The number of eight digits 0...9, the first in the lowest byte.
    @inline(__always) static func value(_ word: UInt64) -> UInt64 {
        let pairs = word &* 10 &+ word &>> 8
        let mask: UInt64 = 0x0000_00FF_0000_00FF
        let first = (pairs & mask) &* 0x000F_4240_0000_0064
        let second = (pairs &>> 16 & mask) &* 0x0000_2710_0000_0001
        return (first &+ second) &>> 32
    }

    /// The digits of 1...8 bytes, leading zeros in front; `areDigits` refuses what other bytes give.
    @inline(__always) static func word(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
        (load(bytes) ^ zeros) &<< UInt64(truncatingIfNeeded: 64 &- count &* 8)
    }

    /// The number that 1...19 digits spell; nil for other bytes and lengths.
    @inline(__always) static func number(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64? {
        if count &- 1 < 8 {
            guard count > 0 else { return nil }
            let digits = word(bytes, count)
            return areDigits(digits) ? value(digits) : nil
        }
        guard count <= 19 else { return nil }
        let last = load(bytes + (count &- 8)) ^ zeros
        guard areDigits(last) else { return nil }
        if count <= 16 {
            let first = word(bytes, count &- 8)
            return areDigits(first) ? value(first) &* 100_000_000 &+ value(last) : nil
        }
        let first = word(bytes, count &- 16)
        let middle = load(bytes + (count &- 16)) ^ zeros
        guard areDigits(first), areDigits(middle) else { return nil }
        return value(first) &* 10_000_000_000_000_000 &+ value(middle) &* 100_000_000 &+ value(last)
    }

    /// A signed integer of up to 19 digits that fits 64 bits; nil for everything else.
    @inline(__always) static func integer(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
        guard count > 0 else { return nil }
        let isNegative = bytes[0] == 45
        let sign = isNegative ? 1 : 0
        guard let magnitude = number(bytes + sign, count &- sign), magnitude <= UInt64(Int64.max) else {
            return nil
        }
        let value = Int64(bitPattern: magnitude)
        return isNegative ? 0 &- value : value
    }

    /// Digits with at most one point among them, up to 16 bytes without a sign: the digits as a number and
    /// how many stand behind the point.
    @inline(__always) static func unscaled(
        _ bytes: UnsafePointer<UInt8>, _ count: Int
    ) -> (number: UInt64, fraction: Int)? {
        if count <= 8 {
            guard count > 0 else { return nil }
            let text = load(bytes) & (~0 &>> UInt64(truncatingIfNeeded: 64 &- count &* 8))
            let point = firstPoint(text)
            if point == 8 {
                let digits = word(bytes, count)
                return areDigits(digits) ? (value(digits), 0) : nil
            }
            guard count > 1 else { return nil }
            let before: UInt64 = (1 &<< UInt64(truncatingIfNeeded: point &* 8)) &- 1
            let joined = text & before | text &>> 8 & ~before
            let digits = (joined ^ zeros) &<< UInt64(truncatingIfNeeded: 64 &- (count &- 1) &* 8)
            return areDigits(digits) ? (value(digits), count &- 1 &- point) : nil
        }
        guard count <= 16 else { return nil }
        return unscaledOfTwoWords(bytes, count)
    }

    @inline(__always) private static func unscaledOfTwoWords(
        _ bytes: UnsafePointer<UInt8>, _ count: Int
    ) -> (number: UInt64, fraction: Int)? {
        let low = load(bytes)
        let high = load(bytes + 8) & (~0 &>> UInt64(truncatingIfNeeded: 128 &- count &* 8))
        var point = firstPoint(low)
        if point == 8 { point &+= firstPoint(high) }
        if point == 16 {
            return number(bytes, count).map { ($0, 0) }
        }
        let text = UInt128(high) &<< 64 | UInt128(low)
        let before: UInt128 = (1 &<< UInt128(truncatingIfNeeded: point &* 8)) &- 1
        let joined = text & before | text &>> 8 & ~before
        let allZeros = UInt128(zeros) &<< 64 | UInt128(zeros)
        let digits = (joined ^ allZeros) &<< UInt128(truncatingIfNeeded: 128 &- (count &- 1) &* 8)
        let first = UInt64(truncatingIfNeeded: digits)
        let last = UInt64(truncatingIfNeeded: digits &>> 64)
        guard areDigits(first), areDigits(last) else { return nil }
        return (value(first) &* 100_000_000 &+ value(last), count &- 1 &- point)
    }

    /// The index of the first byte `.`; 8 if there is none.
    @inline(__always) private static func firstPoint(_ word: UInt64) -> Int {
        let other = word ^ 0x2E2E_2E2E_2E2E_2E2E
        let zeroes = (other &- 0x0101_0101_0101_0101) & ~other & 0x8080_8080_8080_8080
        return zeroes.trailingZeroBitCount &>> 3
    }
}
