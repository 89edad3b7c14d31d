/// Dates, times and uuids as PostgreSQL prints them (ISO style).
extension TextBuffer {
    public func append(date days: Int32) {
        if days == Int32.max { return append("infinity") }
        if days == Int32.min { return append("-infinity") }
        let civil = CivilCalendar.civil(fromDays: Int(days))
        appendDay(civil)
        if civil.year <= 0 { append(" BC") }
    }

    public func append(timestamp: Int64) {
        if timestamp == Int64.max { return append("infinity") }
        if timestamp == Int64.min { return append("-infinity") }
        let (days, microseconds) = CivilCalendar.split(timestamp: timestamp)
        let civil = CivilCalendar.civil(fromDays: Int(days))
        appendDay(civil)
        append(32)
        appendTimeOfDay(microseconds)
        if civil.year <= 0 { append(" BC") }
    }

    /// As `append(timestamp:)`, with the offset of UTC.
    public func append(timestampTZ moment: Int64) {
        if moment == Int64.max || moment == Int64.min { return append(timestamp: moment) }
        let (days, microseconds) = CivilCalendar.split(timestamp: moment)
        let civil = CivilCalendar.civil(fromDays: Int(days))
        appendDay(civil)
        append(32)
        appendTimeOfDay(microseconds)
        append("+00")
        if civil.year <= 0 { append(" BC") }
    }

    private func appendDay(_ civil: CivilCalendar.Day) {
        let year = civil.year <= 0 ? 1 - civil.year : civil.year
        appendPadded(year, digits: 4)
        append(45)
        appendPadded(civil.month, digits: 2)
        append(45)
        appendPadded(civil.day, digits: 2)
    }

    /// `HH:MM:SS[.ffffff]` without trailing zeros of the fraction; hours may exceed 23.
    func appendTimeOfDay(_ microseconds: Int64) {
        let seconds = microseconds / 1_000_000
        appendPadded(Int(seconds / 3600), digits: 2)
        append(58)
        appendPadded(Int(seconds / 60 % 60), digits: 2)
        append(58)
        appendPadded(Int(seconds % 60), digits: 2)
        var fraction = Int(microseconds % 1_000_000)
        guard fraction != 0 else { return }
        var digits = 6
        while fraction % 10 == 0 {
            fraction /= 10
            digits -= 1
        }
        append(46)
        appendPadded(fraction, digits: digits)
    }

    func appendPadded(_ value: Int, digits: Int) {
        var bound = 1
        for _ in 1..<max(digits, 1) { bound *= 10 }
        var missing = value
        while missing < bound, bound > 1 {
            append(48)
            bound /= 10
            missing = value
        }
        append(integer: Int64(value))
    }

    /// PostgreSQL's style: `1 year 2 mons -3 days +04:05:06`.
    public func append(interval: Interval) {
        let start = count
        let months = Int(interval.months)
        var negativeBefore = false
        func part(_ value: Int, _ unit: StaticString) {
            guard value != 0 else { return }
            if count > start { append(32) }
            if negativeBefore && value > 0 { append(43) }
            append(integer: Int64(value))
            append(unit)
            if value != 1 { append(115) }
            negativeBefore = value < 0
        }
        part(months / 12, " year")
        part(months % 12, " mon")
        part(Int(interval.days), " day")
        if interval.microseconds != 0 || count == start {
            if count > start { append(32) }
            if interval.microseconds < 0 {
                append(45)
            } else if negativeBefore {
                append(43)
            }
            appendTimeOfDay(Int64(clamping: interval.microseconds.magnitude))
        }
    }

    /// The 36-character form in lower case.
    public func append(uuid: UInt128) {
        let target = reserve(36)
        var position = 0
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 {
                target[position] = 45
                position += 1
            }
            let digit = UInt8(truncatingIfNeeded: uuid >> UInt128(124 - index * 4)) & 15
            target[position] = digit < 10 ? 48 + digit : 87 + digit
            position += 1
        }
        advance(36)
    }
}
