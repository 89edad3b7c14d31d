/// The proleptic Gregorian calendar on day numbers (0 is 1970-01-01).
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013.
public enum CivilCalendar {
    /// PostgreSQL's bounds of DATE: 4713-11-24 BC to 5874897-12-31.
    public static let dayMin: Int32 = -2_440_588
    public static let dayMax: Int32 = 2_145_042_905

    public static let microsecondsPerSecond: Int64 = 1_000_000
    public static let microsecondsPerDay: Int64 = 86_400_000_000

    public struct Day: Hashable, Sendable {
        /// The astronomical year: 0 is 1 BC.
        public var year: Int
        public var month: Int
        public var day: Int

        public init(year: Int, month: Int, day: Int) {
            self.year = year
            self.month = month
            self.day = day
        }
    }

    /// The day number of a date; months 1...12, days are not checked and may run over.
    public static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    public static func civil(fromDays days: Int) -> Day {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return Day(year: year, month: month, day: dayOfYear - (153 * monthIndex + 2) / 5 + 1)
    }

    public static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    public static func daysInMonth(year: Int, month: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Whole days and the microseconds since midnight (never negative) of a timestamp.
    @inlinable public static func split(timestamp: Int64) -> (days: Int64, microseconds: Int64) {
        var days = timestamp / 86_400_000_000
        var rest = timestamp % 86_400_000_000
        if rest < 0 {
            days -= 1
            rest += 86_400_000_000
        }
        return (days, rest)
    }
}
