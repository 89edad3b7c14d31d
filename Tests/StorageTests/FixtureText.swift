import Columns

/// Values as the lines of `expected/*.ndjson` have them: a JSON object a row, every value but NULL as a
/// string of its stored form (decimals unscaled, dates and times as numbers, floats as their bits in
/// hexadecimal).
enum FixtureText {
    static func line(_ row: [Value], names: [String]) -> String {
        line(names: names, row.map(text))
    }

    static func line(names: [String], _ texts: [String?]) -> String {
        let parts = zip(names, texts).map { name, text in
            "\(quoted(name)):\(text.map(quoted) ?? "null")"
        }
        return "{" + parts.joined(separator: ",") + "}"
    }

    static func text(_ value: Value) -> String? {
        switch value {
        case .null: nil
        case .boolean(let flag): flag ? "true" : "false"
        case .smallint(let number): "\(number)"
        case .integer(let number): "\(number)"
        case .bigint(let number): "\(number)"
        case .real(let number): String(number.bitPattern, radix: 16)
        case .doublePrecision(let number): String(number.bitPattern, radix: 16)
        case .decimal(let unscaled, _): "\(unscaled)"
        case .date(let days): "\(days)"
        case .timestamp(let microseconds): "\(microseconds)"
        case .timestampTZ(let microseconds), .time(let microseconds): "\(microseconds)"
        case .interval(let interval):
            "\(interval.months) \(interval.days) \(interval.microseconds)"
        case .text(let text), .json(let text), .array(let text, _): text
        case .uuid(let bits): String(bits, radix: 16)
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
