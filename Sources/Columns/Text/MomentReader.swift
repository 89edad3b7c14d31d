import Glibc

/// Reads dates and times word by word, in the forms of PostgreSQL's manual, "Date/Time Input"; ambiguous
/// numbers are month, day and year.
struct MomentReader {
    private var year: Int?
    private var month: Int?
    private var day: Int?
    private var time: Int64?
    private var isAfternoon: Bool?
    private var isBeforeChrist = false
    private var moment = Moment()
    private var isComplete = false
    private var shortYear: Int?

    static let monthNames = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
        "november", "december",
    ]
    private static let weekdays: Set<String> = [
        "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sun", "mon", "tue",
        "tues",
        "wed", "weds", "thu", "thur", "thurs", "fri", "sat",
    ]

    /// - Throws: `.malformed`; `.outOfRange` for fields outside the calendar.
    mutating func read(_ text: String) throws(TextReadingError) -> Moment {
        let words = text.lowercased().split { $0 == " " || $0 == "," || $0 == "\t" || $0 == "\n" }
        guard !words.isEmpty, words.count <= 12 else { throw .malformed }
        for word in words { try take(String(word)) }
        if isComplete {
            moment.microseconds += try timeOfDay() ?? 0
            return moment
        }
        guard var year, let month, let day else { throw .malformed }
        // Two digits are years around 2000, but not before Christ.
        if let short = shortYear { year = isBeforeChrist ? short : Self.century(short) }
        if isBeforeChrist { year = 1 - year }
        guard (1...12).contains(month), day >= 1, day <= CivilCalendar.daysInMonth(year: year, month: month),
            abs(year) < 6_000_000
        else { throw .outOfRange }
        moment.days = CivilCalendar.days(year: year, month: month, day: day)
        moment.microseconds = try timeOfDay() ?? 0
        return moment
    }

    /// A time of day; a date before it is ignored.
    mutating func readTime(_ text: String) throws(TextReadingError) -> Int64 {
        let words = text.lowercased().split { $0 == " " || $0 == "," }
        guard !words.isEmpty, words.count <= 12 else { throw .malformed }
        for word in words {
            let digits = word.utf8.allSatisfy { $0 >= 48 && $0 <= 57 }
            if digits, time == nil, year == nil, word.utf8.count == 6 || word.utf8.count == 4,
                let number = Int(word)
            {
                let full = word.utf8.count == 4 ? number * 100 : number
                time = try Self.time(full / 10_000, full / 100 % 100, full % 100, 0)
            } else {
                try take(String(word))
            }
        }
        guard let result = try timeOfDay() else { throw .malformed }
        return result
    }

    private func timeOfDay() throws(TextReadingError) -> Int64? {
        guard let time, let isAfternoon else { return time }
        let noon: Int64 = 43_200_000_000
        let hour: Int64 = 3_600_000_000
        guard time < noon + hour else { throw .outOfRange }
        return time % noon + (isAfternoon ? noon : 0)
    }

    private mutating func take(_ word: String) throws(TextReadingError) {
        switch word {
        case "infinity", "+infinity": (moment.infinity, isComplete) = (1, true)
        case "-infinity": (moment.infinity, isComplete) = (-1, true)
        case "epoch": (moment.days, isComplete) = (0, true)
        case "now": takeClock(dayOffset: 0, withTime: true)
        case "today": takeClock(dayOffset: 0, withTime: false)
        case "tomorrow": takeClock(dayOffset: 1, withTime: false)
        case "yesterday": takeClock(dayOffset: -1, withTime: false)
        case "allballs": time = 0
        case "am": isAfternoon = false
        case "pm": isAfternoon = true
        case "bc": isBeforeChrist = true
        case "ad", "at", "t", "on": return
        default: try takeDated(word)
        }
    }

    private mutating func takeClock(dayOffset: Int, withTime: Bool) {
        var clock = timespec()
        clock_gettime(CLOCK_REALTIME, &clock)
        let now = Int64(clock.tv_sec) * 1_000_000 + Int64(clock.tv_nsec) / 1_000
        let (days, microseconds) = CivilCalendar.split(timestamp: now)
        moment.days = Int(days) + dayOffset
        moment.microseconds = withTime ? microseconds : 0
        isComplete = true
    }

    private mutating func takeDated(_ word: String) throws(TextReadingError) {
        if let number = Self.month(word) {
            guard month == nil || day == nil else { throw .malformed }
            // A number before the name was the day.
            if let taken = month { day = taken }
            month = number
            return
        }
        if Self.weekdays.contains(word) { return }
        if word.contains(":") { return try takeTime(word) }
        guard let first = word.utf8.first else { return }
        if first >= 48, first <= 57 { return try takeNumbers(word) }
        if first == 106, let julian = Int(word.dropFirst()) {
            (moment.days, isComplete) = (julian - 2_440_588, true)
            return
        }
        if let mark = word.firstIndex(where: { $0 == "-" || $0 == "/" || $0 == "." }), mark != word.startIndex
        {
            return try takeParts(word)
        }
        moment.offsetSeconds = try ZoneText.offsetSeconds(of: word)
    }

    private static func month(_ word: String) -> Int? {
        if let index = months.firstIndex(of: word) { return index + 1 }
        if word == "sept" { return 9 }
        return monthNames.firstIndex(of: word).map { $0 + 1 }
    }

    private mutating func takeNumbers(_ word: String) throws(TextReadingError) {
        if let mark = word.firstIndex(of: "t"), mark != word.startIndex {
            try takeNumbers(String(word[..<mark]))
            let clock = String(word[word.index(after: mark)...])
            if clock.contains(":") { return try takeTime(clock) }
            guard clock.utf8.count == 6, let digits = Int(clock) else { throw .malformed }
            time = try Self.time(digits / 10_000, digits / 100 % 100, digits % 100, 0)
            return
        }
        if word.hasSuffix("am") || word.hasSuffix("pm"), let hour = Int(word.dropLast(2)) {
            time = try Self.time(hour, 0, 0, 0)
            isAfternoon = word.hasSuffix("pm")
            return
        }
        if word.contains(where: { $0 == "-" || $0 == "/" || $0 == "." }) { return try takeParts(word) }
        guard let number = Int(word) else { throw .malformed }
        switch word.utf8.count {
        case 8: (year, month, day) = (number / 10_000, number / 100 % 100, number % 100)
        case 6 where year == nil && month == nil:
            (year, month, day) = (Self.century(number / 10_000), number / 100 % 100, number % 100)
        default:
            if word.utf8.count > 2 {
                guard year == nil else { throw .malformed }
                year = number
            } else if day == nil {
                day = number
            } else if month == nil {
                month = number
            } else {
                guard year == nil else { throw .malformed }
                (year, shortYear) = (number, number)
            }
        }
    }

    /// `1/18/1999`, `1999-Jan-08`, `08-Jan-99`, `1999.008`.
    private mutating func takeParts(_ word: String) throws(TextReadingError) {
        let parts = word.split(omittingEmptySubsequences: false) { $0 == "-" || $0 == "/" || $0 == "." }
        guard year == nil, month == nil, day == nil else { throw .malformed }
        if parts.count == 2, parts[0].count == 4, parts[1].count == 3, let start = Int(parts[0]),
            let dayOfYear = Int(parts[1])
        {
            guard (1...366).contains(dayOfYear) else { throw .outOfRange }
            moment.days = CivilCalendar.days(year: start, month: 1, day: 1) + dayOfYear - 1
            isComplete = true
            return
        }
        guard parts.count == 3 else { throw .malformed }
        if let index = parts.firstIndex(where: { Self.month(String($0)) != nil }) {
            month = Self.month(String(parts[index]))
            let rest = parts.indices.filter { $0 != index }.map { parts[$0] }
            guard let first = Int(rest[0]), let second = Int(rest[1]) else { throw .malformed }
            let isYearFirst = rest[0].count > 2
            (day, year) = isYearFirst ? (second, first) : (first, Self.year(rest[1], second))
            return
        }
        guard let first = Int(parts[0]), let second = Int(parts[1]), let third = Int(parts[2]) else {
            throw .malformed
        }
        if parts[0].count > 2 {
            (year, month, day) = (first, second, third)
        } else {
            (month, day, year) = (first, second, Self.year(parts[2], third))
        }
    }

    private static func year(_ digits: Substring, _ value: Int) -> Int {
        digits.count <= 2 ? century(value) : value
    }

    private static func century(_ value: Int) -> Int { value < 70 ? 2000 + value : 1900 + value }

    private mutating func takeTime(_ word: String) throws(TextReadingError) {
        guard time == nil else { throw .malformed }
        var rest = word[...]
        if rest.hasSuffix("am") || rest.hasSuffix("pm") {
            isAfternoon = rest.hasSuffix("pm")
            rest = rest.dropLast(2)
        }
        if let zone = rest.firstIndex(where: { !($0.isNumber || $0 == ":" || $0 == ".") }) {
            moment.offsetSeconds = try ZoneText.offsetSeconds(of: String(rest[zone...]))
            rest = rest[..<zone]
        }
        let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, let hour = Int(parts[0]), let minute = Int(parts[1])
        else {
            throw .malformed
        }
        guard parts.count == 3 else {
            time = try Self.time(hour, minute, 0, 0)
            return
        }
        let seconds = parts[2].split(separator: ".", omittingEmptySubsequences: false)
        guard seconds.count <= 2, let second = Int(seconds[0]) else { throw .malformed }
        var fraction: Int64 = 0
        if seconds.count == 2, !seconds[1].isEmpty {
            guard let value = Double("0." + seconds[1]) else { throw .malformed }
            fraction = Int64((value * 1_000_000).rounded(.toNearestOrEven))
        }
        time = try Self.time(hour, minute, second, fraction)
    }

    private static func time(
        _ hour: Int, _ minute: Int, _ second: Int, _ fraction: Int64
    ) throws(TextReadingError) -> Int64 {
        guard (0...24).contains(hour), (0..<60).contains(minute), (0...60).contains(second) else {
            throw .outOfRange
        }
        let total = Int64((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction
        guard total <= CivilCalendar.microsecondsPerDay else { throw .outOfRange }
        return total
    }
}
