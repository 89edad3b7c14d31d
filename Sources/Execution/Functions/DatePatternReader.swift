import Columns

/// Reads a text by a template.
struct DatePatternReader {
    private var rest: Substring
    private var year = 1
    private var month = 1
    private var day = 1
    private var hour = 0
    private var isAfternoon: Bool?
    private var minute = 0
    private var second = 0
    private var microsecond = 0
    private var dayOfYear: Int?
    private var isoYear: Int?
    private var isoWeek: Int?
    private var isoDay: Int?
    private var hasYear = false
    private var isBeforeChrist = false

    init(_ text: String) { rest = text[...] }

    /// - Throws: `.malformed` when the text does not fit, `.outOfRange` for fields outside the calendar.
    mutating func read(_ pieces: [DatePattern.Piece]) throws(TextReadingError) -> Int64 {
        for piece in pieces {
            while rest.first == " " { rest = rest.dropFirst() }
            guard let keyword = piece.keyword else {
                for character in piece.literal where character != " " {
                    // Any separator stands for any other, as in PostgreSQL.
                    if let next = rest.first, next == character || !(next.isLetter || next.isNumber) {
                        rest = rest.dropFirst()
                    } else if character.isLetter || character.isNumber {
                        // A letter of the template stands for any one character.
                        rest = rest.dropFirst()
                    }
                }
                continue
            }
            if rest.isEmpty { break }
            if !take(keyword) { throw .malformed }
        }
        var hours = hour
        if let isAfternoon { hours = hour % 12 + (isAfternoon ? 12 : 0) }
        if !hasYear || isBeforeChrist { year = 1 - (isBeforeChrist ? year : 1) }
        guard (1...12).contains(month), day >= 1, day <= CivilCalendar.daysInMonth(year: year, month: month),
            hours < 24, minute < 60, second < 60, abs(year) < 290_000
        else { throw .outOfRange }
        var days = CivilCalendar.days(year: year, month: month, day: day)
        if let dayOfYear {
            guard (1...(CivilCalendar.isLeap(year) ? 366 : 365)).contains(dayOfYear) else {
                throw .outOfRange
            }
            days = CivilCalendar.days(year: year, month: 1, day: 1) + dayOfYear - 1
        }
        if let isoYear {
            guard (1...53).contains(isoWeek ?? 1), (1...7).contains(isoDay ?? 1) else { throw .outOfRange }
            // Week 1 has the fourth of January.
            let fourth = CivilCalendar.days(year: isoYear, month: 1, day: 4)
            let monday = fourth - ((fourth + 3) % 7 + 7) % 7
            days = monday + ((isoWeek ?? 1) - 1) * 7 + (isoDay ?? 1) - 1
        }
        let time = Int64((hours * 60 + minute) * 60 + second) * 1_000_000 + Int64(microsecond)
        return Int64(days) * CivilCalendar.microsecondsPerDay + time
    }

    private mutating func number(_ digitsMax: Int) -> Int? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }.prefix(digitsMax)
        guard let value = Int(digits) else { return nil }
        rest = rest.dropFirst(digits.count)
        return value
    }

    private mutating func take(_ keyword: String) -> Bool {
        switch keyword.uppercased() {
        case "MONTH", "MON":
            let lower = rest.lowercased()
            guard
                let index = DateText.months.firstIndex(where: { lower.hasPrefix($0.prefix(3).lowercased()) })
            else {
                return false
            }
            let full = lower.hasPrefix(DateText.months[index].lowercased())
            rest = rest.dropFirst(full ? DateText.months[index].count : 3)
            month = index + 1
            return true
        case "DAY", "DY":
            rest = rest.drop { $0.isLetter }
            return true
        case "BC", "AD", "B.C.", "A.D.":
            isBeforeChrist = rest.lowercased().hasPrefix("b")
            rest = rest.dropFirst(keyword.count)
            return true
        case "AM", "PM", "A.M.", "P.M.":
            isAfternoon = rest.lowercased().hasPrefix("p")
            rest = rest.dropFirst(keyword.count)
            return true
        default: return takeNumber(keyword.uppercased())
        }
    }

    private mutating func takeNumber(_ keyword: String) -> Bool {
        switch keyword {
        case "YYYY":
            guard let value = number(4) else { return false }
            (year, hasYear) = (value, true)
        case "YY":
            guard let value = number(2) else { return false }
            (year, hasYear) = (value < 70 ? 2000 + value : 1900 + value, true)
        case "Y,YYY":
            guard let thousands = number(3), rest.first == "," else { return false }
            rest = rest.dropFirst()
            guard let value = number(3) else { return false }
            (year, hasYear) = (thousands * 1000 + value, true)
        case "IYYY":
            guard let value = number(4) else { return false }
            isoYear = value
        case "IW":
            guard let value = number(2) else { return false }
            isoWeek = value
        case "ID":
            guard let value = number(1) else { return false }
            isoDay = value
        case "J":
            guard let value = number(7) else { return false }
            let civil = CivilCalendar.civil(fromDays: value - 2_440_588)
            (year, month, day, hasYear) = (civil.year, civil.month, civil.day, true)
        case "SSSS", "SSSSS":
            guard let value = number(5) else { return false }
            (hour, minute, second) = (value / 3600, value / 60 % 60, value % 60)
        case "Q", "WW", "W", "D", "CC": return number(2) != nil
        case "MS", "US", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6":
            let before = rest
            guard let value = number(keyword == "MS" ? 3 : keyword == "US" ? 6 : Int(keyword.suffix(1)) ?? 6)
            else { return false }
            var scaled = value
            for _ in (before.count - rest.count)..<6 { scaled *= 10 }
            microsecond = scaled
        case "DDD":
            guard let value = number(3) else { return false }
            dayOfYear = value
        default:
            guard let value = number(2) else { return false }
            switch keyword {
            case "MM": month = value
            case "DD": day = value
            case "HH24", "HH12", "HH": hour = value
            case "MI": minute = value
            case "SS": second = value
            default: return false
            }
        }
        return true
    }
}
