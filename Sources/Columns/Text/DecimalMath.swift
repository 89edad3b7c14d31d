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

    /// Whether `unscaled` has at most `precision` digits.
    public static func fits(_ unscaled: Int128, precision: Int) -> Bool {
        unscaled.magnitude < powerOfTen(precision).magnitude
    }
}
