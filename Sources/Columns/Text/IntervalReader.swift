extension TextReader {
    /// `1 year 2 mons 3 days 04:05:06.7`, `-1 day`, `2 weeks`, `1.5 hours`, `3 months ago`, or a plain time.
    public static func interval(_ bytes: UnsafeBufferPointer<UInt8>) throws(TextReadingError) -> Interval {
        let text = String(decoding: trimmed(bytes), as: UTF8.self).lowercased()
        var words = text.split(whereSeparator: { $0 == " " || $0 == "," })[...]
        guard !words.isEmpty else { throw .malformed }
        var sum = IntervalSum()
        var sawAgo = false
        while let word = words.popFirst() {
            if word == "ago" {
                guard words.isEmpty else { throw .malformed }
                sawAgo = true
            } else if word.contains(":") {
                try sum.add(time: word)
            } else {
                var number = word
                var unit = Substring()
                if let split = word.firstIndex(where: { $0.isLetter }) {
                    number = word[..<split]
                    unit = word[split...]
                } else if let next = words.first, next.first?.isLetter == true, next != "ago" {
                    unit = next
                    words.removeFirst()
                }
                guard let value = Double(number), value.isFinite else { throw .malformed }
                try sum.add(value, unit: unit.isEmpty ? "second" : unit)
            }
        }
        return try sum.interval(negated: sawAgo)
    }
}

/// Adds up the parts of an interval, carrying fractions down as PostgreSQL does.
private struct IntervalSum {
    var months = 0.0
    var days = 0.0
    var microseconds = 0.0

    mutating func add(time word: Substring) throws(TextReadingError) {
        let negative = word.first == "-"
        let parts = word.drop { $0 == "-" || $0 == "+" }.split(
            separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, let hours = Double(parts[0]),
            let minutes = Double(parts[1]),
            let seconds = parts.count == 3 ? Double(parts[2]) : 0, minutes < 60, seconds < 60
        else { throw .malformed }
        let total = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000
        microseconds += negative ? -total : total
    }

    mutating func add(_ value: Double, unit: Substring) throws(TextReadingError) {
        switch unit {
        case "microsecond", "microseconds", "us", "usec": microseconds += value
        case "millisecond", "milliseconds", "ms", "msec": microseconds += value * 1_000
        case "second", "seconds", "sec", "secs", "s": microseconds += value * 1_000_000
        case "minute", "minutes", "min", "mins", "m": microseconds += value * 60_000_000
        case "hour", "hours", "hr", "hrs", "h": microseconds += value * 3_600_000_000
        case "day", "days", "d": addDays(value)
        case "week", "weeks", "w": addDays(value * 7)
        case "month", "months", "mon", "mons": addMonths(value)
        case "quarter", "quarters": addMonths(value * 3)
        case "year", "years", "yr", "yrs", "y": months += (value * 12).rounded()
        case "decade", "decades": months += (value * 120).rounded()
        case "century", "centuries": months += (value * 1_200).rounded()
        default: throw .malformed
        }
    }

    private mutating func addDays(_ value: Double) {
        days += value.rounded(.towardZero)
        microseconds += (value - value.rounded(.towardZero)) * 86_400_000_000
    }

    private mutating func addMonths(_ value: Double) {
        months += value.rounded(.towardZero)
        addDays((value - value.rounded(.towardZero)) * 30)
    }

    func interval(negated: Bool) throws(TextReadingError) -> Interval {
        let sign: Double = negated ? -1 : 1
        guard let months = Int32(exactly: (sign * months).rounded()),
            let days = Int32(exactly: (sign * days).rounded()),
            let microseconds = Int64(exactly: (sign * microseconds).rounded())
        else { throw .outOfRange }
        return Interval(months: months, days: days, microseconds: microseconds)
    }
}
