/// A moment on the account's clock (Europe/Moscow unless the account says otherwise), without a zone.
public struct LocalMoment: Sendable, Hashable, Comparable {
    /// Microseconds since 1970-01-01 00:00:00 on the same clock.
    public let microseconds: Int64

    /// So many microseconds since 1970-01-01 00:00:00 on the account's clock.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Reads `YYYY-MM-DD[ HH:MM[:SS[.fff]]]`; nil if it is something else or no such day exists. Moysklad
    /// sends no zone; where one follows (`Z` or `+03:00`), the moment is brought to its clock, Moscow's.
    public init?(_ text: some Collection<UInt8>) {
        var bytes = Array(text)
        guard let zoneSeconds = Self.takeZone(&bytes) else { return nil }
        guard bytes.count >= 10, bytes.count <= 26, bytes[4] == UInt8(ascii: "-"),
            bytes[7] == UInt8(ascii: "-"),
            let year = Self.number(bytes, 0, 4), let month = Self.number(bytes, 5, 2),
            (1...12).contains(month),
            let day = Self.number(bytes, 8, 2), day >= 1, day <= Self.dayCount(year: year, month: month),
            year >= 1
        else { return nil }
        var seconds = Self.days(year: year, month: month, day: day) * 86_400
        var fraction: Int64 = 0
        if bytes.count > 10 {
            guard bytes.count >= 16, bytes[10] == UInt8(ascii: " ") || bytes[10] == UInt8(ascii: "T"),
                bytes[13] == UInt8(ascii: ":"), let hour = Self.number(bytes, 11, 2), hour < 24,
                let minute = Self.number(bytes, 14, 2), minute < 60
            else { return nil }
            seconds += hour * 3600 + minute * 60
        }
        if bytes.count > 16 {
            guard bytes.count >= 19, bytes[16] == UInt8(ascii: ":"), let second = Self.number(bytes, 17, 2),
                second < 60
            else { return nil }
            seconds += second
        }
        if bytes.count > 19 {
            let digitCount = bytes.count - 20
            guard bytes[19] == UInt8(ascii: "."), digitCount >= 1, digitCount <= 6,
                let digits = Self.number(bytes, 20, digitCount)
            else { return nil }
            fraction = digits
            for _ in digitCount..<6 { fraction *= 10 }
        }
        microseconds = (seconds - zoneSeconds) * 1_000_000 + fraction
    }

    public static func < (left: LocalMoment, right: LocalMoment) -> Bool {
        left.microseconds < right.microseconds
    }

    /// Cuts a zone off the end: how far ahead of Moscow it is, 0 without one; nil if it is malformed.
    private static func takeZone(_ bytes: inout [UInt8]) -> Int64? {
        guard bytes.count > 16 else { return 0 }
        if bytes.last == UInt8(ascii: "Z") {
            bytes.removeLast()
            return -moscowSeconds
        }
        guard
            let sign = bytes[16...].firstIndex(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") })
        else { return 0 }
        let digits = bytes[(sign + 1)...].filter { $0 != UInt8(ascii: ":") }
        guard digits.count == 4, let hours = number(digits, 0, 2), let minutes = number(digits, 2, 2),
            hours < 15,
            minutes < 60
        else { return nil }
        let ahead = (hours * 3600 + minutes * 60) * (bytes[sign] == UInt8(ascii: "-") ? -1 : 1)
        bytes.removeSubrange(sign...)
        return ahead - moscowSeconds
    }

    private static let moscowSeconds: Int64 = 3 * 3600

    private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int64? {
        var value: Int64 = 0
        for byte in bytes[start..<start + count] {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return value
    }

    private static func dayCount(year: Int64, month: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01. Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension LocalMoment: CustomStringConvertible {
    /// `YYYY-MM-DD HH:MM:SS.mmm`, as filters of the API take it.
    public var description: String {
        let (days, time) = Self.floorDivide(microseconds, 86_400_000_000)
        let shifted = days + 719_468
        let era = Self.floorDivide(shifted, 146_097).quotient
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let seconds = time / 1_000_000
        let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
        let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { Self.padded($0, 2) }
        return "\(date) \(clock.joined(separator: ":")).\(Self.padded(time / 1000 % 1000, 3))"
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let remainder = value % divisor
        return remainder < 0
            ? (value / divisor - 1, remainder + divisor) : (value / divisor, remainder)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
