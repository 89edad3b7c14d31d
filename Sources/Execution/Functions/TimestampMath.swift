import Columns

/// Calendar arithmetic on timestamps.
enum TimestampMath {
    /// Midnight of a day; nil when outside the range of timestamps.
    static func timestamp(day: Int64) -> Int64? {
        let (result, overflow) = day.multipliedReportingOverflow(by: CivilCalendar.microsecondsPerDay)
        return overflow || result == .max || result == .min ? nil : result
    }

    /// Adds months first (keeping the day of the month where the month has it), then days, then time.
    /// Infinity stays.
    static func add(_ timestamp: Int64, _ interval: Interval) -> Int64? {
        if timestamp == .max || timestamp == .min { return timestamp }
        var (days, time) = CivilCalendar.split(timestamp: timestamp)
        if interval.months != 0 {
            let civil = CivilCalendar.civil(fromDays: Int(days))
            let total = civil.year * 12 + civil.month - 1 + Int(interval.months)
            let year = total >= 0 ? total / 12 : (total - 11) / 12
            let month = total - year * 12 + 1
            let day = min(civil.day, CivilCalendar.daysInMonth(year: year, month: month))
            days = Int64(CivilCalendar.days(year: year, month: month, day: day))
        }
        days += Int64(interval.days)
        guard let midnight = self.timestamp(day: days) else { return nil }
        let (sum, first) = midnight.addingReportingOverflow(time)
        let (result, second) = sum.addingReportingOverflow(interval.microseconds)
        return first || second || result == .max || result == .min ? nil : result
    }

    /// The symbolic difference in years, months, days and time.
    static func age(_ later: Int64, _ earlier: Int64) -> Interval? {
        if later == .max || later == .min || earlier == .max || earlier == .min { return nil }
        if later < earlier { return age(earlier, later).map { IntervalMath.negate($0).0 } }
        let (laterDays, laterTime) = CivilCalendar.split(timestamp: later)
        let (earlierDays, earlierTime) = CivilCalendar.split(timestamp: earlier)
        let last = CivilCalendar.civil(fromDays: Int(laterDays))
        let first = CivilCalendar.civil(fromDays: Int(earlierDays))
        var months = (last.year - first.year) * 12 + last.month - first.month
        var days = last.day - first.day
        var time = laterTime - earlierTime
        if time < 0 {
            time += CivilCalendar.microsecondsPerDay
            days -= 1
        }
        if days < 0 {
            // Days are borrowed from the earlier date's month.
            days += CivilCalendar.daysInMonth(year: first.year, month: first.month)
            months -= 1
        }
        guard let wholeMonths = Int32(exactly: months) else { return nil }
        return Interval(months: wholeMonths, days: Int32(truncatingIfNeeded: days), microseconds: time)
    }

    /// Carries 24 hours into days (`justify_hours`), 30 days into months (`justify_days`), or both with equal
    /// signs.
    static func justify(_ interval: Interval, _ name: String) -> Interval? {
        var months = Int64(interval.months)
        var days = Int64(interval.days)
        var time = interval.microseconds
        if name != "justify_days" {
            days += time / CivilCalendar.microsecondsPerDay
            time %= CivilCalendar.microsecondsPerDay
        }
        if name != "justify_hours" {
            months += days / 30
            days %= 30
        }
        if name == "justify_interval" {
            if months > 0, days < 0 || (days == 0 && time < 0) {
                days += 30
                months -= 1
            } else if months < 0, days > 0 || (days == 0 && time > 0) {
                days -= 30
                months += 1
            }
        }
        if name == "justify_days", months > 0 && days < 0 {
            days += 30
            months -= 1
        } else if name == "justify_days", months < 0 && days > 0 {
            days -= 30
            months += 1
        }
        if name != "justify_days" {
            if days > 0, time < 0 {
                time += CivilCalendar.microsecondsPerDay
                days -= 1
            } else if days < 0, time > 0 {
                time -= CivilCalendar.microsecondsPerDay
                days += 1
            }
        }
        guard let wholeMonths = Int32(exactly: months), let wholeDays = Int32(exactly: days) else {
            return nil
        }
        return Interval(months: wholeMonths, days: wholeDays, microseconds: time)
    }
}
