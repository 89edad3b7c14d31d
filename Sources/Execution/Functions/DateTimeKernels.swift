import Columns

extension DateTimeFunctions {
    static func kernel(
        _ function: ScalarFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> ScalarKernel {
        if function.parameterTypes.contains(.timestampTZ), function.name != "to_char" {
            // Moments of UTC are computed as timestamps are.
            func plain(_ type: DataType) -> DataType { type == .timestampTZ ? .timestamp : type }
            let inner = try kernel(
                ScalarFunction(
                    name: function.name, parameterTypes: function.parameterTypes.map(plain),
                    returnType: plain(function.returnType)), context)
            let type = function.returnType
            return { (call) throws(ExecutionError) in
                let result = try inner(
                    KernelCall(
                        arguments: call.arguments, count: call.count, validity: call.validity,
                        returnType: plain(type)))
                return result.type == type ? result : result.retyped(as: type)
            }
        }
        if function.parameterTypes.contains(.time) || function.returnType == .time {
            return TimeOfDay.kernel(function, context)
        }
        let types = function.parameterTypes
        switch function.name {
        case "make_interval": return IntervalMath.make
        case "overlaps": return PeriodOverlap.kernel(types)
        case "date_diff", "last_day", "strftime": return DateExtensions.kernel(function)
        case "time_scale": return TimeOfDay.scale(types[0])
        case "make_timestamptz": return make(hasTime: true)
        case "clock_timestamp", "timeofday": return DateExtensions.clock(context, function.returnType)
        case "+", "-": return types.count == 1 ? sign(function.name) : sum(function)
        case "*", "/": return scale(function)
        case "date_part", "extract": return DateParts.kernel(function)
        case "date_trunc":
            return types[1] == .interval ? DateTruncation.ofInterval : DateTruncation.ofTimestamp()
        case "date_bin": return DateTruncation.bucket(hasOrigin: true, takesMonths: false)
        case "time_bucket": return DateTruncation.bucket(hasOrigin: types.count == 3, takesMonths: true)
        case "age": return age(now: types.count == 1 ? context.statementTimestamp : nil)
        case "isfinite": return isFinite(types[0])
        case "justify_days", "justify_hours", "justify_interval": return justify(function.name)
        case "make_date", "make_timestamp": return make(hasTime: function.name == "make_timestamp")
        case "date": return CastKernels.kernel(from: .timestamp, to: .date)
        case "to_number": return NumberReader.kernel(function)
        case "to_timestamp", "to_date": return DateText.parse(function)
        case "to_char": return types[0].isNumeric ? NumberFormat.kernel(types[0]) : DateText.format(types[0])
        case "current_date":
            let days = CivilCalendar.split(timestamp: context.statementTimestamp).days
            return { call in .constant(.date(Int32(truncatingIfNeeded: days)), type: .date, count: call.count)
            }
        default:
            let now = context.statementTimestamp
            return { call in .constant(.timestamp(now), type: .timestamp, count: call.count) }
        }
    }

    private static func sign(_ name: String) -> ScalarKernel {
        if name == "+" { return { call in call.arguments[0] } }
        return { (call) throws(ExecutionError) in
            try RowLoop.map(call, Interval.self, Interval.self, error: .dateTimeOverflow(type: .interval)) {
                IntervalMath.negate($0)
            }
        }
    }

    private static func sum(_ function: ScalarFunction) -> ScalarKernel {
        let isMinus = function.name == "-"
        let error = ExecutionError.dateTimeOverflow(type: function.returnType)
        switch (function.parameterTypes[0], function.parameterTypes[1]) {
        case (.date, .integer):
            return { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Int32.self, Int32.self, Int32.self, error: error) { date, days in
                    shift(date, isMinus ? 0 &- Int64(days) : Int64(days))
                }
            }
        case (.integer, .date):
            return { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Int32.self, Int32.self, Int32.self, error: error) {
                    shift($1, Int64($0))
                }
            }
        case (.date, .date):
            return { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Int32.self, Int32.self, Int32.self, error: error) { left, right in
                    let (days, overflow) = left.subtractingReportingOverflow(right)
                    let isInfinite = left == .max || left == .min || right == .max || right == .min
                    return (days, overflow || isInfinite)
                }
            }
        case (.timestamp, .interval):
            return { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Int64.self, Interval.self, Int64.self, error: error) {
                    timestamp, interval in
                    let (delta, isBad) = isMinus ? IntervalMath.negate(interval) : (interval, false)
                    let moved = TimestampMath.add(timestamp, delta)
                    return (moved ?? 0, isBad || moved == nil)
                }
            }
        case (.interval, .timestamp):
            return { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Interval.self, Int64.self, Int64.self, error: error) {
                    interval, timestamp in
                    let moved = TimestampMath.add(timestamp, interval)
                    return (moved ?? 0, moved == nil)
                }
            }
        case (.timestamp, .timestamp):
            return { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Int64.self, Int64.self, Interval.self, error: error) { left, right in
                    let (span, overflow) = left.subtractingReportingOverflow(right)
                    let days = span / Interval.microsecondsPerDay
                    let isInfinite = left == .max || left == .min || right == .max || right == .min
                    return (
                        Interval(
                            days: Int32(truncatingIfNeeded: days),
                            microseconds: span &- days &* Interval.microsecondsPerDay), overflow || isInfinite
                    )
                }
            }
        default:
            return { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Interval.self, Interval.self, Interval.self, error: error) {
                    left, right in
                    let (delta, isBad) = isMinus ? IntervalMath.negate(right) : (right, false)
                    let (sum, overflow) = IntervalMath.add(left, delta)
                    return (sum, isBad || overflow)
                }
            }
        }
    }

    /// Infinite dates stay infinite.
    @inline(__always) private static func shift(_ date: Int32, _ days: Int64) -> (Int32, Bool) {
        if date == .max || date == .min { return (date, false) }
        let moved = Int64(date) &+ days
        let isBad = moved < Int64(CivilCalendar.dayMin) || moved > Int64(CivilCalendar.dayMax)
        return (Int32(truncatingIfNeeded: moved), isBad)
    }

    private static func scale(_ function: ScalarFunction) -> ScalarKernel {
        let intervalFirst = function.parameterTypes[0] == .interval
        let divides = function.name == "/"
        return { (call) throws(ExecutionError) in
            let intervals = call.reader(intervalFirst ? 0 : 1, as: Interval.self)
            let factors = call.reader(intervalFirst ? 1 : 0, as: Double.self)
            return try RowLoop.each(call, Interval.self) { (row) throws(ExecutionError) in
                if divides, factors[row] == 0 { throw .divisionByZero }
                return try IntervalMath.multiply(
                    intervals[row], by: divides ? 1 / factors[row] : factors[row])
            }
        }
    }

    /// `age(later, earlier)`, or the time from a timestamp to midnight of the current day.
    private static func age(now: Int64?) -> ScalarKernel {
        let midnight = now.map { $0 - CivilCalendar.split(timestamp: $0).microseconds }
        return { (call) throws(ExecutionError) in
            let first = call.reader(0, as: Int64.self)
            let second = midnight == nil ? call.reader(1, as: Int64.self) : nil
            return try RowLoop.each(call, Interval.self) { (row) throws(ExecutionError) in
                let later = midnight ?? first[row]
                let earlier = second?[row] ?? first[row]
                guard let age = TimestampMath.age(later, earlier) else {
                    throw .dateTimeOverflow(type: .interval)
                }
                return age
            }
        }
    }

    private static func isFinite(_ type: DataType) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            if type == .interval {
                let error = ExecutionError.dateTimeOverflow(type: type)
                return try RowLoop.map(call, Interval.self, UInt8.self, error: error) { _ in (1, false) }
            }
            if type == .date {
                return try RowLoop.map(call, Int32.self, UInt8.self, error: .dateTimeOverflow(type: type)) {
                    (unsafeBitCast($0 != .max && $0 != .min, to: UInt8.self), false)
                }
            }
            return try RowLoop.map(call, Int64.self, UInt8.self, error: .dateTimeOverflow(type: type)) {
                (unsafeBitCast($0 != .max && $0 != .min, to: UInt8.self), false)
            }
        }
    }

    private static func justify(_ name: String) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let intervals = call.reader(0, as: Interval.self)
            return try RowLoop.each(call, Interval.self) { (row) throws(ExecutionError) in
                guard let result = TimestampMath.justify(intervals[row], name) else {
                    throw .dateTimeOverflow(type: .interval)
                }
                return result
            }
        }
    }

    static func make(hasTime: Bool) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let years = call.reader(0, as: Int32.self)
            let months = call.reader(1, as: Int32.self)
            let dayNumbers = call.reader(2, as: Int32.self)
            func day(_ row: Int) throws(ExecutionError) -> Int32 {
                let (year, month, day) = (Int(years[row]), Int(months[row]), Int(dayNumbers[row]))
                // Negative years are BC; there is no year 0.
                let astronomical = year < 0 ? year + 1 : year
                guard year != 0, abs(year) < 5_874_898, (1...12).contains(month), day >= 1,
                    day <= CivilCalendar.daysInMonth(year: astronomical, month: month)
                else { throw .dateTimeOverflow(type: .date) }
                return Int32(
                    truncatingIfNeeded: CivilCalendar.days(year: astronomical, month: month, day: day))
            }
            guard hasTime else {
                return try RowLoop.each(call, Int32.self) { (row) throws(ExecutionError) in try day(row) }
            }
            let hours = call.reader(3, as: Int32.self)
            let minutes = call.reader(4, as: Int32.self)
            let seconds = call.reader(5, as: Double.self)
            return try RowLoop.each(call, Int64.self) { (row) throws(ExecutionError) in
                guard (0...24).contains(hours[row]), (0...59).contains(minutes[row]), seconds[row] >= 0,
                    seconds[row] <= 60
                else { throw .dateTimeOverflow(type: .timestamp) }
                let time = (Int64(hours[row]) * 60 + Int64(minutes[row])) * 60_000_000
                let whole = time + Int64((seconds[row] * 1_000_000).rounded())
                guard whole <= CivilCalendar.microsecondsPerDay,
                    let start = TimestampMath.timestamp(day: Int64(try day(row)))
                else { throw .dateTimeOverflow(type: .timestamp) }
                return start &+ whole
            }
        }
    }
}
