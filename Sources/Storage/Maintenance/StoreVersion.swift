/// A version of a store that can be read: its number and when it was committed.
public struct StoreVersion: Hashable, Sendable, Comparable {
    /// Counts commits from 1; version 0 is the empty store.
    public var number: UInt64
    /// Microseconds since 1970-01-01 UTC; never before the time of the version before.
    public var time: Int64

    public init(number: UInt64, time: Int64) {
        self.number = number
        self.time = time
    }

    public static func < (left: StoreVersion, right: StoreVersion) -> Bool { left.number < right.number }
}

extension StoreVersion: CustomStringConvertible {
    /// For messages: `version 12 of 2026-05-01 10:00:00.000123 UTC`.
    public var description: String { "version \(number) of \(Self.text(ofTime: time))" }

    /// `2026-05-01 10:00:00.000123 UTC`, the fraction only when there is one.
    public static func text(ofTime time: Int64) -> String {
        let day: Int64 = 86_400_000_000
        let days = time >= 0 ? time / day : (time - day + 1) / day
        let rest = time - days * day
        let (year, month, dayOfMonth) = civil(days)
        let seconds = rest / 1_000_000
        let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
        let fraction = rest % 1_000_000 == 0 ? "" : "." + padded(rest % 1_000_000, 6)
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
        return "\(date) \(clock.joined(separator: ":"))\(fraction) UTC"
    }

    /// Year, month and day of a number of days since 1970-01-01.
    ///
    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
    private static func civil(_ days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
