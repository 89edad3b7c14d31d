import Columns

/// Conversions of constants at planning time.
enum ConstantConversion {
    /// The same value in another type; nil where that is not exact, or where only the executor knows.
    static func convert(_ value: Value, to type: DataType) -> Value? {
        if value.isNull { return .null }
        switch type {
        case .smallint: return wholeNumber(value).flatMap { Int16(exactly: $0) }.map { .smallint($0) }
        case .integer: return wholeNumber(value).flatMap { Int32(exactly: $0) }.map { .integer($0) }
        case .bigint: return wholeNumber(value).flatMap { Int64(exactly: $0) }.map { .bigint($0) }
        case .decimal(let precision, let scale): return decimal(value, precision: precision, scale: scale)
        case .doublePrecision: return double(value).map { .doublePrecision($0) }
        case .timestamp:
            if case .timestampTZ(let time) = value { return .timestamp(time) }
            guard case .date(let days) = value else { return nil }
            let (time, overflow) = Int64(days).multipliedReportingOverflow(
                by: CivilCalendar.microsecondsPerDay)
            return overflow ? nil : .timestamp(time)
        case .timestampTZ:
            guard case .timestamp(let time) = value else { return nil }
            return .timestampTZ(time)
        case .boolean, .real, .date, .interval, .text, .uuid, .json, .time, .array: return nil
        }
    }

    /// The unscaled integer and scale of an exact number.
    static func exact(_ value: Value) -> (unscaled: Int128, scale: Int)? {
        switch value {
        case .smallint(let number): (Int128(number), 0)
        case .integer(let number): (Int128(number), 0)
        case .bigint(let number): (Int128(number), 0)
        case .decimal(let unscaled, let scale): (unscaled, scale)
        default: nil
        }
    }

    private static func wholeNumber(_ value: Value) -> Int128? {
        guard let (unscaled, scale) = exact(value) else { return nil }
        let divisor = DecimalMath.powerOfTen(min(max(scale, 0), 38))
        return unscaled % divisor == 0 ? unscaled / divisor : nil
    }

    private static func decimal(_ value: Value, precision: Int, scale: Int) -> Value? {
        guard let (unscaled, own) = exact(value),
            let scaled = DecimalMath.rescale(unscaled, from: own, to: scale),
            DecimalMath.fits(scaled, precision: precision)
        else { return nil }
        if own > scale, DecimalMath.rescale(scaled, from: scale, to: own) != unscaled { return nil }
        return .decimal(unscaled: scaled, scale: scale)
    }

    private static func double(_ value: Value) -> Double? {
        switch value {
        case .smallint(let number): return Double(number)
        case .integer(let number): return Double(number)
        case .bigint(let number): return Double(exactly: number)
        case .real(let number): return Double(number)
        // Reading the digits again rounds correctly, which a division by a power of ten might not.
        case .decimal: return value.text.flatMap { Double($0) }
        default: return nil
        }
    }

    /// The type of a number as it was written: the smallest of INTEGER, BIGINT and NUMERIC(p, s) that holds
    /// it.
    static func number(_ digits: String) -> (Value, DataType)? {
        if let small = Int32(digits) { return (.integer(small), .integer) }
        if let large = Int64(digits) { return (.bigint(large), .bigint) }
        var copy = digits
        let read = copy.withUTF8 { bytes -> (unscaled: Int128, scale: Int)? in
            do throws(TextReadingError) {
                return try TextReader.exactDecimal(bytes)
            } catch {
                return nil
            }
        }
        let mantissa = digits.prefix { $0 != "e" && $0 != "E" }
        let isLost = read?.unscaled == 0 && mantissa.contains { $0 >= "1" && $0 <= "9" }
        guard let (unscaled, scale) = read, !isLost else {
            // With an exponent, a number of more than 38 digits is one of floating point.
            guard digits.contains(where: { $0 == "e" || $0 == "E" }), let number = Double(digits),
                number.isFinite
            else { return nil }
            return (.doublePrecision(number), .doublePrecision)
        }
        var precision = 1
        while precision < DataType.decimalPrecisionMax, !DecimalMath.fits(unscaled, precision: precision) {
            precision += 1
        }
        guard DecimalMath.fits(unscaled, precision: precision) else { return nil }
        let type = DataType.decimal(precision: max(precision, scale), scale: scale)
        return (.decimal(unscaled: unscaled, scale: scale), type)
    }
}
