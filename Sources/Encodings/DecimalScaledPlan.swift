import Columns

/// Turns floating-point numbers into whole numbers, scales and exceptions (`DecimalScaledEncoding`).
enum DecimalScaledPlan {
    /// Numbers of a vector that scales are tried on.
    private static let sampleCount = 32
    /// With more exceptions than this share of the rows, other forms are smaller.
    private static let exceptionShareMax = 0.3

    /// Scales `count` numbers: the whole numbers to `wholes`, the rest appended to the buffers. Numbers of
    /// float32 columns are given as doubles.
    ///
    /// - Returns: false when they are not decimal fractions often enough.
    ///
    /// About 3 ns a number, and 400 trials for each vector.
    static func encode(
        _ numbers: UnsafePointer<Double>, count: Int, isFloat32: Bool,
        wholes: UnsafeMutablePointer<Int64>, scales: RawBytes, positions: RawBytes, exceptions: RawBytes
    ) -> Bool {
        var exceptionTotal = 0
        for vector in 0..<PackedStream.vectorCount(rows: count) {
            let start = vector * DataChunk.capacity
            let length = min(DataChunk.capacity, count - start)
            let scale = bestScale(numbers + start, count: length, isFloat32: isFloat32)
            let first = exceptionTotal
            let (up, down) = DecimalScale.inverse(exponent: scale.exponent, factor: scale.factor)
            let (multiplier, fraction) = DecimalScale.multipliers(
                exponent: scale.exponent, factor: scale.factor)
            var last: Int64 = 0
            for row in 0..<length {
                let number = numbers[start + row]
                let whole = DecimalScale.whole(number, up, down)
                if isExact(number, whole, multiplier, fraction, isFloat32) {
                    last = whole
                } else {
                    positions.append(number: UInt16(row))
                    exceptions.append(number: number.bitPattern)
                    exceptionTotal += 1
                }
                // Exceptions widen no range.
                wholes[start + row] = last
            }
            scales.append(number: UInt8(scale.exponent))
            scales.append(number: UInt8(scale.factor))
            scales.append(number: UInt16(exceptionTotal - first))
            scales.append(number: UInt32(first))
            if Double(exceptionTotal) > Double(start + length) * exceptionShareMax { return false }
        }
        return true
    }

    @inline(__always) private static func isExact(
        _ number: Double, _ whole: Int64, _ multiplier: Double, _ fraction: Double, _ isFloat32: Bool
    ) -> Bool {
        guard whole < DecimalScale.wholeLimit && whole > -DecimalScale.wholeLimit else { return false }
        let back = DecimalScale.number(whole, multiplier, fraction)
        if isFloat32 { return Float(back).bitPattern == Float(number).bitPattern && !number.isNaN }
        return back.bitPattern == number.bitPattern
    }

    /// The scale with the smallest whole numbers and the fewest exceptions on a sample.
    private static func bestScale(
        _ numbers: UnsafePointer<Double>, count: Int, isFloat32: Bool
    ) -> (exponent: Int, factor: Int) {
        let sampled = min(count, sampleCount)
        var best = (exponent: 0, factor: 0)
        var bestBits = Int.max
        for exponent in stride(from: isFloat32 ? 10 : DecimalScaledEncoding.exponentMax, through: 0, by: -1) {
            for factor in stride(from: exponent, through: 0, by: -1) {
                let (up, down) = DecimalScale.inverse(exponent: exponent, factor: factor)
                let (multiplier, fraction) = DecimalScale.multipliers(exponent: exponent, factor: factor)
                var minimum = Int64.max
                var maximum = Int64.min
                var exceptionCount = 0
                for index in 0..<sampled {
                    let number = numbers[index * count / sampled]
                    let whole = DecimalScale.whole(number, up, down)
                    if isExact(number, whole, multiplier, fraction, isFloat32) {
                        minimum = min(minimum, whole)
                        maximum = max(maximum, whole)
                    } else {
                        exceptionCount += 1
                    }
                }
                let width = minimum <= maximum ? PackedStream.bitWidth(minimum, maximum) : 0
                let exceptionBits =
                    8 * (DecimalScaledEncoding.exceptionBytes + DecimalScaledEncoding.exceptionPositionBytes)
                let bits = sampled * width + exceptionCount * exceptionBits
                if bits < bestBits { (best, bestBits) = ((exponent, factor), bits) }
            }
        }
        return best
    }
}
