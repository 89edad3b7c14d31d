import Columns

/// Standard and summer time of a zone for all years, as POSIX's TZ writes it: `EST5EDT,M3.2.0,M11.1.0`.
struct DaylightRule: Sendable {
    /// The `week`th (5: the last) `weekday` (0: Sunday) of `month`, at `seconds` of the clock before.
    private struct Change {
        var month: Int
        var week: Int
        var weekday: Int
        var seconds: Int
    }

    private let standardOffset: Int
    private let summerOffset: Int
    private let changes: (start: Change, end: Change)?

    init?(_ text: String) {
        var reader = Reader(rest: text[...])
        guard reader.name(), let standard = reader.offset() else { return nil }
        standardOffset = -standard
        guard !reader.rest.isEmpty else {
            summerOffset = standardOffset
            changes = nil
            return
        }
        guard reader.name() else { return nil }
        if reader.rest.first != ",", let summer = reader.offset() {
            summerOffset = -summer
        } else {
            summerOffset = standardOffset + 3_600
        }
        guard let start = reader.change(), let end = reader.change() else { return nil }
        changes = (start, end)
    }

    func offset(atSeconds moment: Int64) -> Int {
        guard let changes else { return standardOffset }
        let day = (moment + Int64(standardOffset)) / 86_400
        let year = CivilCalendar.civil(fromDays: Int(day)).year
        let start = Self.moment(changes.start, year) - Int64(standardOffset)
        let end = Self.moment(changes.end, year) - Int64(summerOffset)
        let isSummer =
            start < end ? moment >= start && moment < end : !(moment >= end && moment < start)
        return isSummer ? summerOffset : standardOffset
    }

    private static func moment(_ change: Change, _ year: Int) -> Int64 {
        let first = CivilCalendar.days(year: year, month: change.month, day: 1)
        let weekday = ((first + 4) % 7 + 7) % 7
        var day = 1 + (change.weekday - weekday + 7) % 7 + (change.week - 1) * 7
        if day > CivilCalendar.daysInMonth(year: year, month: change.month) { day -= 7 }
        return Int64(first + day - 1) * 86_400 + Int64(change.seconds)
    }

    private struct Reader {
        var rest: Substring

        mutating func name() -> Bool {
            if rest.first == "<" {
                guard let end = rest.firstIndex(of: ">") else { return false }
                rest = rest[rest.index(after: end)...]
                return true
            }
            let letters = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(letters.count)
            return letters.count >= 3
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        mutating func offset() -> Int? {
            let isNegative = rest.first == "-"
            if rest.first == "-" || rest.first == "+" { rest = rest.dropFirst() }
            let text = rest.prefix { $0.isNumber || $0 == ":" }
            rest = rest.dropFirst(text.count)
            var total = 0
            var unit = 3_600
            for part in text.split(separator: ":") {
                guard let value = Int(part), value < 1_000 else { return nil }
                total += value * unit
                unit /= 60
            }
            guard !text.isEmpty else { return nil }
            return isNegative ? -total : total
        }

        mutating func change() -> Change? {
            guard rest.hasPrefix(",M") else { return nil }
            rest = rest.dropFirst(2)
            let text = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(text.count)
            let parts = text.split(separator: ".").compactMap { Int($0) }
            guard parts.count == 3, (1...12).contains(parts[0]), (1...5).contains(parts[1]),
                (0...6).contains(parts[2])
            else { return nil }
            var seconds = 7_200
            if rest.first == "/" {
                rest = rest.dropFirst()
                guard let time = offset() else { return nil }
                seconds = time
            }
            return Change(month: parts[0], week: parts[1], weekday: parts[2], seconds: seconds)
        }
    }
}
