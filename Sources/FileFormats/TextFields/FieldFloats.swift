import Columns
import Glibc

/// Floating-point numbers from text, exactly rounded.
///
/// Source: Clinger, "How to Read Floating Point Numbers Accurately", PLDI 1990: an integer and a power of ten
/// that are both exact as doubles give the right result with one division.
enum FieldFloats {
    /// The largest power of ten that a float holds exactly; fractions here are below the 22 of a double.
    private static let exactFloatPowerMax = 10

    /// Numbers of up to 16 digits and a point without an exponent; nil sends the text to `generalDouble`.
    @inline(__always) static func double(_ text: UnsafePointer<UInt8>, _ count: Int) -> Double? {
        let isNegative = count > 0 && text[0] == 45
        let sign = isNegative ? 1 : 0
        guard let (number, fraction) = DigitRun.unscaled(text + sign, count &- sign),
            number <= 1 &<< 53
        else { return nil }
        let value = Double(number) / powerOfTen(fraction)
        return isNegative ? -value : value
    }

    @inline(__always) static func float(_ text: UnsafePointer<UInt8>, _ count: Int) -> Float? {
        let isNegative = count > 0 && text[0] == 45
        let sign = isNegative ? 1 : 0
        guard let (number, fraction) = DigitRun.unscaled(text + sign, count &- sign),
            number <= 1 &<< 24, fraction <= exactFloatPowerMax
        else { return nil }
        let value = Float(number) / Float(powerOfTen(fraction))
        return isNegative ? -value : value
    }

    /// 10^`exponent` for 0...15.
    @inline(__always) private static func powerOfTen(_ exponent: Int) -> Double {
        var power = 1.0
        var base = 10.0
        var rest = exponent
        while rest != 0 {
            if rest & 1 != 0 { power *= base }
            base *= base
            rest &>>= 1
        }
        return power
    }

    static func generalDouble(_ bytes: UnsafeBufferPointer<UInt8>) throws(TextReadingError) -> Double {
        try number(bytes, { strtod($0, nil) }, whole: TextReader.double)
    }

    static func generalFloat(_ bytes: UnsafeBufferPointer<UInt8>) throws(TextReadingError) -> Float {
        try number(
            bytes, { strtof($0, nil) },
            whole: { (bytes) throws(TextReadingError) in Float(try TextReader.double(bytes)) })
    }

    private static let copiedBytesMax = 63

    /// Lets the C library read what has the shape of a number and `whole` everything else: words, spaces.
    private static func number<Number: BinaryFloatingPoint>(
        _ bytes: UnsafeBufferPointer<UInt8>, _ read: (UnsafePointer<CChar>) -> Number,
        whole: (UnsafeBufferPointer<UInt8>) throws(TextReadingError) -> Number
    ) throws(TextReadingError) -> Number {
        var value: Number
        if bytes.count <= copiedBytesMax && isNumber(bytes) {
            value = withUnsafeTemporaryAllocation(of: CChar.self, capacity: copiedBytesMax + 1) { copy in
                for (index, byte) in bytes.enumerated() { copy[index] = CChar(bitPattern: byte) }
                copy[bytes.count] = 0
                return copy.baseAddress.map { read(UnsafePointer($0)) } ?? 0
            }
        } else {
            value = try whole(bytes)
            if value.isInfinite && bytes.contains(where: { $0 >= 48 && $0 <= 57 }) { throw .outOfRange }
            return value
        }
        // What is too small for the type reads as 0, which PostgreSQL refuses too.
        if value.isInfinite || value == 0 && hasDigitBeforeExponent(bytes) { throw .outOfRange }
        return value
    }

    private static func hasDigitBeforeExponent(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        for byte in bytes {
            if byte | 0x20 == 101 { return false }
            if byte >= 49 && byte <= 57 { return true }
        }
        return false
    }

    /// Whether the bytes are `[+-]digits[.digits][e[+-]digits]` with a digit before the exponent.
    private static func isNumber(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        func digits() -> Int {
            let start = index
            while index < bytes.count, bytes[index] >= 48, bytes[index] <= 57 { index += 1 }
            return index - start
        }
        func sign() { if index < bytes.count, bytes[index] == 43 || bytes[index] == 45 { index += 1 } }
        sign()
        var digitCount = digits()
        if index < bytes.count, bytes[index] == 46 {
            index += 1
            digitCount += digits()
        }
        guard digitCount > 0 else { return false }
        if index < bytes.count, bytes[index] | 0x20 == 101 {
            index += 1
            sign()
            guard digits() > 0 else { return false }
        }
        return index == bytes.count
    }
}
