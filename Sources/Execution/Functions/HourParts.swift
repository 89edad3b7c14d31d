import Columns

/// The hour and the minute of timestamps, by two divisions a row.
enum HourParts {
    /// Whole days, in microseconds, that make every timestamp from `lowest` on positive as an unsigned
    /// number.
    private static let bias = UInt64(CivilCalendar.microsecondsPerDay) * 106_751_991
    private static let lowest = Int64.min + CivilCalendar.microsecondsPerDay

    /// The field of each row, as the 8 bytes of a decimal or of DOUBLE PRECISION; nil for other fields, and
    /// when a row is infinite or in the first day that there is.
    ///
    /// - Parameter factor: What a decimal's scale multiplies by; nil for DOUBLE PRECISION.
    static func values(
        _ field: DateField, of source: UnsafePointer<Int64>, count: Int, type: DataType, factor: UInt64?,
        validity: ValidityMask?
    ) -> Vector? {
        var low = Int64.max
        var high = Int64.min
        for row in 0..<count {
            low = min(low, source[row])
            high = max(high, source[row])
        }
        if low < lowest || high == .max { return nil }
        let buffer = VectorBuffer(byteCount: count * 8)
        let target = buffer.pointer(as: UInt64.self)
        switch field {
        case .hour: fill(target, source, count, unit: 3_600_000_000, modulus: 24, factor)
        case .minute: fill(target, source, count, unit: 60_000_000, modulus: 60, factor)
        default: return nil
        }
        return Vector(flat: buffer, type: type, count: count, validity: validity)
    }

    @inline(__always) private static func fill(
        _ target: UnsafeMutablePointer<UInt64>, _ source: UnsafePointer<Int64>, _ count: Int, unit: UInt64,
        modulus: UInt64, _ factor: UInt64?
    ) {
        if let factor {
            for row in 0..<count {
                target[row] = (UInt64(bitPattern: source[row]) &+ bias) / unit % modulus &* factor
            }
        } else {
            for row in 0..<count {
                let part = (UInt64(bitPattern: source[row]) &+ bias) / unit % modulus
                target[row] = Double(part).bitPattern
            }
        }
    }
}
