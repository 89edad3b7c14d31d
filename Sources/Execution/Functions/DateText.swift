import Columns

/// TO_CHAR, TO_DATE and TO_TIMESTAMP of dates and times.
enum DateText {
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November",
        "December",
    ]
    static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// What only a date has, not a span of time.
    private static let calendarKeywords: Set<String> = [
        "month", "mon", "day", "dy", "d", "bc", "ad", "b.c.", "a.d.", "tz", "tzh", "tzm", "of",
    ]

    static func format(_ source: DataType) -> ScalarKernel {
        var known: (text: String, pieces: [DatePattern.Piece])?
        return { (call) throws(ExecutionError) in
            let patterns = call.reader(1, as: StringView.self)
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                let pattern = patterns[row].string
                if known?.text != pattern { known = (pattern, DatePattern.pieces(pattern)) }
                let pieces = known?.pieces ?? []
                if source == .interval {
                    let moment = DateMoment(call.reader(0, as: Interval.self)[row])
                    for piece in pieces {
                        if let keyword = piece.keyword, calendarKeywords.contains(keyword.lowercased()) {
                            throw .refused(
                                code: "22007", reason: "invalid format specification for an interval value")
                        }
                        text.append(moment.text(piece))
                    }
                    return true
                }
                let timestamp = call.reader(0, as: Int64.self)[row]
                if timestamp == .max || timestamp == .min { return false }
                let moment = DateMoment(timestamp, isZoned: source == .timestampTZ)
                for piece in pieces { text.append(moment.text(piece)) }
                return true
            }
        }
    }

    static func parse(_ function: ScalarFunction) -> ScalarKernel {
        if function.parameterTypes == [.doublePrecision] { return fromEpoch }
        let isDate = function.returnType == .date
        return { (call) throws(ExecutionError) in
            let texts = call.reader(0, as: StringView.self)
            let patterns = call.reader(1, as: StringView.self)
            func timestamp(_ row: Int) throws(ExecutionError) -> Int64 {
                var reader = DatePatternReader(texts[row].string)
                let type: DataType = isDate ? .date : .timestamp
                do throws(TextReadingError) {
                    return try reader.read(DatePattern.pieces(patterns[row].string))
                } catch .malformed {
                    throw .invalidText(type: type, text: texts[row].string)
                } catch {
                    throw .textOutOfRange(type: type, text: texts[row].string)
                }
            }
            if isDate {
                return try RowLoop.each(call, Int32.self) { (row) throws(ExecutionError) in
                    Int32(truncatingIfNeeded: CivilCalendar.split(timestamp: try timestamp(row)).days)
                }
            }
            return try RowLoop.each(call, Int64.self) { (row) throws(ExecutionError) in try timestamp(row) }
        }
    }

    private static let fromEpoch: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let seconds = call.reader(0, as: Double.self)
        return try RowLoop.each(call, Int64.self) { (row) throws(ExecutionError) in
            if seconds[row] == .infinity { return .max }
            if seconds[row] == -.infinity { return .min }
            guard let whole = Int64(exactly: (seconds[row] * 1_000_000).rounded()) else {
                throw .dateTimeOverflow(type: .timestamp)
            }
            return whole
        }
    }
}

/// A template of TO_CHAR cut into pieces.
enum DatePattern {
    struct Piece {
        /// A keyword in its spelling, or nil for a literal.
        var keyword: String?
        var literal = ""
        /// FM: no padding.
        var isFilled = true
        /// TH or th behind a number.
        var ordinal = ""
    }

    /// Longer ones before those that they begin with.
    private static let keywords = [
        "Y,YYY", "YYYY", "YYY", "YY", "Y", "IYYY", "IYY", "IY", "HH24", "HH12", "HH", "MI", "MS", "MM",
        "MONTH",
        "Month", "month",
        "MON", "Mon", "mon", "DDD", "DD", "DAY", "Day", "day", "DY", "Dy", "dy", "D", "IDDD", "ID", "IW",
        "WW", "W", "SSSSS",
        "SSSS", "SS", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6", "US", "Q", "CC", "J", "AM", "am", "PM", "pm",
        "A.M.", "P.M.", "a.m.", "p.m.", "BC",
        "AD", "RM", "rm", "TZH", "TZM", "TZ", "tz", "OF", "B.C.", "A.D.", "bc", "ad", "b.c.", "a.d.", "I",
    ]

    static func pieces(_ pattern: String) -> [Piece] {
        var pieces: [Piece] = []
        var rest = pattern[...]
        var isFilled = true
        while let first = rest.first {
            if first == "\"" {
                rest = rest.dropFirst()
                let end = rest.firstIndex(of: "\"") ?? rest.endIndex
                pieces.append(Piece(keyword: nil, literal: String(rest[..<end])))
                rest = end == rest.endIndex ? rest[end...] : rest[rest.index(after: end)...]
                continue
            }
            if rest.hasPrefix("FM") || rest.hasPrefix("fm") {
                isFilled = false
                rest = rest.dropFirst(2)
                continue
            }
            if rest.hasPrefix("TM") {
                rest = rest.dropFirst(2)
                continue
            }
            let upper = rest.prefix(5).uppercased()
            let exact = keywords.first { rest.hasPrefix($0) }
            guard let keyword = exact ?? keywords.first(where: { upper.hasPrefix($0) }) else {
                pieces.append(Piece(keyword: nil, literal: String(first)))
                rest = rest.dropFirst()
                continue
            }
            rest = rest.dropFirst(keyword.count)
            var piece = Piece(keyword: keyword, isFilled: isFilled)
            if rest.hasPrefix("TH") || rest.hasPrefix("th") {
                piece.ordinal = String(rest.prefix(2))
                rest = rest.dropFirst(2)
            }
            pieces.append(piece)
            isFilled = true
        }
        return pieces
    }
}

/// A moment taken apart for printing.
struct DateMoment {
    private let civil: CivilCalendar.Day
    private let isZoned: Bool
    private let isSpan: Bool
    private let day: Int64
    private let time: Int64

    init(_ timestamp: Int64, isZoned: Bool = false) {
        self.isZoned = isZoned
        isSpan = false
        (day, time) = CivilCalendar.split(timestamp: timestamp)
        civil = CivilCalendar.civil(fromDays: Int(day))
    }

    init(_ interval: Interval) {
        isZoned = false
        isSpan = true
        day = 0
        time = interval.microseconds
        civil = CivilCalendar.Day(
            year: Int(interval.months) / 12, month: Int(interval.months) % 12, day: Int(interval.days))
    }

    private func part(_ field: DateField) -> Int {
        Int(DateParts.millionths(of: field, day: day, time: time) / 1_000_000)
    }

    func text(_ piece: DatePattern.Piece) -> String {
        guard let keyword = piece.keyword else { return piece.literal }
        if let name = name(keyword, piece.isFilled) { return name }
        let (value, width) = number(keyword)
        var digits = String(abs(value))
        if piece.isFilled, digits.count < width {
            digits = String(repeating: "0", count: width - digits.count) + digits
        }
        if keyword == "Y,YYY" { digits = String(digits.dropLast(3)) + "," + String(digits.suffix(3)) }
        return (value < 0 ? "-" : "") + digits + ordinal(piece.ordinal, value)
    }

    private func ordinal(_ form: String, _ value: Int) -> String {
        if form.isEmpty { return "" }
        let teens = (11...13).contains(value % 100)
        let suffix =
            teens ? "th" : value % 10 == 1 ? "st" : value % 10 == 2 ? "nd" : value % 10 == 3 ? "rd" : "th"
        return form == "TH" ? suffix.uppercased() : suffix
    }

    private func name(_ keyword: String, _ isFilled: Bool) -> String? {
        let month = DateText.months.indices.contains(civil.month - 1) ? DateText.months[civil.month - 1] : ""
        let weekday = DateText.days[part(.dow)]
        func cased(_ word: String, width: Int) -> String {
            var cased = word
            if keyword == keyword.uppercased() { cased = word.uppercased() }
            if keyword == keyword.lowercased() { cased = word.lowercased() }
            return isFilled ? cased + String(repeating: " ", count: max(0, width - cased.count)) : cased
        }
        switch keyword.lowercased() {
        case "month": return cased(month, width: 9)
        case "mon": return cased(String(month.prefix(3)), width: 3)
        case "day": return cased(weekday, width: 9)
        case "dy": return cased(String(weekday.prefix(3)), width: 3)
        case "am", "pm", "a.m.", "p.m.":
            let isMorning = time / 3_600_000_000 % 24 < 12
            let dotted = keyword.contains(".")
            let word = (isMorning ? "a" : "p") + (dotted ? ".m." : "m")
            return keyword == keyword.uppercased() ? word.uppercased() : word
        case "bc", "ad", "b.c.", "a.d.":
            let era =
                keyword.contains(".") ? (civil.year > 0 ? "A.D." : "B.C.") : civil.year > 0 ? "AD" : "BC"
            return keyword == keyword.lowercased() ? era.lowercased() : era
        case "rm":
            let roman = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]
            let name = roman.indices.contains(civil.month - 1) ? roman[civil.month - 1] : ""
            return cased(name, width: 4)
        case "tz": return isZoned ? (keyword == "TZ" ? "UTC" : "utc") : ""
        case "tzh", "of": return "+00"
        case "tzm": return "00"
        default: return nil
        }
    }

    private func number(_ keyword: String) -> (value: Int, width: Int) {
        let hour = Int(time / 3_600_000_000)
        let year = isSpan || civil.year > 0 ? civil.year : 1 - civil.year
        switch keyword {
        case "YYYY", "Y,YYY": return (year, 4)
        case "YYY": return (year % 1000, 3)
        case "YY": return (year % 100, 2)
        case "Y": return (year % 10, 1)
        case "IYYY": return (DateParts.isoWeek(day).year, 4)
        case "IYY": return (DateParts.isoWeek(day).year % 1000, 3)
        case "I": return (DateParts.isoWeek(day).year % 10, 1)
        case "FF1", "FF2", "FF3", "FF4", "FF5", "FF6":
            let digits = Int(keyword.suffix(1)) ?? 6
            return (Int(time % 1_000_000) / Int(DecimalMath.powerOfTen(6 - digits)), digits)
        case "IY": return (DateParts.isoWeek(day).year % 100, 2)
        case "HH24": return (hour, 2)
        case "HH12", "HH": return (hour % 12 == 0 ? 12 : hour % 12, 2)
        case "MI": return (Int(time / 60_000_000 % 60), 2)
        case "SS": return (Int(time / 1_000_000 % 60), 2)
        case "SSSS", "SSSSS": return (Int(time / 1_000_000), 1)
        case "MS": return (Int(time / 1_000 % 1_000), 3)
        case "US": return (Int(time % 1_000_000), 6)
        case "MM": return (civil.month, 2)
        case "DD": return (civil.day, 2)
        case "DDD": return (part(.doy), 3)
        case "IDDD": return (Int(DateParts.isoWeek(day).week - 1) * 7 + part(.isodow), 3)
        case "D": return (part(.dow) + 1, 1)
        case "ID": return (part(.isodow), 1)
        case "IW": return (DateParts.isoWeek(day).week, 2)
        case "WW": return ((part(.doy) - 1) / 7 + 1, 2)
        case "W": return ((civil.day - 1) / 7 + 1, 1)
        case "Q": return ((civil.month + 2) / 3, 1)
        case "CC": return ((year + 99) / 100, 2)
        default: return (Int(day) + 2_440_588, 1)
        }
    }
}
