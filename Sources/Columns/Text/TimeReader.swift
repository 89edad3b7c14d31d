extension TextReader {
    /// A date in any form of `moment`, its time dropped.
    public static func date(_ bytes: UnsafeBufferPointer<UInt8>) throws(TextReadingError) -> Int32 {
        let moment = try moment(bytes)
        if let infinite = moment.infinity { return infinite > 0 ? .max : .min }
        guard let days = Int32(exactly: moment.days), days >= CivilCalendar.dayMin,
            days <= CivilCalendar.dayMax
        else { throw .outOfRange }
        return days
    }

    /// A date and optionally a time; a zone is ignored, as PostgreSQL does for a timestamp without one.
    public static func timestamp(_ bytes: UnsafeBufferPointer<UInt8>) throws(TextReadingError) -> Int64 {
        let moment = try moment(bytes)
        if let infinite = moment.infinity { return infinite > 0 ? .max : .min }
        return try timestamp(moment)
    }

    /// A date, optionally a time, and optionally the zone that both are of: `+03`, `-04:30`, `Z`, `UTC`,
    /// `MSK`; UTC where there is none.
    public static func timestampTZ(_ bytes: UnsafeBufferPointer<UInt8>) throws(TextReadingError) -> Int64 {
        let moment = try moment(bytes)
        if let infinite = moment.infinity { return infinite > 0 ? .max : .min }
        let local = try timestamp(moment)
        let (result, overflow) = local.subtractingReportingOverflow(
            Int64(moment.offsetSeconds ?? 0) * CivilCalendar.microsecondsPerSecond)
        guard !overflow, result != .max, result != .min else { throw .outOfRange }
        return result
    }

    /// `HH:MM[:SS[.ffffff]]` with optional AM or PM; a zone is ignored.
    public static func time(_ bytes: UnsafeBufferPointer<UInt8>) throws(TextReadingError) -> Int64 {
        var reader = MomentReader()
        return try reader.readTime(String(decoding: trimmed(bytes), as: UTF8.self))
    }

    private static func timestamp(_ moment: Moment) throws(TextReadingError) -> Int64 {
        let (whole, first) = Int64(moment.days).multipliedReportingOverflow(
            by: CivilCalendar.microsecondsPerDay)
        let (result, second) = whole.addingReportingOverflow(moment.microseconds)
        // The range begins with PostgreSQL's, 4714-11-24 BC, and ends in the year 294247.
        guard !first, !second, result != .max, result >= -210_866_803_200_000_000 else { throw .outOfRange }
        return result
    }

    /// The ISO form at once, every other form word by word.
    private static func moment(_ bytes: UnsafeBufferPointer<UInt8>) throws(TextReadingError) -> Moment {
        let slice = trimmed(bytes)
        var cursor = TimeCursor(slice)
        do throws(TextReadingError) {
            return try cursor.moment()
        } catch .outOfRange {
            throw .outOfRange
        } catch {
            var reader = MomentReader()
            return try reader.read(String(decoding: slice, as: UTF8.self))
        }
    }
}

/// A date and a time as they were written.
struct Moment {
    var days = 0
    var microseconds: Int64 = 0
    var offsetSeconds: Int?
    /// 1 or -1 when the text says infinity.
    var infinity: Int?
}

/// Reads the pieces of a date and a time from left to right.
struct TimeCursor {
    private var rest: Slice<UnsafeBufferPointer<UInt8>>

    init(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) { rest = bytes }

    /// `YYYY-MM-DD`, `YYYYMMDD`, with an optional time behind `T` or a space, an optional zone, an optional
    /// ` BC`.
    mutating func moment() throws(TextReadingError) -> Moment {
        let civil = try day()
        var microseconds: Int64 = 0
        if let next = rest.first, next == 84 || next == 116 || next == 32 {
            rest = rest.dropFirst()
            while rest.first == 32 { rest = rest.dropFirst() }
            if let digit = rest.first, digit >= 48, digit <= 57 { microseconds = try timeOfDay() }
        }
        var year = civil.year
        while rest.first == 32 { rest = rest.dropFirst() }
        if String(decoding: rest.suffix(2).map { $0 & 0xDF }, as: UTF8.self) == "BC" {
            year = 1 - year
            rest = rest.dropLast(2)
            while rest.last == 32 { rest = rest.dropLast() }
        } else if year == 0 {
            throw .outOfRange
        }
        let offset = try zone()
        guard civil.month >= 1, civil.month <= 12, civil.day >= 1,
            civil.day <= CivilCalendar.daysInMonth(year: year, month: civil.month)
        else { throw .outOfRange }
        return Moment(
            days: CivilCalendar.days(year: year, month: civil.month, day: civil.day),
            microseconds: microseconds,
            offsetSeconds: offset)
    }

    private mutating func day() throws(TextReadingError) -> CivilCalendar.Day {
        let (first, digits) = try number(digitsMax: 8)
        if digits == 8 {
            return CivilCalendar.Day(year: first / 10_000, month: first / 100 % 100, day: first % 100)
        }
        guard digits >= 4 else { throw .malformed }
        let separator = rest.first
        guard separator == 45 || separator == 47 else { throw .malformed }
        rest = rest.dropFirst()
        let month = try number(digitsMax: 2).value
        guard rest.first == separator else { throw .malformed }
        rest = rest.dropFirst()
        return CivilCalendar.Day(year: first, month: month, day: try number(digitsMax: 2).value)
    }

    /// `HH:MM[:SS[.ffffff]]` in microseconds; 24:00:00 is allowed, as in PostgreSQL.
    mutating func timeOfDay() throws(TextReadingError) -> Int64 {
        let hour = try number(digitsMax: 2).value
        guard rest.first == 58 else { throw .malformed }
        rest = rest.dropFirst()
        let minute = try number(digitsMax: 2).value
        var second = 0
        var fraction: Int64 = 0
        if rest.first == 58 {
            rest = rest.dropFirst()
            second = try number(digitsMax: 2).value
            if rest.first == 46 {
                rest = rest.dropFirst()
                fraction = try fractionOfSecond()
            }
        }
        guard hour <= 24, minute < 60, second <= 60 else { throw .outOfRange }
        let total = Int64((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction
        guard total <= CivilCalendar.microsecondsPerDay else { throw .outOfRange }
        return total
    }

    private mutating func fractionOfSecond() throws(TextReadingError) -> Int64 {
        var value: Int64 = 0
        var digits = 0
        while let byte = rest.first, byte >= 48, byte <= 57 {
            if digits < 6 { value = value * 10 + Int64(byte - 48) }
            if digits == 6, byte >= 53 { value += 1 }
            digits += 1
            rest = rest.dropFirst()
        }
        for _ in 0..<max(0, 6 - digits) { value *= 10 }
        return value
    }

    private mutating func zone() throws(TextReadingError) -> Int? {
        if rest.isEmpty { return nil }
        let word = String(decoding: rest, as: UTF8.self)
        rest = rest.dropFirst(rest.count)
        return try ZoneText.offsetSeconds(of: word)
    }

    private mutating func number(digitsMax: Int) throws(TextReadingError) -> (value: Int, digits: Int) {
        var value = 0
        var digits = 0
        while let byte = rest.first, byte >= 48, byte <= 57 {
            guard digits < digitsMax else { throw .malformed }
            value = value * 10 + Int(byte - 48)
            digits += 1
            rest = rest.dropFirst()
        }
        guard digits > 0 else { throw .malformed }
        return (value, digits)
    }
}
