import Columns

/// DATE_TRUNC, DATE_BIN and TIME_BUCKET.
enum DateTruncation {
    /// The kernel of `date_trunc(field, timestamp)`.
    static func ofTimestamp() -> ScalarKernel {
        var tables: [DateField: DayTable] = [:]
        return { (call) throws(ExecutionError) in
            if let view = call.constantView(0) {
                let field = try field(view)
                if let unit = unit(field) {
                    return try RowLoop.map(
                        reduced(call), Int64.self, Int64.self, error: .dateTimeOverflow(type: .timestamp)
                    ) { timestamp in
                        if timestamp == .max || timestamp == .min { return (timestamp, false) }
                        let rest = timestamp % unit
                        return (timestamp &- rest &- (rest < 0 ? unit : 0), false)
                    }
                }
                let table =
                    tables[field]
                    ?? DayTable(type: .timestamp) { day in
                        UInt64(bitPattern: start(of: field, day: day) &* CivilCalendar.microsecondsPerDay)
                    }
                tables[field] = table
                if call.arguments[1].form == .flat {
                    let source = UnsafePointer(call.arguments[1].pointer(as: Int64.self))
                    if let fast = table.values(
                        ofTimestamps: source, count: call.count, validity: call.validity)
                    {
                        return fast
                    }
                }
            }
            let fields = call.reader(0, as: StringView.self)
            let timestamps = call.reader(1, as: Int64.self)
            return try RowLoop.each(call, Int64.self) { (row) throws(ExecutionError) in
                truncate(timestamps[row], to: try field(fields[row]))
            }
        }
    }

    /// The call without its first argument.
    private static func reduced(_ call: KernelCall) -> KernelCall {
        KernelCall(
            arguments: [call.arguments[1].flat(count: call.count)], count: call.count,
            validity: call.validity,
            returnType: call.returnType)
    }

    static func field(_ view: StringView) throws(ExecutionError) -> DateField {
        guard let field = DateField(name: view.string) else {
            throw .invalidArgument(function: "date_trunc", reason: "unit \"\(view.string)\" not recognized")
        }
        return field
    }

    /// Microseconds of the fields shorter than a day.
    private static func unit(_ field: DateField) -> Int64? {
        switch field {
        case .microseconds: 1
        case .milliseconds: 1_000
        case .second: 1_000_000
        case .minute: 60_000_000
        case .hour: 3_600_000_000
        default: nil
        }
    }

    static func truncate(_ timestamp: Int64, to field: DateField) -> Int64 {
        if timestamp == .max || timestamp == .min { return timestamp }
        let (day, time) = CivilCalendar.split(timestamp: timestamp)
        if let unit = unit(field) {
            return day &* CivilCalendar.microsecondsPerDay &+ (time - time % unit)
        }
        return start(of: field, day: day) &* CivilCalendar.microsecondsPerDay
    }

    /// The first day of the period that a day lies in.
    private static func start(of field: DateField, day: Int64) -> Int64 {
        if field == .week {
            // Day 0 was a Thursday; weeks begin on Monday.
            let fromMonday = (day + 3) % 7
            return day - (fromMonday < 0 ? fromMonday + 7 : fromMonday)
        }
        let civil = CivilCalendar.civil(fromDays: Int(day))
        func first(_ year: Int, _ month: Int = 1) -> Int64 {
            Int64(CivilCalendar.days(year: year, month: month, day: 1))
        }
        func floored(_ year: Int, by size: Int) -> Int { year - ((year % size) + size) % size }
        switch field {
        case .month: return first(civil.year, civil.month)
        case .quarter: return first(civil.year, (civil.month - 1) / 3 * 3 + 1)
        case .year: return first(civil.year)
        case .decade: return first(floored(civil.year, by: 10))
        case .century: return first(floored(civil.year - 1, by: 100) + 1)
        case .millennium: return first(floored(civil.year - 1, by: 1000) + 1)
        default: return day
        }
    }

    static let ofInterval: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let fields = call.reader(0, as: StringView.self)
        let intervals = call.reader(1, as: Interval.self)
        return try RowLoop.each(call, Interval.self) { (row) throws(ExecutionError) in
            let value = intervals[row]
            let field = try field(fields[row])
            if field == .week {
                throw .unsupported(feature: "unit \"week\" for type interval")
            }
            if let unit = unit(field) {
                return Interval(
                    months: value.months, days: value.days,
                    microseconds: value.microseconds - value.microseconds % unit)
            }
            if let months = field.months { return Interval(months: value.months - value.months % months) }
            return Interval(months: value.months, days: value.days)
        }
    }

    /// `date_bin(stride, timestamp, origin)` and `time_bucket(stride, timestamp[, origin])`, the latter also
    /// by months. Buckets without an origin begin on a Monday, months on a first of January.
    static func bucket(hasOrigin: Bool, takesMonths: Bool) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let strides = call.reader(0, as: Interval.self)
            let timestamps = call.reader(1, as: Int64.self)
            let origins = hasOrigin ? call.reader(2, as: Int64.self) : nil
            let monday =
                Int64(CivilCalendar.days(year: 2000, month: 1, day: 3)) * CivilCalendar.microsecondsPerDay
            return try RowLoop.each(call, Int64.self) { (row) throws(ExecutionError) in
                let timestamp = timestamps[row]
                if timestamp == .max || timestamp == .min { return timestamp }
                let stride = strides[row]
                if stride.months != 0, !takesMonths {
                    throw .unsupported(
                        feature: "date_bin by intervals containing months or years")
                }
                if stride.months != 0 { return try monthBucket(timestamp, stride) }
                let (length, overflow) = Int64(stride.days).multipliedReportingOverflow(
                    by: CivilCalendar.microsecondsPerDay)
                let (size, second) = length.addingReportingOverflow(stride.microseconds)
                guard !overflow, !second, size > 0 else {
                    throw .refused(code: "22008", reason: "stride must be greater than zero")
                }
                let (distance, third) = timestamp.subtractingReportingOverflow(origins?[row] ?? monday)
                if third { throw .dateTimeOverflow(type: .timestamp) }
                let rest = distance % size
                return timestamp - rest - (rest < 0 ? size : 0)
            }
        }
    }

    private static func monthBucket(_ timestamp: Int64, _ stride: Interval) throws(ExecutionError) -> Int64 {
        guard stride.months > 0, stride.days == 0, stride.microseconds == 0 else {
            throw .invalidArgument(function: "time_bucket", reason: "months cannot be mixed with days")
        }
        let civil = CivilCalendar.civil(fromDays: Int(CivilCalendar.split(timestamp: timestamp).days))
        let months = (civil.year - 2000) * 12 + civil.month - 1
        let size = Int(stride.months)
        let first = months - ((months % size) + size) % size + 2000 * 12
        let year = first >= 0 ? first / 12 : (first - 11) / 12
        return Int64(CivilCalendar.days(year: year, month: first - year * 12 + 1, day: 1))
            * CivilCalendar.microsecondsPerDay
    }
}
