/// Numbers of 16 bits (IEEE 754 binary16), which not every CPU's Swift has a type for.
enum HalfPrecision {
    static func float(fromBits bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10) & 0x1F
        let fraction = UInt32(bits & 0x3FF)
        if exponent == 0x1F { return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13) }
        if exponent != 0 { return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13) }
        // Subnormal: fraction × 2^-24.
        let size = Float(fraction) * 0x1p-24
        return sign == 0 ? size : -size
    }
}
