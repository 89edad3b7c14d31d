/// A decimal number with all the digits it was sent with: coefficient × 10^exponent.
///
/// Money and quantities of the API are floating numbers in JSON; as text they are exact, as `Double` they
/// are not.
public struct ExactDecimal: Sendable, Hashable {
    // Invariants: zero has exponent 0; the coefficient of any other number does not end in the digit 0; so
    // equal numbers have equal fields.
    /// The digits with the sign.
    public let coefficient: Int128
    /// The power of ten.
    public let exponent: Int

    /// Zero.
    public static let zero = ExactDecimal(0)

    private static let exponentMax = 400

    /// A whole number.
    public init(_ value: Int64) {
        self.init(coefficient: Int128(value), exponent: 0)
    }

    /// coefficient × 10^exponent.
    public init(coefficient: Int128, exponent: Int) {
        var digits = coefficient
        var power = exponent
        while digits != 0, digits % 10 == 0 {
            digits /= 10
            power += 1
        }
        self.coefficient = digits
        self.exponent = digits == 0 ? 0 : power
    }

    /// Reads a number as JSON writes it, such as `-12.50` or `3.13e+17`; nil if it is none, if it has more
    /// than 37 digits, or if its exponent is beyond ±400.
    public init?(_ text: some Collection<UInt8>) {
        var digits: Int128 = 0
        var digitCount = 0
        var fraction = 0
        var sawPoint = false
        var isNegative = false
        var power: Int?
        var powerIsNegative = false
        var anyDigit = false
        for (place, byte) in text.enumerated() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let digit = Int(byte - UInt8(ascii: "0"))
                if let known = power {
                    guard known < 10_000 else { return nil }
                    power = known * 10 + digit
                    continue
                }
                anyDigit = true
                if digitCount > 0 || digit > 0 { digitCount += 1 }
                guard digitCount <= 37 else { return nil }
                digits = digits * 10 + Int128(digit)
                if sawPoint { fraction += 1 }
            case UInt8(ascii: "-") where place == 0: isNegative = true
            case UInt8(ascii: "-") where power == 0: powerIsNegative = true
            case UInt8(ascii: "+") where power == 0: continue
            case UInt8(ascii: ".") where !sawPoint && power == nil: sawPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard power == nil, anyDigit else { return nil }
                power = 0
            default: return nil
            }
        }
        guard anyDigit else { return nil }
        let shift = (powerIsNegative ? -(power ?? 0) : power ?? 0) - fraction
        guard abs(shift) <= Self.exponentMax else { return nil }
        self.init(coefficient: isNegative ? -digits : digits, exponent: shift)
    }

    /// The number in units of 10^-scale, rounded half away from zero; nil if it does not fit.
    public func units(scale: Int) -> Int64? {
        let shift = exponent + scale
        if shift >= 0 {
            guard coefficient != 0 else { return 0 }
            guard shift <= 18 else { return nil }
            let (product, overflow) = coefficient.multipliedReportingOverflow(by: Self.powerOfTen(shift))
            return overflow ? nil : Int64(exactly: product)
        }
        guard -shift <= 38 else { return 0 }
        return Int64(exactly: Self.divideRounding(coefficient, byPowerOfTen: -shift))
    }

    /// The number if it is whole and fits.
    public var wholeNumber: Int64? {
        exponent < 0 ? nil : units(scale: 0)
    }

    /// The product: exact up to 38 digits; beyond them the last digits of the longer factor are rounded away.
    public static func * (left: ExactDecimal, right: ExactDecimal) -> ExactDecimal {
        var (first, second) = (left, right)
        while true {
            let (product, overflow) = first.coefficient.multipliedReportingOverflow(by: second.coefficient)
            if !overflow {
                return ExactDecimal(coefficient: product, exponent: first.exponent + second.exponent)
            }
            if first.coefficient.magnitude >= second.coefficient.magnitude {
                first = first.withoutLastDigit
            } else {
                second = second.withoutLastDigit
            }
        }
    }

    /// The sum; nil if it takes more than 38 digits.
    public static func + (left: ExactDecimal, right: ExactDecimal) -> ExactDecimal? {
        let exponent = min(left.exponent, right.exponent)
        guard let first = left.coefficient(atExponent: exponent),
            let second = right.coefficient(atExponent: exponent)
        else { return nil }
        let (sum, overflow) = first.addingReportingOverflow(second)
        return overflow ? nil : ExactDecimal(coefficient: sum, exponent: exponent)
    }

    /// The same number with the other sign.
    public static prefix func - (value: ExactDecimal) -> ExactDecimal {
        ExactDecimal(coefficient: -value.coefficient, exponent: value.exponent)
    }

    /// The number moved by so many decimal places: positive makes it larger.
    public func shifted(by places: Int) -> ExactDecimal {
        ExactDecimal(coefficient: coefficient, exponent: coefficient == 0 ? 0 : exponent + places)
    }

    private var withoutLastDigit: ExactDecimal {
        ExactDecimal(coefficient: Self.divideRounding(coefficient, byPowerOfTen: 1), exponent: exponent + 1)
    }

    private func coefficient(atExponent other: Int) -> Int128? {
        guard coefficient != 0 else { return 0 }
        guard exponent - other <= 38 else { return nil }
        let (product, overflow) = coefficient.multipliedReportingOverflow(
            by: Self.powerOfTen(exponent - other))
        return overflow ? nil : product
    }

    /// Rounds half away from zero. The power is in 1...38.
    private static func divideRounding(_ dividend: Int128, byPowerOfTen power: Int) -> Int128 {
        let divisor = powerOfTen(power)
        let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
        guard remainder.magnitude >= divisor.magnitude - remainder.magnitude else { return quotient }
        return quotient + (dividend < 0 ? -1 : 1)
    }

    private static func powerOfTen(_ power: Int) -> Int128 {
        var result: Int128 = 1
        for _ in 0..<power { result *= 10 }
        return result
    }
}

extension ExactDecimal: CustomStringConvertible {
    /// The number in plain digits with an exponent only where zeros would follow, such as `12.5` or `3e+40`.
    public var description: String {
        guard exponent != 0 else { return String(coefficient) }
        if exponent > 0 {
            return exponent <= 20 ? String(coefficient) + zeros(exponent) : "\(coefficient)e+\(exponent)"
        }
        let digits = String(coefficient.magnitude)
        let sign = coefficient < 0 ? "-" : ""
        guard digits.count <= -exponent else {
            return sign + digits.dropLast(-exponent) + "." + digits.suffix(-exponent)
        }
        return sign + "0." + zeros(-exponent - digits.count) + digits
    }

    private func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
}
