import SQLSyntax

/// Reads the values of SET and shows them as PostgreSQL does.
enum SettingReader {
    /// The value of a setting in its canonical text.
    ///
    /// - Throws: `invalidParameterValue` for a value that it does not take.
    static func canonical(
        _ values: [SQLExpression], of definition: SettingDefinition, position: Int
    ) throws(QueryError) -> String {
        let words = try values.map { (value) throws(QueryError) in try word(value, of: definition) }
        let text = words.joined(separator: ", ")
        switch definition.kind {
        case .text: return text
        case .schemas: return words.map { shownSchema($0) }.joined(separator: ", ")
        case .boolean:
            guard let isOn = boolean(text) else {
                throw wrong(definition.name, "requires a Boolean value", position)
            }
            return isOn ? "on" : "off"
        case .integer(let range):
            guard let number = Int(text) else { throw invalid(definition, text, position) }
            guard range.contains(number) else {
                throw outside(definition, text, "\(range.lowerBound) .. \(range.upperBound)", position)
            }
            return String(number)
        case .milliseconds:
            guard let duration = milliseconds(text) else { throw invalid(definition, text, position) }
            guard (0...Int(Int32.max)).contains(duration) else {
                throw outside(definition, text, "0 ms .. \(Int32.max) ms", position)
            }
            return shownMilliseconds(duration)
        case .memory:
            guard let bytes = bytes(text) else { throw invalid(definition, text, position) }
            guard (64 << 10...1 << 42).contains(bytes) else {
                throw outside(definition, text, "64kB .. 4TB", position)
            }
            return shownBytes(bytes)
        case .oneOf(let choices):
            guard let found = choices.first(where: { $0.lowercased() == text.lowercased() }) else {
                throw QueryError(
                    code: SQLState.invalidParameterValue.rawValue,
                    message: "invalid value for parameter \"\(definition.name)\": \"\(text)\"",
                    position: position, hint: "Available values: \(choices.joined(separator: ", ")).")
            }
            if ["UTF-8", "UNICODE"].contains(found) { return "UTF8" }
            return found == "ISO" ? definition.standard : found
        case .fixed:
            throw QueryError(
                code: "55P02", message: "parameter \"\(definition.name)\" cannot be changed",
                position: position)
        }
    }

    private static func word(
        _ value: SQLExpression, of definition: SettingDefinition
    ) throws(QueryError) -> String {
        switch value.kind {
        case .string(let text), .integer(let text), .decimal(let text): return text
        case .boolean(let isTrue): return isTrue ? "on" : "off"
        case .column(let parts) where parts.count == 1: return parts[0].name
        case .unary(_, let operand):
            if case .integer(let digits) = operand.kind { return "-" + digits }
            throw invalid(definition, SQLPrinter().text(value), value.span.start)
        default: throw invalid(definition, SQLPrinter().text(value), value.span.start)
        }
    }

    static func boolean(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "on", "true", "yes", "1", "t", "y": true
        case "off", "false", "no", "0", "f", "n": false
        default: nil
        }
    }

    /// `1500`, `'1500 ms'`, `'2s'`, `'5 min'`, `'1h'`.
    static func milliseconds(_ text: String) -> Int? {
        guard let (number, unit) = split(text) else { return nil }
        let factors: [String: Double] = [
            "": 1, "us": 0.001, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000,
        ]
        guard let factor = factors[unit] else { return nil }
        return Int(exactly: (number * factor).rounded())
    }

    /// `4096` (kibibytes), `'64MB'`, `'1 GB'`.
    static func bytes(_ text: String) -> Int? {
        guard let (number, unit) = split(text) else { return nil }
        let factors: [String: Double] = [
            "": 1024, "b": 1, "kb": 1024, "kib": 1024, "mb": 1_048_576, "mib": 1_048_576,
            "gb": 1_073_741_824, "gib": 1_073_741_824, "tb": 1_099_511_627_776,
        ]
        guard let factor = factors[unit.lowercased()] else { return nil }
        return Int(exactly: (number * factor).rounded())
    }

    private static func split(_ text: String) -> (Double, String)? {
        let bare = text.filter { $0 != " " }
        let digits = bare.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-") }
        guard let number = Double(digits), abs(number) < 1e15 else { return nil }
        return (number, String(bare.dropFirst(digits.count)))
    }

    static func shownMilliseconds(_ value: Int) -> String {
        if value == 0 { return "0" }
        for (factor, unit) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s")]
        where value % factor == 0 { return "\(value / factor)\(unit)" }
        return "\(value)ms"
    }

    static func shownBytes(_ value: Int) -> String {
        for (shift, unit) in [(40, "TB"), (30, "GB"), (20, "MB"), (10, "kB")]
        where value & ((1 << shift) - 1) == 0 { return "\(value >> shift)\(unit)" }
        return "\(value)B"
    }

    private static func shownSchema(_ name: String) -> String {
        let isPlain = name.allSatisfy { $0 == "_" || $0.isNumber || ($0.isLetter && $0.isLowercase) }
        return isPlain && !name.isEmpty ? name : "\"\(name)\""
    }

    private static func wrong(_ name: String, _ what: String, _ position: Int) -> QueryError {
        QueryError(
            code: SQLState.invalidParameterValue.rawValue, message: "parameter \"\(name)\" \(what)",
            position: position)
    }

    private static func invalid(
        _ definition: SettingDefinition, _ text: String, _ position: Int
    ) -> QueryError {
        let hint: String? =
            switch definition.kind {
            case .milliseconds: "Valid units for this parameter are \"ms\", \"s\", \"min\", \"h\" and \"d\"."
            case .memory: "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\" and \"TB\"."
            default: nil
            }
        return QueryError(
            code: SQLState.invalidParameterValue.rawValue,
            message: "invalid value for parameter \"\(definition.name)\": \"\(text)\"", position: position,
            hint: hint)
    }

    private static func outside(
        _ definition: SettingDefinition, _ text: String, _ range: String, _ position: Int
    ) -> QueryError {
        QueryError(
            code: SQLState.invalidParameterValue.rawValue,
            message: "\(text) is outside the valid range for parameter \"\(definition.name)\" (\(range))",
            position: position)
    }
}
