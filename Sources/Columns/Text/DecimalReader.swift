extension TextReader {
    /// The unscaled integer of a decimal at `scale`, rounded half away from zero; exponents are understood.
    ///
    /// - Throws: `.malformed`; `.outOfRange` when more than `precision` digits remain.
    public static func decimal(
        _ bytes: UnsafeBufferPointer<UInt8>, precision: Int, scale: Int
    ) throws(TextReadingError) -> Int128 {
        let exact = try exactDecimal(bytes)
        guard let value = DecimalMath.rescale(exact.unscaled, from: exact.scale, to: scale),
            DecimalMath.fits(value, precision: precision)
        else { throw .outOfRange }
        return value
    }

    /// A decimal with all of its digits: `unscaled` × 10^-`scale`, scale 0...38 (digits beyond are rounded
    /// away).
    public static func exactDecimal(
        _ bytes: UnsafeBufferPointer<UInt8>
    ) throws(TextReadingError) -> (unscaled: Int128, scale: Int) {
        var slice = trimmed(bytes)
        var negative = false
        if let sign = slice.first, sign == 45 || sign == 43 {
            negative = sign == 45
            slice = slice.dropFirst()
        }
        var exponent = 0
        if let mark = slice.firstIndex(where: { $0 | 0x20 == 101 }) {
            let digits = Array(slice[(mark + 1)...])
            guard !digits.isEmpty, digits.count <= 6, let value = Int(String(decoding: digits, as: UTF8.self))
            else {
                throw .malformed
            }
            exponent = value
            slice = slice[..<mark]
        }
        let read = try digits(slice, exponent: exponent)
        return (negative ? -read.unscaled : read.unscaled, read.scale)
    }

    private static func digits(
        _ slice: Slice<UnsafeBufferPointer<UInt8>>, exponent: Int
    ) throws(TextReadingError) -> (unscaled: Int128, scale: Int) {
        var value: Int128 = 0
        var scale = 0
        var digitCount = 0
        var pointSeen = false
        var roundUp = false
        var dropped = 0
        for byte in slice {
            if byte == 46, !pointSeen {
                pointSeen = true
                continue
            }
            guard byte >= 48, byte <= 57 else { throw .malformed }
            digitCount += 1
            if value >= DecimalMath.powerOfTen(37) {
                guard pointSeen else { throw .outOfRange }
                if dropped == 0 { roundUp = byte >= 53 }
                dropped += 1
                continue
            }
            value = value * 10 + Int128(byte - 48)
            if pointSeen { scale += 1 }
        }
        guard digitCount > 0 else { throw .malformed }
        if roundUp { value += 1 }
        scale -= exponent
        if scale < 0 {
            guard scale >= -38, let scaled = DecimalMath.rescale(value, from: 0, to: -scale) else {
                if value == 0 { return (0, 0) }
                throw .outOfRange
            }
            return (scaled, 0)
        }
        if scale > 38 { return (DecimalMath.rescale(value, from: scale, to: 38) ?? 0, 38) }
        return (value, scale)
    }
}
