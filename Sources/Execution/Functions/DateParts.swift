import Columns

/// EXTRACT and DATE_PART.
enum DateParts {
    static func kernel(_ function: ScalarFunction) -> ScalarKernel {
        let source = function.parameterTypes[1]
        let type = function.returnType
        var tables: [DateField: DayTable] = [:]
        return { (call) throws(ExecutionError) in
            if let view = call.constantView(0), call.arguments[1].form == .flat, type.physical.byteCount == 8
            {
                let field = try field(view, function.name)
                if isOfDay(field), source != .interval, source != .time {
                    let table =
                        tables[field]
                        ?? DayTable(type: type) { day in bits(millionths(of: field, day: day, time: 0), type)
                        }
                    tables[field] = table
                    let vector = call.arguments[1]
                    let fast =
                        source == .date
                        ? table.values(
                            ofDates: vector.pointer(as: Int32.self), count: call.count,
                            validity: call.validity)
                        : table.values(
                            ofTimestamps: vector.pointer(as: Int64.self), count: call.count,
                            validity: call.validity)
                    if let fast { return fast }
                }
                if source == .timestamp, let fast = hourPart(call, field, type) { return fast }
            }
            return try rows(call, source, type, function.name)
        }
    }

    private static func rows(
        _ call: KernelCall, _ source: DataType, _ type: DataType, _ name: String
    ) throws(ExecutionError) -> Vector {
        let fields = call.reader(0, as: StringView.self)
        let fixed: DateField? = if let view = call.constantView(0) { try field(view, name) } else { nil }
        func value(_ row: Int) throws(ExecutionError) -> Int64? {
            let field = if let fixed { fixed } else { try field(fields[row], name) }
            try refuse(field, of: source, name)
            switch source {
            case .interval: return millionths(of: field, call.reader(1, as: Interval.self)[row])
            case .date:
                let day = call.reader(1, as: Int32.self)[row]
                return day == .max || day == .min ? nil : millionths(of: field, day: Int64(day), time: 0)
            case .time: return millionths(of: field, day: 0, time: call.reader(1, as: Int64.self)[row])
            default:
                let timestamp = call.reader(1, as: Int64.self)[row]
                if timestamp == .max || timestamp == .min { return nil }
                let (day, time) = CivilCalendar.split(timestamp: timestamp)
                return millionths(of: field, day: day, time: time)
            }
        }
        if type.physical == .int128, type.scale == 20 {
            // The day number, and the share of the day.
            let times = call.reader(1, as: Int64.self)
            return try RowLoop.each(call, Int128.self) { row in
                if times[row] == .max || times[row] == .min { return nil }
                let (day, time) = CivilCalendar.split(timestamp: times[row])
                let share = Int128(time) * DecimalMath.powerOfTen(20)
                return Int128(day + 2_440_588) * DecimalMath.powerOfTen(20) + share / 86_400_000_000
            }
        }
        if type.physical == .int128 {
            return try RowLoop.each(call, Int128.self) { (row) throws(ExecutionError) in
                try value(row).map { Int128($0) }
            }
        }
        return try RowLoop.each(call, UInt64.self) { (row) throws(ExecutionError) in
            try value(row).map { bits($0, type) }
        }
    }

    private static func hourPart(_ call: KernelCall, _ field: DateField, _ type: DataType) -> Vector? {
        guard field == .hour || field == .minute else { return nil }
        let vector = call.arguments[1]
        let factor =
            type == .doublePrecision ? nil : UInt64(DecimalMath.powerOfTen(min(6, type.scale)))
        return HourParts.values(
            field, of: vector.pointer(as: Int64.self), count: call.count, type: type, factor: factor,
            validity: call.validity)
    }

    /// A value given in millionths as the 8 bytes of DOUBLE PRECISION or of a decimal's scale.
    private static func bits(_ millionths: Int64, _ type: DataType) -> UInt64 {
        if type == .doublePrecision { return (Double(millionths) / 1_000_000).bitPattern }
        return UInt64(bitPattern: millionths / Int64(DecimalMath.powerOfTen(6 - min(6, type.scale))))
    }

    private static func field(_ view: StringView, _ name: String) throws(ExecutionError) -> DateField {
        guard let field = DateField(name: view.string) else {
            throw .invalidArgument(function: name, reason: "unit \"\(view.string)\" not recognized")
        }
        return field
    }

    /// EXTRACT knows no time of a DATE, no date of a TIME and no zone of what has none.
    private static func refuse(
        _ field: DateField, of source: DataType, _ name: String
    ) throws(ExecutionError) {
        let isShort =
            switch field {
            case .microseconds, .milliseconds, .second, .minute, .hour: true
            default: false
            }
        let isZone = field == .timezone || field == .timezoneHour || field == .timezoneMinute
        let isRefused =
            switch source {
            case .time: !isShort && field != .epoch
            case .date: isZone || (isShort && name == "extract")
            case .interval:
                isZone || field == .dow || field == .isodow || field == .doy || field == .week
                    || field == .isoyear || field == .julian
            default: false
            }
        if isRefused {
            throw .unsupported(feature: "unit \"\(field.rawValue)\" for type \(source.sqlName.lowercased())")
        }
    }

    private static func isOfDay(_ field: DateField) -> Bool {
        switch field {
        case .microseconds, .milliseconds, .second, .minute, .hour, .epoch, .julian, .timezone, .timezoneHour,
            .timezoneMinute:
            false
        default: true
        }
    }

    /// The field of a moment, in millionths.
    static func millionths(of field: DateField, day: Int64, time: Int64) -> Int64 {
        let unit: Int64 = 1_000_000
        switch field {
        case .microseconds: return (time % 60_000_000) * unit
        case .milliseconds: return (time % 60_000_000) * 1_000
        case .second: return time % 60_000_000
        case .minute: return time / 60_000_000 % 60 * unit
        case .hour: return time / 3_600_000_000 * unit
        case .epoch: return day &* CivilCalendar.microsecondsPerDay &+ time
        case .julian: return (day + 2_440_588) * unit + time / (CivilCalendar.microsecondsPerDay / unit)
        case .timezone, .timezoneHour, .timezoneMinute: return 0
        case .dow: return positiveRemainder(day + 4, 7) * unit
        case .isodow: return (positiveRemainder(day + 3, 7) + 1) * unit
        case .week: return Int64(isoWeek(day).week) * unit
        case .isoyear: return Int64(isoWeek(day).year) * unit
        default: return Int64(calendarField(field, day)) * unit
        }
    }

    private static func calendarField(_ field: DateField, _ day: Int64) -> Int {
        let civil = CivilCalendar.civil(fromDays: Int(day))
        // Years before Christ count from -1 downwards.
        let year = civil.year > 0 ? civil.year : civil.year - 1
        switch field {
        case .day: return civil.day
        case .month: return civil.month
        case .quarter: return (civil.month + 2) / 3
        case .year: return year
        case .decade: return civil.year >= 0 ? civil.year / 10 : -((8 - (civil.year - 1)) / 10)
        case .century: return civil.year > 0 ? (civil.year + 99) / 100 : -((99 - (civil.year - 1)) / 100)
        case .millennium:
            return civil.year > 0 ? (civil.year + 999) / 1000 : -((999 - (civil.year - 1)) / 1000)
        default: return Int(day) - CivilCalendar.days(year: civil.year, month: 1, day: 1) + 1
        }
    }

    /// The ISO week, which belongs to the year of its Thursday.
    static func isoWeek(_ day: Int64) -> (year: Int, week: Int) {
        let thursday = day - positiveRemainder(day + 3, 7) + 3
        let year = CivilCalendar.civil(fromDays: Int(thursday)).year
        let first = CivilCalendar.days(year: year, month: 1, day: 1)
        return (year > 0 ? year : year - 1, (Int(thursday) - first) / 7 + 1)
    }

    private static func positiveRemainder(_ value: Int64, _ divisor: Int64) -> Int64 {
        let rest = value % divisor
        return rest < 0 ? rest + divisor : rest
    }

    /// The field of an interval, in millionths.
    private static func millionths(of field: DateField, _ interval: Interval) -> Int64 {
        let unit: Int64 = 1_000_000
        let years = Int64(interval.months) / 12
        switch field {
        case .microseconds: return interval.microseconds % 60_000_000 * unit
        case .milliseconds: return interval.microseconds % 60_000_000 * 1_000
        case .second: return interval.microseconds % 60_000_000
        case .minute: return interval.microseconds / 60_000_000 % 60 * unit
        case .hour: return interval.microseconds / 3_600_000_000 * unit
        case .day: return Int64(interval.days) * unit
        case .month: return Int64(interval.months) % 12 * unit
        case .quarter: return (Int64(interval.months) % 12 / 3 + 1) * unit
        case .year: return years * unit
        case .decade: return years / 10 * unit
        case .century: return years / 100 * unit
        case .millennium: return years / 1000 * unit
        case .epoch:
            // A year counts 365.25 days here, a month 30.
            let days = Int64(interval.months) % 12 * 30 + Int64(interval.days)
            return years &* 31_557_600 &* unit &+ days &* CivilCalendar.microsecondsPerDay
                &+ interval.microseconds
        default: return 0
        }
    }
}
