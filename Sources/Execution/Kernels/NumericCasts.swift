import Columns

/// Conversions between numeric types. Fractions are rounded: exact ones half away from zero, floating point
/// ones half to even.
enum NumericCasts {
    static func kernel(from source: DataType, to target: DataType) -> ScalarKernel {
        switch source {
        case .smallint: fromInteger(Int16.self, target)
        case .integer: fromInteger(Int32.self, target)
        case .bigint: fromInteger(Int64.self, target)
        case .decimal:
            source.physical == .int64
                ? fromDecimal(Int64.self, source, target) : fromDecimal(Int128.self, source, target)
        case .real: fromFloat(Float.self, target)
        case .doublePrecision: fromFloat(Double.self, target)
        default:
            { (_) throws(ExecutionError) in
                throw .unsupported(feature: "conversion of \(source.sqlName) to \(target.sqlName)")
            }
        }
    }

    @inline(__always)
    private static func fromInteger<Source: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
        _: Source.Type, _ target: DataType
    ) -> ScalarKernel {
        let error = ExecutionError.numericOverflow(type: target)
        return switch target {
        case .smallint: toInteger(Source.self, Int16.self, error)
        case .integer: toInteger(Source.self, Int32.self, error)
        case .bigint: toInteger(Source.self, Int64.self, error)
        case .real:
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Source.self, Float.self, error: error) { (Float($0), false) }
            }
        case .doublePrecision:
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Source.self, Double.self, error: error) { (Double($0), false) }
            }
        case .decimal(let precision, let scale):
            target.physical == .int64
                ? toDecimal(Source.self, Int64.self, precision, scale, error)
                : toDecimal(Source.self, Int128.self, precision, scale, error)
        default:
            { (_) throws(ExecutionError) in
                throw .unsupported(feature: "conversion to \(target.sqlName)")
            }
        }
    }

    @inline(__always)
    private static func toInteger<
        Source: FixedWidthInteger & BitwiseCopyable, Target: FixedWidthInteger & BitwiseCopyable
    >(_: Source.Type, _: Target.Type, _ error: ExecutionError) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            try RowLoop.map(call, Source.self, Target.self, error: error) { value in
                let narrow = Target(truncatingIfNeeded: value)
                return (narrow, Source(truncatingIfNeeded: narrow) != value)
            }
        }
    }

    @inline(__always)
    private static func toDecimal<
        Source: FixedWidthInteger & SignedInteger & BitwiseCopyable, Word: DecimalWord
    >(_: Source.Type, _: Word.Type, _ precision: Int, _ scale: Int, _ error: ExecutionError) -> ScalarKernel {
        let factor = Word(truncatingIfNeeded: DecimalMath.powerOfTen(scale))
        // The greatest magnitude whose digits fit before the point.
        let bound = DecimalMath.powerOfTen(precision - scale) - 1
        let limit = Int64(clamping: bound)
        return { (call) throws(ExecutionError) in
            try RowLoop.map(call, Source.self, Word.self, error: error) { value in
                let wide = Int64(truncatingIfNeeded: value)
                return (Word(truncatingIfNeeded: wide) &* factor, wide > limit || wide < 0 &- limit)
            }
        }
    }

    @inline(__always) private static func fromDecimal<Word: DecimalWord>(
        _: Word.Type, _ source: DataType, _ target: DataType
    ) -> ScalarKernel {
        let error = ExecutionError.numericOverflow(type: target)
        let scale = source.scale
        return switch target {
        case .decimal(let precision, let newScale):
            target.physical == .int64
                ? rescaled(Word.self, Int64.self, scale, precision, newScale, error)
                : rescaled(Word.self, Int128.self, scale, precision, newScale, error)
        case .smallint: wholeNumber(Word.self, Int16.self, scale, error)
        case .integer: wholeNumber(Word.self, Int32.self, scale, error)
        case .bigint: wholeNumber(Word.self, Int64.self, scale, error)
        case .real:
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Word.self, Float.self, error: error) {
                    (Float(DecimalMath.double($0.wide, scale: scale)), false)
                }
            }
        default:
            { (call) throws(ExecutionError) in
                // Both sides of the quotient are exact then, and it is rounded once.
                let isExact = scale <= DecimalMath.exactPowerMax
                let divisor = Double(DecimalMath.powerOfTen(scale))
                return try RowLoop.map(call, Word.self, Double.self, error: error) { value in
                    if isExact, value.magnitude <= 1 << 53 { return (Double(value) / divisor, false) }
                    return (DecimalMath.double(value.wide, scale: scale), false)
                }
            }
        }
    }

    @inline(__always) private static func rescaled<Word: DecimalWord, Target: DecimalWord>(
        _: Word.Type, _: Target.Type, _ scale: Int, _ precision: Int, _ newScale: Int, _ error: ExecutionError
    ) -> ScalarKernel {
        let limit = DecimalMath.powerOfTen(precision)
        return { (call) throws(ExecutionError) in
            try RowLoop.map(call, Word.self, Target.self, error: error) { value in
                let moved = DecimalMath.rescale(value.wide, from: scale, to: newScale) ?? limit
                return (Target(truncatingIfNeeded: moved), moved >= limit || moved <= -limit)
            }
        }
    }

    @inline(__always)
    private static func wholeNumber<
        Word: DecimalWord, Target: FixedWidthInteger & BitwiseCopyable
    >(_: Word.Type, _: Target.Type, _ scale: Int, _ error: ExecutionError) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            try RowLoop.map(call, Word.self, Target.self, error: error) { value in
                let whole = DecimalMath.rescale(value.wide, from: scale, to: 0) ?? 0
                let narrow = Target(truncatingIfNeeded: whole)
                return (narrow, Int128(truncatingIfNeeded: narrow) != whole)
            }
        }
    }

    @inline(__always) private static func fromFloat<Source: BinaryFloatingPoint & BitwiseCopyable>(
        _: Source.Type, _ target: DataType
    ) -> ScalarKernel {
        let error = ExecutionError.numericOverflow(type: target)
        return switch target {
        case .smallint: rounded(Source.self, Int16.self, error)
        case .integer: rounded(Source.self, Int32.self, error)
        case .bigint: rounded(Source.self, Int64.self, error)
        case .decimal(let precision, let scale):
            { (call) throws(ExecutionError) in
                let values = call.reader(0, as: Source.self)
                let builder = VectorBuilder(type: target, capacity: max(1, call.count))
                for row in 0..<call.count {
                    guard call.isValid(row) else {
                        builder.appendNull()
                        continue
                    }
                    let unscaled = try decimal(
                        Double(values[row]), Source.self == Float.self, precision, scale, error)
                    builder.append(.decimal(unscaled: unscaled, scale: scale))
                }
                return builder.finish()
            }
        case .real:
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Source.self, Float.self, error: error) { value in
                    let narrow = Float(value)
                    return (narrow, narrow.isInfinite && !value.isInfinite)
                }
            }
        default:
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Source.self, Double.self, error: error) { (Double($0), false) }
            }
        }
    }

    @inline(__always)
    private static func rounded<
        Source: BinaryFloatingPoint & BitwiseCopyable, Target: FixedWidthInteger & BitwiseCopyable
    >(_: Source.Type, _: Target.Type, _ error: ExecutionError) -> ScalarKernel {
        // Both bounds are powers of two, exact in floating point.
        let low = Source(Target.min)
        let high = 0 - low
        return { (call) throws(ExecutionError) in
            try RowLoop.map(call, Source.self, Target.self, error: error) { value in
                let whole = value.rounded(.toNearestOrEven)
                let fits = whole >= low && whole < high
                return (fits ? Target(whole) : 0, !fits)
            }
        }
    }

    /// As PostgreSQL: the 15 (REAL: 6) significant digits of the number, rounded to the scale.
    private static func decimal(
        _ value: Double, _ isSingle: Bool, _ precision: Int, _ scale: Int, _ error: ExecutionError
    ) throws(ExecutionError) -> Int128 {
        guard value.isFinite else { throw error }
        if value == 0 { return 0 }
        let digits = SignificantDigits(value, count: isSingle ? 6 : 15)
        guard digits.exponent <= 38 else { throw error }
        guard digits.exponent >= -60 else { return 0 }
        let unscaled = DecimalMath.rescale(digits.digits, from: max(0, -digits.exponent), to: scale)
        let scaled =
            digits.exponent <= 0
            ? unscaled : DecimalMath.rescale(digits.digits, from: 0, to: scale + digits.exponent)
        guard let scaled, DecimalMath.fits(scaled, precision: precision) else { throw error }
        return value < 0 ? -scaled : scaled
    }
}

/// The leading decimal digits of a positive or negative number: its magnitude is about `digits` ×
/// 10^`exponent`.
struct SignificantDigits {
    private(set) var digits: Int128 = 0
    private(set) var exponent = 0

    /// Rounds the shortest exact text of the number to `count` digits.
    init(_ value: Double, count: Int) {
        let buffer = TextBuffer(capacity: 64)
        buffer.append(double: value.magnitude)
        var seenPoint = false
        var taken = 0
        var roundsUp = false
        var position = 0
        let bytes = Array(buffer.bytes)
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == 46 {
                seenPoint = true
                continue
            }
            if byte == 101 {
                exponent += Int(String(decoding: bytes[position...], as: UTF8.self)) ?? 0
                break
            }
            guard byte >= 48, byte <= 57 else { continue }
            if taken < count {
                digits = digits * 10 + Int128(byte - 48)
                if digits > 0 { taken += 1 }
                if seenPoint { exponent -= 1 }
            } else {
                if taken == count { roundsUp = byte >= 53 }
                taken += 1
                if !seenPoint { exponent += 1 }
            }
        }
        if roundsUp { digits += 1 }
    }
}
