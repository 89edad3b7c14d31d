extension TextReader {
    /// `YYYY-MM-DD`, `YYYYMMDD`, with an optional time that is dropped, an optional ` BC`, or `infinity`.
    public static func date(_ bytes: UnsafeBufferPointer<UInt8>) throws(TextReadingError) -> Int32 {
        var cursor = TimeCursor(trimmed(bytes))
        if let infinite = cursor.infinity() { return infinite > 0 ? .max : .min }
        let timestamp = try cursor.timestamp()
        guard let days = Int32(exactly: timestamp.days), days >= CivilCalendar.dayMin,
            days <= CivilCalendar.dayMax
        else { throw .outOfRange }
        return days
    }

    /// A date, then optionally `T` or a space and `HH:MM[:SS[.ffffff]]`, then optionally a zone that is
    /// ignored as PostgreSQL does for a timestamp without one.
    public static func timestamp(_ bytes: UnsafeBufferPointer<UInt8>) throws(TextReadingError) -> Int64 {
        var cursor = TimeCursor(trimmed(bytes))
        if let infinite = cursor.infinity() { return infinite > 0 ? .max : .min }
        let timestamp = try cursor.timestamp()
        let (whole, first) = Int64(timestamp.days).multipliedReportingOverflow(
            by: CivilCalendar.microsecondsPerDay)
        let (result, second) = whole.addingReportingOverflow(timestamp.microseconds)
        guard !first, !second, result != .max, result != .min else { throw .outOfRange }
        return result
    }
}

/// Reads the pieces of a date and a time from left to right.
struct TimeCursor {
    private var rest: Slice<UnsafeBufferPointer<UInt8>>

    init(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) { rest = bytes }

    /// 1 or -1 when the text says infinity.
    func infinity() -> Int? {
        switch String(decoding: rest.map { $0 | 0x20 }, as: UTF8.self) {
        case "infinity": 1
        case "-infinity": -1
        default: nil
        }
    }

    mutating func timestamp() throws(TextReadingError) -> (days: Int, microseconds: Int64) {
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
        try zone()
        guard civil.month >= 1, civil.month <= 12, civil.day >= 1,
            civil.day <= CivilCalendar.daysInMonth(year: year, month: civil.month)
        else { throw .outOfRange }
        return (CivilCalendar.days(year: year, month: civil.month, day: civil.day), microseconds)
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

    private mutating func zone() throws(TextReadingError) {
        guard let first = rest.first else { return }
        if rest.count == 1, first | 0x20 == 122 { return }
        guard first == 43 || first == 45 else { throw .malformed }
        guard rest.count <= 9, rest.dropFirst().allSatisfy({ ($0 >= 48 && $0 <= 57) || $0 == 58 }) else {
            throw .malformed
        }
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
