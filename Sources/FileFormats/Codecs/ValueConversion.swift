import Columns

/// How the raw values of a column chunk become values of a vector. Chosen once a column.
///
/// Raw values stand one behind the other, unaligned: little-endian numbers of the physical type, one byte a
/// BOOLEAN, `StringView` for BYTE_ARRAY. Up to 16 bytes behind the last one are readable.
enum ValueConversion: Sendable, Hashable {
    /// Raw and final form are the same.
    case same
    /// INT32 in `low...high` to 16 bits.
    case int16(low: Int32, high: Int32)
    /// INT32 in `low...high`.
    case int32(low: Int32, high: Int32)
    case unsigned32
    case unsigned64
    /// INT32 as DECIMAL of 64 bits, below `limit` in size.
    case decimal32(limit: Int64)
    case decimal64(limit: Int64)
    case decimal64Wide(limit: Int128)
    /// INT64 times 1,000.
    case milliseconds
    /// INT64 divided by 1,000, toward the past.
    case nanoseconds
    /// Nanoseconds of a day, then a Julian day.
    case int96
    case float16
    /// Big-endian two's complement of a fixed width.
    case fixedDecimal64(width: Int, limit: Int64)
    case fixedDecimal128(width: Int, limit: Int128)
    /// Big-endian two's complement of any width.
    case bytesDecimal64(limit: Int64)
    case bytesDecimal128(limit: Int128)
    case uuid
    /// Months, days, milliseconds as unsigned 32 bits.
    case interval
    case signed8
    case unsigned8
    case unsigned16
    case seconds
    /// Milliseconds to days.
    case dateMilliseconds
    /// Months as 32 bits.
    case yearMonth
    /// Days and milliseconds as 32 bits each.
    case dayTime
    /// Months and days as 32 bits each, nanoseconds as 64.
    case monthDayNano
    /// Two's complement of 16 or 32 bytes.
    case littleEndianDecimal(limit: Int128, isWide: Bool)
    /// There are only NULLs.
    case nothing

    /// Converts `count` values.
    /// - Returns: What is wrong with a value, nil when all are right.
    func convert(
        _ source: UnsafeRawPointer, count: Int, rawBytes: Int, into target: UnsafeMutableRawPointer
    ) -> String? {
        switch self {
        case .same:
            target.copyMemory(from: source, byteCount: count &* rawBytes)
            return nil
        case .int16(let low, let high):
            return map(source, count, rawBytes, target, "number out of range of its type") {
                let number = $0.loadUnaligned(as: Int32.self)
                return (Int16(truncatingIfNeeded: number), number >= low && number <= high)
            }
        case .int32(let low, let high):
            return map(source, count, rawBytes, target, "value out of range of its type") {
                let number = $0.loadUnaligned(as: Int32.self)
                return (number, number >= low && number <= high)
            }
        case .unsigned32:
            return map(source, count, rawBytes, target, "") {
                (Int64($0.loadUnaligned(as: UInt32.self)), true)
            }
        case .unsigned64:
            return map(source, count, rawBytes, target, "") {
                (Int128($0.loadUnaligned(as: UInt64.self)), true)
            }
        case .milliseconds, .nanoseconds, .int96:
            return convertTime(source, count, rawBytes, target)
        case .float16:
            return map(source, count, rawBytes, target, "") {
                (HalfPrecision.float(fromBits: $0.loadUnaligned(as: UInt16.self)), true)
            }
        case .uuid:
            return map(source, count, rawBytes, target, "") {
                (UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self)), true)
            }
        case .interval:
            return map(source, count, rawBytes, target, "interval out of range") {
                let months = Int32(bitPattern: $0.loadUnaligned(as: UInt32.self))
                let days = Int32(bitPattern: $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
                let milliseconds = Int64($0.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
                let interval = Interval(months: months, days: days, microseconds: milliseconds &* 1_000)
                return (interval, months >= 0 && days >= 0)
            }
        case .nothing:
            return count == 0 ? nil : "value in a column of NULLs"
        default:
            return convertDecimal(source, count, rawBytes, target)
        }
    }

    private func convertTime(
        _ source: UnsafeRawPointer, _ count: Int, _ rawBytes: Int, _ target: UnsafeMutableRawPointer
    ) -> String? {
        let reason = "timestamp out of range"
        switch self {
        case .milliseconds:
            return map(source, count, rawBytes, target, reason) {
                let (scaled, overflow) = $0.loadUnaligned(as: Int64.self).multipliedReportingOverflow(
                    by: 1_000)
                return (scaled, !overflow)
            }
        case .nanoseconds:
            return map(source, count, rawBytes, target, reason) {
                let number = $0.loadUnaligned(as: Int64.self)
                return (number / 1_000 &+ (number % 1_000) >> 63, true)
            }
        default:
            return map(source, count, rawBytes, target, reason) {
                let nanoseconds = $0.loadUnaligned(as: Int64.self)
                let julianDay = Int64($0.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
                let days = julianDay &- 2_440_588
                let time = nanoseconds / 1_000 &+ (nanoseconds % 1_000) >> 63
                let (midnight, overflow) = days.multipliedReportingOverflow(by: 86_400_000_000)
                let (moment, carried) = midnight.addingReportingOverflow(time)
                return (moment, !overflow && !carried)
            }
        }
    }

    private func convertDecimal(
        _ source: UnsafeRawPointer, _ count: Int, _ rawBytes: Int, _ target: UnsafeMutableRawPointer
    ) -> String? {
        let reason = "DECIMAL has more digits than its type"
        switch self {
        case .decimal32(let limit):
            return map(source, count, rawBytes, target, reason) {
                let number = Int64($0.loadUnaligned(as: Int32.self))
                return (number, number < limit && number > 0 &- limit)
            }
        case .decimal64(let limit):
            return map(source, count, rawBytes, target, reason) {
                let number = $0.loadUnaligned(as: Int64.self)
                return (number, number < limit && number > 0 &- limit)
            }
        case .decimal64Wide(let limit):
            return map(source, count, rawBytes, target, reason) {
                let number = Int128($0.loadUnaligned(as: Int64.self))
                return (number, number < limit && number > 0 &- limit)
            }
        case .fixedDecimal64(let width, let limit) where width <= 8:
            let shift = Int64(64 - 8 * width)
            return map(source, count, rawBytes, target, reason) {
                let number = Int64(bigEndian: $0.loadUnaligned(as: Int64.self)) &>> shift
                return (number, number < limit && number > 0 &- limit)
            }
        case .fixedDecimal64(let width, let limit):
            return map(source, count, rawBytes, target, reason) {
                let number = Self.bigEndian($0, width) ?? Int128.max
                return (Int64(truncatingIfNeeded: number), number < limit && number > 0 &- limit)
            }
        case .fixedDecimal128(let width, let limit):
            return map(source, count, rawBytes, target, reason) {
                let number = Self.bigEndian($0, width) ?? Int128.max
                return (number, number < limit && number > 0 &- limit)
            }
        case .bytesDecimal64(let limit):
            return map(source, count, rawBytes, target, reason) {
                let number = Self.bigEndian($0.loadUnaligned(as: StringView.self))
                return (Int64(truncatingIfNeeded: number), number < limit && number > 0 &- limit)
            }
        case .bytesDecimal128(let limit):
            return map(source, count, rawBytes, target, reason) {
                let number = Self.bigEndian($0.loadUnaligned(as: StringView.self))
                return (number, number < limit && number > 0 &- limit)
            }
        default: return convertArrow(source, count, rawBytes, target)
        }
    }

    /// Big-endian two's complement of `width` bytes; nil when it needs more than 128 bits.
    @inline(__always)
    private static func bigEndian(_ start: UnsafeRawPointer, _ width: Int) -> Int128? {
        let bytes = start.assumingMemoryBound(to: UInt8.self)
        var first = 0
        while width &- first > 16 {
            let fill: UInt8 = bytes[first &+ 1] & 0x80 == 0 ? 0 : 0xFF
            guard bytes[first] == fill else { return nil }
            first &+= 1
        }
        var number: Int128 = width > first && bytes[first] & 0x80 != 0 ? -1 : 0
        for index in first..<width { number = number &<< 8 | Int128(bytes[index]) }
        return number
    }

    private static func bigEndian(_ view: StringView) -> Int128 {
        view.withBytes { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            return bigEndian(UnsafeRawPointer(base), bytes.count) ?? Int128.max
        }
    }

    /// Runs `body` for every value; the flags are gathered and looked at once behind the loop.
    @inline(__always)
    func map<Element: BitwiseCopyable>(
        _ source: UnsafeRawPointer, _ count: Int, _ rawBytes: Int, _ target: UnsafeMutableRawPointer,
        _ reason: String, _ body: (UnsafeRawPointer) -> (Element, Bool)
    ) -> String? {
        let output = target.assumingMemoryBound(to: Element.self)
        var areRight = true
        var input = source
        for index in 0..<count {
            let (element, isRight) = body(input)
            output[index] = element
            areRight = areRight && isRight
            input += rawBytes
        }
        return areRight ? nil : reason
    }
}
