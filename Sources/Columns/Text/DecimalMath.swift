/// Exact arithmetic on the unscaled integers of decimals.
public enum DecimalMath {
    /// The scale of exact quotients and averages: PostgreSQL's digits for them, which depend on the value,
    /// are at most these for values of at least 10^-4.
    public static let quotientScale = 20

    private static let powers: [Int128] = {
        var powers: [Int128] = [1]
        for _ in 0..<38 { powers.append(powers[powers.count - 1] * 10) }
        return powers
    }()

    /// 10^`exponent`, for 0...38.
    public static func powerOfTen(_ exponent: Int) -> Int128 {
        precondition(exponent >= 0 && exponent <= 38, "a decimal has at most 38 digits")
        return powers[exponent]
    }

    /// `unscaled` × 10^-`scale` at another scale, rounded half away from zero; nil when it no longer fits 128
    /// bits.
    public static func rescale(_ unscaled: Int128, from scale: Int, to target: Int) -> Int128? {
        if target == scale { return unscaled }
        if target > scale {
            guard target - scale <= 38 else { return unscaled == 0 ? 0 : nil }
            let (result, overflow) = unscaled.multipliedReportingOverflow(by: powerOfTen(target - scale))
            return overflow ? nil : result
        }
        guard scale - target <= 38 else { return 0 }
        return divideRounding(unscaled, by: powerOfTen(scale - target))
    }

    /// `numerator` / `divisor` rounded half away from zero. The divisor is positive and below 2^126.
    public static func divideRounding(_ numerator: Int128, by divisor: Int128) -> Int128 {
        let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: divisor)
        if remainder.magnitude >= divisor.magnitude - remainder.magnitude {
            return quotient + (numerator < 0 ? -1 : 1)
        }
        return quotient
    }

    /// The greatest power of ten that floating point has exactly.
    public static let exactPowerMax = 22

    /// The floating point number nearest to `unscaled` × 10^-`scale`; of two equally near ones the even one.
    ///
    /// `scale` is 0...38. About a nanosecond where both are small, else a division of 256 by 128 bits.
    public static func double(_ unscaled: Int128, scale: Int) -> Double {
        let divisor = powerOfTen(scale)
        if scale <= exactPowerMax, unscaled.magnitude <= 1 << 53 {
            return Double(Int64(truncatingIfNeeded: unscaled)) / Double(divisor)
        }
        if unscaled == 0 { return 0 }
        // With its highest bit set the number is at least the divisor: the quotient has 128 bits and more.
        let shift = unscaled.magnitude.leadingZeroBitCount
        let number = unscaled.magnitude << UInt128(shift)
        let (whole, rest) = number.quotientAndRemainder(dividingBy: divisor.magnitude)
        let (fraction, remainder) = divisor.magnitude.dividingFullWidth((rest, 0))
        // The quotient's leading 64 bits; the last of them also tells whether anything follows.
        let bits = 128 - whole.leadingZeroBitCount
        var leading: UInt128
        var hasMore = remainder != 0
        if bits >= 64 {
            leading = whole >> UInt128(bits - 64)
            hasMore = hasMore || fraction != 0 || leading << UInt128(bits - 64) != whole
        } else {
            leading = whole << UInt128(64 - bits) | fraction >> UInt128(64 + bits)
            hasMore = hasMore || fraction << UInt128(64 - bits) != 0
        }
        if hasMore { leading |= 1 }
        let magnitude = Double(
            sign: .plus, exponent: bits - 64 - shift,
            significand: Double(UInt64(truncatingIfNeeded: leading)))
        return unscaled < 0 ? -magnitude : magnitude
    }

    /// Whether `unscaled` has at most `precision` digits.
    public static func fits(_ unscaled: Int128, precision: Int) -> Bool {
        unscaled.magnitude < powerOfTen(precision).magnitude
    }
}
