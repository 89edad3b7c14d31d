import Columns

/// A field of a date, a time or an interval, as EXTRACT and DATE_TRUNC name it.
enum DateField: String, CaseIterable, Sendable {
    case microseconds, milliseconds, second, minute, hour, day, week, month, quarter, year, decade, century,
        millennium
    case dow, isodow, doy, isoyear, epoch, julian, timezone
    case timezoneHour = "timezone_hour", timezoneMinute = "timezone_minute"

    /// Accepts the plural and the short forms that PostgreSQL does.
    init?(name: String) {
        let lower = name.lowercased()
        if let exact = DateField(rawValue: lower) {
            self = exact
            return
        }
        switch lower {
        case "microsecond", "us", "usec", "usecs": self = .microseconds
        case "millisecond", "ms", "msec", "msecs": self = .milliseconds
        case "seconds", "sec", "secs", "s": self = .second
        case "minutes", "min", "mins", "m": self = .minute
        case "hours", "hr", "hrs", "h": self = .hour
        case "days", "d": self = .day
        case "weeks", "w": self = .week
        case "months", "mon", "mons": self = .month
        case "quarters", "qtr": self = .quarter
        case "years", "yr", "yrs", "y": self = .year
        case "decades", "dec", "decs": self = .decade
        case "centuries", "cent", "c": self = .century
        case "millenniums", "millennia", "mil", "mils": self = .millennium
        default: return nil
        }
    }

    /// Months in a field of whole months; nil for all others.
    var months: Int32? {
        switch self {
        case .month: 1
        case .quarter: 3
        case .year: 12
        case .decade: 120
        case .century: 1_200
        case .millennium: 12_000
        default: nil
        }
    }

    /// The type of EXTRACT: whole for the calendar's fields, with a fraction for those that have one.
    static func extractType(_ name: String?, of source: DataType) -> DataType {
        guard let name, let field = DateField(name: name) else { return .decimal(precision: 38, scale: 6) }
        switch field {
        case .second, .epoch: return .decimal(precision: 18, scale: 6)
        case .milliseconds: return .decimal(precision: 18, scale: 3)
        case .julian where source != .date: return .decimal(precision: 38, scale: 20)
        default: return .decimal(precision: 18, scale: 0)
        }
    }
}
