extension TextReader {
    /// PostgreSQL's forms (`1 year 2 mons 3 days 04:05:06.7`, `@ 1 minute ago`), those of the SQL standard
    /// (`1-2`,
    /// `3 4:05:06`) and ISO 8601 (`P1Y2M3DT4H5M6S`, `P0001-02-03T04:05:06`).
    public static func interval(_ bytes: UnsafeBufferPointer<UInt8>) throws(TextReadingError) -> Interval {
        let text = String(decoding: trimmed(bytes), as: UTF8.self).lowercased()
        if text.hasPrefix("p") || text.hasPrefix("-p") { return try ISOInterval.read(text) }
        var words = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "\t" || $0 == "\n" })[...]
        if words.first == "@" { words.removeFirst() }
        guard !words.isEmpty else { throw .malformed }
        var sum = IntervalSum()
        var sawAgo = false
        while let word = words.popFirst() {
            if word == "ago" {
                guard words.isEmpty else { throw .malformed }
                sawAgo = true
            } else if word.contains(":") {
                try sum.add(time: word)
            } else if let dash = word.dropFirst().firstIndex(of: "-") {
                try sum.add(yearsAndMonths: word, dash: dash)
            } else {
                try takeNumber(word, &words, &sum)
            }
        }
        return try sum.interval(negated: sawAgo)
    }

    /// A number with the unit that is part of the word or follows it; before a time, a bare number counts
    /// days.
    private static func takeNumber(
        _ word: Substring, _ words: inout ArraySlice<Substring>, _ sum: inout IntervalSum
    ) throws(TextReadingError) {
        var number = word
        var unit = Substring()
        if let split = word.firstIndex(where: { $0.isLetter }) {
            number = word[..<split]
            unit = word[split...]
        } else if let next = words.first, next.first?.isLetter == true, next != "ago" {
            unit = next
            words.removeFirst()
        }
        guard number.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || $0 == 43 || $0 == 45 || $0 == 46 }),
            number.utf8.contains(where: { $0 >= 48 && $0 <= 57 }), let value = Double(padded(number)),
            value.isFinite
        else { throw .malformed }
        if unit.isEmpty { unit = words.first?.contains(":") == true ? "day" : "second" }
        try sum.add(value, unit: unit)
    }

    /// `.5` and `5.` as Swift reads them.
    private static func padded(_ number: Substring) -> String {
        var text = String(number)
        if text.hasSuffix(".") { text.append("0") }
        if text.hasPrefix("+") { text.removeFirst() }
        if text.hasPrefix("-.") { return "-0" + text.dropFirst() }
        return text.hasPrefix(".") ? "0" + text : text
    }
}

/// Reads intervals of ISO 8601.
private enum ISOInterval {
    static func read(_ text: String) throws(TextReadingError) -> Interval {
        var rest = text[...]
        let isNegated = rest.hasPrefix("-")
        if isNegated { rest = rest.dropFirst() }
        rest = rest.dropFirst()
        guard !rest.isEmpty else { throw .malformed }
        var sum = IntervalSum()
        let halves = rest.split(separator: "t", maxSplits: 1, omittingEmptySubsequences: false)
        if let date = halves.first, date.dropFirst().contains("-"), !date.contains(where: \.isLetter) {
            let parts = date.split(separator: "-", omittingEmptySubsequences: false).map { Double($0) }
            let units: [Substring] = ["year", "month", "day"]
            guard parts.count <= 3 else { throw .malformed }
            for (part, unit) in zip(parts, units) {
                guard let part else { throw .malformed }
                try sum.add(part, unit: unit)
            }
        } else if let date = halves.first {
            try addFields(date, ["y": "year", "m": "month", "w": "week", "d": "day"], &sum)
        }
        if halves.count == 2 {
            guard !halves[1].isEmpty else { throw .malformed }
            if halves[1].contains(":") {
                try sum.add(time: halves[1])
            } else {
                try addFields(halves[1], ["h": "hour", "m": "minute", "s": "second"], &sum)
            }
        }
        return try sum.interval(negated: isNegated)
    }

    private static func addFields(
        _ text: Substring, _ units: [Character: Substring], _ sum: inout IntervalSum
    ) throws(TextReadingError) {
        var number = ""
        for character in text {
            guard character.isLetter else {
                number.append(character)
                continue
            }
            guard let unit = units[character], let value = Double(number), value.isFinite else {
                throw .malformed
            }
            try sum.add(value, unit: unit)
            number = ""
        }
        guard number.isEmpty else { throw .malformed }
    }
}

/// Adds up the parts of an interval, carrying fractions down as PostgreSQL does.
private struct IntervalSum {
    var months = 0.0
    var days = 0.0
    var microseconds = 0.0

    mutating func add(yearsAndMonths word: Substring, dash: Substring.Index) throws(TextReadingError) {
        let isNegative = word.first == "-"
        let yearText = word[..<dash].drop { $0 == "-" || $0 == "+" }
        guard let years = Int(yearText), let count = Int(word[word.index(after: dash)...]),
            (0..<12).contains(count)
        else { throw .malformed }
        let total = Double(years) * 12 + Double(count)
        months += isNegative ? -total : total
    }

    mutating func add(time word: Substring) throws(TextReadingError) {
        let negative = word.first == "-"
        let parts = word.drop { $0 == "-" || $0 == "+" }.split(
            separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, let first = Double(parts[0]),
            let second = Double(parts[1])
        else { throw .malformed }
        var total: Double
        if parts.count == 2, parts[1].contains(".") {
            // Minutes and seconds, as the fraction says.
            guard first < 60, second < 60 else { throw .outOfRange }
            total = first * 60 + second
        } else {
            guard let third = parts.count == 3 ? Double(parts[2]) : 0 else { throw .malformed }
            guard second < 60, third < 60 else { throw .outOfRange }
            total = (first * 60 + second) * 60 + third
        }
        total *= 1_000_000
        microseconds += negative ? -total : total
    }

    mutating func add(_ value: Double, unit: Substring) throws(TextReadingError) {
        switch unit {
        case "microsecond", "microseconds", "us", "usec", "usecond", "useconds", "microsecon":
            microseconds += value
        case "millisecond", "milliseconds", "ms", "msec", "msecond", "mseconds", "msecs":
            microseconds += value * 1_000
        case "second", "seconds", "sec", "secs", "s": microseconds += value * 1_000_000
        case "minute", "minutes", "min", "mins", "m": microseconds += value * 60_000_000
        case "hour", "hours", "hr", "hrs", "h": microseconds += value * 3_600_000_000
        case "day", "days", "d": addDays(value)
        case "week", "weeks", "w": addDays(value * 7)
        case "month", "months", "mon", "mons": addMonths(value)
        case "quarter", "quarters", "qtr": addMonths(value * 3)
        case "year", "years", "yr", "yrs", "y": months += (value * 12).rounded(.toNearestOrEven)
        case "decade", "decades", "dec", "decs": months += (value * 120).rounded(.toNearestOrEven)
        case "century", "centuries", "cent", "c": months += (value * 1_200).rounded(.toNearestOrEven)
        case "millennium", "millennia", "millenniums", "mil", "mils":
            months += (value * 12_000).rounded(.toNearestOrEven)
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
