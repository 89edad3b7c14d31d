import Columns
import Glibc

/// Functions of TIME, and rounding of times to fewer digits.
enum TimeOfDay {
    static func kernel(_ function: ScalarFunction, _ context: EvaluationContext) -> ScalarKernel {
        switch function.name {
        case "date_part", "extract": return DateParts.kernel(function)
        case "make_time": return make
        case "time_scale": return scale(.time)
        case "localtime":
            let now = CivilCalendar.split(timestamp: context.statementTimestamp).microseconds
            return { call in .constant(.time(now), type: .time, count: call.count) }
        default: return sum(function)
        }
    }

    private static func sum(_ function: ScalarFunction) -> ScalarKernel {
        let isMinus = function.name == "-"
        let error = ExecutionError.dateTimeOverflow(type: function.returnType)
        func wrapped(_ time: Int64) -> Int64 { CivilCalendar.split(timestamp: time).microseconds }
        switch (function.parameterTypes[0], function.parameterTypes[1]) {
        case (.date, .time):
            return { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Int32.self, Int64.self, Int64.self, error: error) { moment($0, $1) }
            }
        case (.time, .date):
            return { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Int64.self, Int32.self, Int64.self, error: error) { moment($1, $0) }
            }
        case (.time, .time):
            return { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Int64.self, Int64.self, Interval.self, error: error) {
                    (Interval(microseconds: $0 &- $1), false)
                }
            }
        case (.interval, .time):
            return { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Interval.self, Int64.self, Int64.self, error: error) {
                    (wrapped($1 &+ $0.microseconds % Interval.microsecondsPerDay), false)
                }
            }
        default:
            return { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Int64.self, Interval.self, Int64.self, error: error) {
                    let delta = $1.microseconds % Interval.microsecondsPerDay
                    return (wrapped(isMinus ? $0 &- delta : $0 &+ delta), false)
                }
            }
        }
    }

    @inline(__always) private static func moment(_ day: Int32, _ time: Int64) -> (Int64, Bool) {
        if day == .max { return (.max, false) }
        if day == .min { return (.min, false) }
        guard let midnight = TimestampMath.timestamp(day: Int64(day)) else { return (0, true) }
        let (result, overflow) = midnight.addingReportingOverflow(time)
        return (result, overflow)
    }

    private static let make: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let hours = call.reader(0, as: Int32.self)
        let minutes = call.reader(1, as: Int32.self)
        let seconds = call.reader(2, as: Double.self)
        return try RowLoop.each(call, Int64.self) { (row) throws(ExecutionError) in
            guard (0...24).contains(hours[row]), (0...59).contains(minutes[row]), seconds[row] >= 0,
                seconds[row] <= 60
            else { throw .dateTimeOverflow(type: .time) }
            let total =
                (Int64(hours[row]) * 60 + Int64(minutes[row])) * 60_000_000
                + Int64((seconds[row] * 1_000_000).rounded())
            guard total <= CivilCalendar.microsecondsPerDay else { throw .dateTimeOverflow(type: .time) }
            return total
        }
    }

    /// `timestamp(p)` and the like: `p` digits of the second, rounded half away from zero.
    static func scale(_ type: DataType) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let digits = call.reader(1, as: Int32.self)
            func rounded(_ value: Int64, _ row: Int) -> Int64 {
                if value == .max || value == .min { return value }
                let unit = Int64(DecimalMath.powerOfTen(6 - max(0, min(6, Int(digits[row])))))
                let half = value >= 0 ? unit / 2 : -(unit / 2)
                let (sum, overflow) = value.addingReportingOverflow(half)
                return overflow ? value : sum / unit * unit
            }
            if type == .interval {
                let spans = call.reader(0, as: Interval.self)
                return try RowLoop.each(call, Interval.self) { row in
                    var span = spans[row]
                    span.microseconds = rounded(span.microseconds, row)
                    return span
                }
            }
            let values = call.reader(0, as: Int64.self)
            return try RowLoop.each(call, Int64.self) { row in rounded(values[row], row) }
        }
    }
}

/// `(start, end) OVERLAPS (start, end)`, where an end may be a length.
enum PeriodOverlap {
    static func kernel(_ types: [DataType]) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let starts = [call.reader(0, as: Int64.self), call.reader(2, as: Int64.self)]
            func period(_ index: Int, _ row: Int) throws(ExecutionError) -> (Int64, Int64) {
                let start = starts[index][row]
                let end: Int64
                if types[index * 2 + 1] == .interval {
                    let length = call.reader(index * 2 + 1, as: Interval.self)[row]
                    guard let moved = TimestampMath.add(start, length) else {
                        throw .dateTimeOverflow(type: .timestamp)
                    }
                    end = moved
                } else {
                    end = call.reader(index * 2 + 1, as: Int64.self)[row]
                }
                return (min(start, end), max(start, end))
            }
            return try RowLoop.each(call, UInt8.self) { (row) throws(ExecutionError) in
                let (first, firstEnd) = try period(0, row)
                let (second, secondEnd) = try period(1, row)
                if first == second { return 1 }
                return first < second ? (second < firstEnd ? 1 : 0) : (first < secondEnd ? 1 : 0)
            }
        }
    }
}

extension IntervalMath {
    /// `make_interval(years, months, weeks, days, hours, minutes, seconds)`, as many as there are.
    static let make: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let whole = call.arguments.indices.prefix(6).map { call.reader($0, as: Int32.self) }
        let seconds = call.arguments.count > 6 ? call.reader(6, as: Double.self) : nil
        return try RowLoop.each(call, Interval.self) { (row) throws(ExecutionError) in
            func part(_ index: Int) -> Int64 { index < whole.count ? Int64(whole[index][row]) : 0 }
            let second = ((seconds?[row] ?? 0) * 1_000_000).rounded()
            let clock = (part(4) * 60 + part(5)) * 60_000_000
            guard let months = Int32(exactly: part(0) * 12 + part(1)),
                let days = Int32(exactly: part(2) * 7 + part(3)), let rest = Int64(exactly: second)
            else { throw .dateTimeOverflow(type: .interval) }
            let (sum, overflow) = clock.addingReportingOverflow(rest)
            if overflow { throw .dateTimeOverflow(type: .interval) }
            return Interval(months: months, days: days, microseconds: sum)
        }
    }
}
