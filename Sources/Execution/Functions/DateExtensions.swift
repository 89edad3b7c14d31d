import Columns
import Glibc

/// Functions of dates beyond PostgreSQL's, as other analytical engines have them, and the clock.
enum DateExtensions {
    static func kernel(_ function: ScalarFunction) -> ScalarKernel {
        switch function.name {
        case "date_diff": difference
        case "last_day": lastDay
        default: formatted
        }
    }

    /// `date_diff(unit, from, to)`: how many borders of the unit lie between.
    private static let difference: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let units = call.reader(0, as: StringView.self)
        let starts = call.reader(1, as: Int64.self)
        let ends = call.reader(2, as: Int64.self)
        return try RowLoop.each(call, Int64.self) { (row) throws(ExecutionError) in
            let (start, end) = (starts[row], ends[row])
            if start == .max || start == .min || end == .max || end == .min { return nil }
            let field = try DateTruncation.field(units[row])
            let first = DateTruncation.truncate(start, to: field)
            let last = DateTruncation.truncate(end, to: field)
            if let months = field.months { return (monthNumber(last) - monthNumber(first)) / Int64(months) }
            let length: Int64 =
                switch field {
                case .microseconds: 1
                case .milliseconds: 1_000
                case .second: 1_000_000
                case .minute: 60_000_000
                case .hour: 3_600_000_000
                case .week: 7 * CivilCalendar.microsecondsPerDay
                default: CivilCalendar.microsecondsPerDay
                }
            let (distance, overflow) = last.subtractingReportingOverflow(first)
            if overflow { throw .numericOverflow(type: .bigint) }
            return distance / length
        }
    }

    private static func monthNumber(_ timestamp: Int64) -> Int64 {
        let civil = CivilCalendar.civil(fromDays: Int(CivilCalendar.split(timestamp: timestamp).days))
        return Int64(civil.year * 12 + civil.month)
    }

    private static let lastDay: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let moments = call.reader(0, as: Int64.self)
        return try RowLoop.each(call, Int32.self) { row in
            if moments[row] == .max || moments[row] == .min { return nil }
            let day = CivilCalendar.civil(fromDays: Int(CivilCalendar.split(timestamp: moments[row]).days))
            let last = CivilCalendar.daysInMonth(year: day.year, month: day.month)
            return Int32(truncatingIfNeeded: CivilCalendar.days(year: day.year, month: day.month, day: last))
        }
    }

    /// `strftime(timestamp, format)`, with C's directives.
    private static let formatted: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let moments = call.reader(0, as: Int64.self)
        let formats = call.reader(1, as: StringView.self)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            if moments[row] == .max || moments[row] == .min { return false }
            let moment = DateMoment(moments[row])
            var isDirective = false
            for character in formats[row].string {
                guard isDirective else {
                    if character == "%" { isDirective = true } else { text.append(String(character)) }
                    continue
                }
                isDirective = false
                guard let pattern = directives[character] else {
                    throw .invalidArgument(function: "strftime", reason: "unknown directive %\(character)")
                }
                for piece in DatePattern.pieces(pattern) { text.append(moment.text(piece)) }
            }
            return true
        }
    }

    /// What each directive is as a template of TO_CHAR.
    private static let directives: [Character: String] = [
        "Y": "YYYY", "y": "YY", "m": "MM", "d": "DD", "H": "HH24", "I": "HH12", "M": "MI", "S": "SS",
        "f": "US",
        "g": "MS", "p": "AM", "j": "DDD", "a": "FMDy", "A": "FMDay", "b": "FMMon", "B": "FMMonth", "u": "ID",
        "V": "IW", "G": "IYYY", "%": "%", "F": "YYYY-MM-DD", "T": "HH24:MI:SS", "-": "-", "e": "FMDD",
        "c": "YYYY-MM-DD HH24:MI:SS", "x": "YYYY-MM-DD", "X": "HH24:MI:SS",
    ]

    /// `clock_timestamp()`: the clock of the statement, moved on by the time since.
    static func clock(_ context: EvaluationContext, _ type: DataType) -> ScalarKernel {
        let origin = monotonic()
        return { (call) throws(ExecutionError) in
            let now = context.statementTimestamp + (monotonic() - origin)
            if type == .text {
                let moment = DateMoment(now)
                let pieces = DatePattern.pieces("Dy Mon DD HH24:MI:SS.US YYYY")
                let text = pieces.map { moment.text($0) }.joined()
                return .constant(.text(text), type: .text, count: call.count)
            }
            return .constant(.timestamp(now), type: .timestamp, count: call.count)
        }
    }

    private static func monotonic() -> Int64 {
        var clock = timespec()
        clock_gettime(CLOCK_MONOTONIC, &clock)
        return Int64(clock.tv_sec) * 1_000_000 + Int64(clock.tv_nsec) / 1_000
    }
}
