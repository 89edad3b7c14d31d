import Columns

/// Arithmetic of intervals as PostgreSQL does it.
enum IntervalMath {
    /// Fractions of months become days (30 a month), those of days microseconds.
    static func multiply(_ interval: Interval, by factor: Double) throws(ExecutionError) -> Interval {
        let months = Double(interval.months) * factor
        let days = Double(interval.days) * factor
        guard months.isFinite, days.isFinite, let wholeMonths = Int32(exactly: months.rounded(.towardZero)),
            let wholeDays = Int32(exactly: days.rounded(.towardZero))
        else { throw .dateTimeOverflow(type: .interval) }
        // Rounded to microseconds of a day, so that 0.1 months are 3 days and not 2 days 23:59:59.
        let monthDays = ((months - Double(wholeMonths)) * 30 * 1_000_000).rounded() / 1_000_000
        let extraDays = monthDays.rounded(.towardZero)
        let dayFraction = (days - Double(wholeDays)) + (monthDays - extraDays)
        let microseconds = (Double(interval.microseconds) * factor + dayFraction * 86_400_000_000).rounded()
        guard let whole = Int64(exactly: microseconds) else { throw .dateTimeOverflow(type: .interval) }
        let (sum, overflow) = wholeDays.addingReportingOverflow(Int32(extraDays))
        if overflow { throw .dateTimeOverflow(type: .interval) }
        return Interval(months: wholeMonths, days: sum, microseconds: whole)
    }

    static func add(_ left: Interval, _ right: Interval) -> (Interval, Bool) {
        let (months, first) = left.months.addingReportingOverflow(right.months)
        let (days, second) = left.days.addingReportingOverflow(right.days)
        let (microseconds, third) = left.microseconds.addingReportingOverflow(right.microseconds)
        return (Interval(months: months, days: days, microseconds: microseconds), first || second || third)
    }

    static func negate(_ interval: Interval) -> (Interval, Bool) {
        let isBad = interval.months == .min || interval.days == .min || interval.microseconds == .min
        let result = Interval(
            months: 0 &- interval.months, days: 0 &- interval.days, microseconds: 0 &- interval.microseconds)
        return (result, isBad)
    }
}
