import Columns

extension ValueConversion {
    /// The conversions that only Arrow has.
    func convertArrow(
        _ source: UnsafeRawPointer, _ count: Int, _ rawBytes: Int, _ target: UnsafeMutableRawPointer
    ) -> String? {
        switch self {
        case .signed8:
            return map(source, count, rawBytes, target, "") { (Int16($0.load(as: Int8.self)), true) }
        case .unsigned8:
            return map(source, count, rawBytes, target, "") { (Int16($0.load(as: UInt8.self)), true) }
        case .unsigned16:
            return map(source, count, rawBytes, target, "") {
                (Int32($0.loadUnaligned(as: UInt16.self)), true)
            }
        case .seconds:
            return map(source, count, rawBytes, target, "timestamp out of range") {
                let (scaled, overflow) = $0.loadUnaligned(as: Int64.self).multipliedReportingOverflow(
                    by: 1_000_000)
                return (scaled, !overflow)
            }
        case .dateMilliseconds:
            return map(source, count, rawBytes, target, "date out of range") {
                let number = $0.loadUnaligned(as: Int64.self)
                let days = number / 86_400_000 &+ (number % 86_400_000) >> 63
                let isRight =
                    days >= Int64(CivilCalendar.dayMin) && days <= Int64(CivilCalendar.dayMax)
                return (Int32(truncatingIfNeeded: days), isRight)
            }
        case .yearMonth:
            return map(source, count, rawBytes, target, "") {
                (Interval(months: $0.loadUnaligned(as: Int32.self)), true)
            }
        case .dayTime:
            return map(source, count, rawBytes, target, "") {
                let milliseconds = Int64($0.loadUnaligned(fromByteOffset: 4, as: Int32.self))
                let days = $0.loadUnaligned(as: Int32.self)
                return (Interval(days: days, microseconds: milliseconds &* 1_000), true)
            }
        case .monthDayNano:
            return map(source, count, rawBytes, target, "") {
                let nanoseconds = $0.loadUnaligned(fromByteOffset: 8, as: Int64.self)
                let interval = Interval(
                    months: $0.loadUnaligned(as: Int32.self),
                    days: $0.loadUnaligned(fromByteOffset: 4, as: Int32.self),
                    microseconds: nanoseconds / 1_000 &+ (nanoseconds % 1_000) >> 63)
                return (interval, true)
            }
        case .littleEndianDecimal(let limit, let isWide):
            let reason = "DECIMAL has more digits than its type"
            if isWide {
                return map(source, count, rawBytes, target, reason) {
                    let (number, isWhole) = Self.littleEndian($0, rawBytes)
                    return (number, isWhole && number < limit && number > 0 &- limit)
                }
            }
            return map(source, count, rawBytes, target, reason) {
                let (number, isWhole) = Self.littleEndian($0, rawBytes)
                let isRight = isWhole && number < limit && number > 0 &- limit
                return (Int64(truncatingIfNeeded: number), isRight)
            }
        default: return "conversion that there is not"
        }
    }

    /// A number of 16 or 32 bytes; false when its upper half is not the extension of its sign.
    @inline(__always)
    private static func littleEndian(_ start: UnsafeRawPointer, _ width: Int) -> (Int128, Bool) {
        let number = start.loadUnaligned(as: Int128.self)
        guard width > 16 else { return (number, true) }
        return (number, start.loadUnaligned(fromByteOffset: 16, as: Int128.self) == number >> 127)
    }
}
