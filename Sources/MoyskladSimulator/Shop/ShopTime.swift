/// A moment in Moscow time (API §4.3): milliseconds since 1970-01-01 00:00 on the shop's own clock.
struct ShopTime: Hashable, Comparable, Sendable {
    var milliseconds: Int64

    static let minute: Int64 = 60_000
    static let hour: Int64 = 3_600_000
    static let day: Int64 = 86_400_000

    init(milliseconds: Int64) { self.milliseconds = milliseconds }

    init(day: Int, millisecondsOfDay: Int64 = 0) { milliseconds = Int64(day) * Self.day + millisecondsOfDay }

    /// Reads `YYYY-MM-DD`, `… HH:MM`, `… HH:MM:SS` or `… HH:MM:SS.mmm`; nil when it is none of them.
    init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 10, bytes.count <= 23 else { return nil }
        func number(_ start: Int, _ count: Int) -> Int? {
            guard start + count <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[start..<start + count] {
                guard byte >= 48, byte <= 57 else { return nil }
                value = value * 10 + Int(byte - 48)
            }
            return value
        }
        func mark(_ index: Int, _ expected: Unicode.Scalar) -> Bool {
            index < bytes.count && bytes[index] == UInt8(ascii: expected)
        }
        guard let year = number(0, 4), let month = number(5, 2), let day = number(8, 2), mark(4, "-"),
            mark(7, "-"),
            (1...12).contains(month), day >= 1, day <= Self.daysInMonth(year: year, month: month)
        else { return nil }
        var clock: Int64 = 0
        if bytes.count > 10 {
            guard mark(10, " "), let hours = number(11, 2), mark(13, ":"), let minutes = number(14, 2),
                hours < 24, minutes < 60
            else { return nil }
            clock = Int64(hours) * Self.hour + Int64(minutes) * Self.minute
        }
        if bytes.count > 16 {
            guard mark(16, ":"), let seconds = number(17, 2), seconds < 60 else { return nil }
            clock += Int64(seconds) * 1000
        }
        if bytes.count > 19 {
            guard mark(19, "."), let fraction = number(20, bytes.count - 20) else { return nil }
            clock += Int64(fraction * [0, 100, 10, 1][bytes.count - 20])
        }
        self.init(day: Self.dayNumber(year: year, month: month, day: day), millisecondsOfDay: clock)
    }

    /// Days since 1970-01-01.
    var day: Int { Int((milliseconds - (milliseconds % Self.day + Self.day) % Self.day) / Self.day) }

    /// 0 is Monday.
    static func weekday(ofDay day: Int) -> Int { ((day + 3) % 7 + 7) % 7 }

    /// Seconds and below become zero, as business dates have minute precision.
    var toTheMinute: ShopTime { ShopTime(milliseconds: milliseconds - milliseconds % Self.minute) }

    /// `YYYY-MM-DD HH:MM:SS.mmm`.
    func append(to bytes: inout [UInt8]) {
        let (year, month, day) = Self.civil(fromDay: self.day)
        var rest = milliseconds - Int64(self.day) * Self.day
        func digits(_ value: Int, _ count: Int) {
            var divisor = [1, 10, 100, 1000][count - 1]
            for _ in 0..<count {
                bytes.append(UInt8(truncatingIfNeeded: 48 + value / divisor % 10))
                divisor /= 10
            }
        }
        digits(year, 4)
        bytes.append(UInt8(ascii: "-"))
        digits(month, 2)
        bytes.append(UInt8(ascii: "-"))
        digits(day, 2)
        bytes.append(UInt8(ascii: " "))
        digits(Int(rest / Self.hour), 2)
        rest %= Self.hour
        bytes.append(UInt8(ascii: ":"))
        digits(Int(rest / Self.minute), 2)
        rest %= Self.minute
        bytes.append(UInt8(ascii: ":"))
        digits(Int(rest / 1000), 2)
        bytes.append(UInt8(ascii: "."))
        digits(Int(rest % 1000), 3)
    }

    var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    static func < (left: ShopTime, right: ShopTime) -> Bool { left.milliseconds < right.milliseconds }

    static func daysInMonth(year: Int, month: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        default: 31
        }
    }

    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    static func dayNumber(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    static func civil(fromDay day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthIndex + 2) / 5 + 1
        )
    }
}
