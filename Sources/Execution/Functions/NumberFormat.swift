import Columns
import Glibc

/// TO_CHAR of numbers, and TO_NUMBER.
enum NumberFormat {
    static func kernel(_ source: DataType) -> ScalarKernel {
        var known: (text: String, template: NumberTemplate)?
        return { (call) throws(ExecutionError) in
            let patterns = call.reader(1, as: StringView.self)
            let argument = call.arguments[0]
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                let pattern = patterns[row].string
                if known?.text != pattern { known = (pattern, try NumberTemplate(pattern)) }
                guard let template = known?.template else { return false }
                text.append(format(argument.value(at: call.row(row, 0)), template))
                return true
            }
        }
    }

    /// The digits of a value of a number, as far as a template asks for them.
    private struct Digits {
        var text: String
        var isNegative: Bool
    }

    private static func format(_ value: Value, _ template: NumberTemplate) -> String {
        if template.isRoman { return roman(value, template) }
        if template.isScientific { return scientific(value, template) }
        var template = template
        template.wholeDigits += template.shift
        guard let number = digits(value, template) else { return "" }
        let wholeCount = number.text.prefix { $0 != "." }.count
        var text = number.text
        var missing = 0
        if wholeCount < template.wholeDigits {
            missing = template.wholeDigits - wholeCount
        } else if wholeCount > template.wholeDigits {
            text = String(repeating: "#", count: template.wholeDigits) + "."
            text += String(repeating: "#", count: template.fractionDigits)
        }
        var writer = NumberWriter(template, digits: text, isNegative: number.isNegative, missing: missing)
        return writer.write()
    }

    private static func digits(_ value: Value, _ template: NumberTemplate) -> Digits? {
        switch value {
        case .real(let number): return digits(Double(number), template)
        case .doublePrecision(let number): return digits(number, template)
        default:
            guard let exact = exact(value),
                let shifted = DecimalMath.rescale(exact.unscaled, from: 0, to: min(template.shift, 38)),
                let rounded = DecimalMath.rescale(
                    shifted, from: exact.scale, to: min(template.fractionDigits, 38))
            else { return nil }
            let buffer = TextBuffer(capacity: 64)
            buffer.append(decimal: rounded, scale: min(template.fractionDigits, 38))
            let text = buffer.string
            return Digits(
                text: text.hasPrefix("-") ? String(text.dropFirst()) : text, isNegative: rounded < 0)
        }
    }

    /// Floating point shows 15 digits at most.
    private static func digits(_ number: Double, _ template: NumberTemplate) -> Digits {
        if number.isNaN { return Digits(text: "NaN", isNegative: false) }
        if number.isInfinite { return Digits(text: "Infinity", isNegative: number < 0) }
        let value = number * Glibc.pow(10, Double(template.shift))
        let wholeCount = printed("%.0f", 0, value.magnitude).count
        let fraction = min(template.fractionDigits, max(0, 15 - wholeCount))
        let text = printed("%.*f", fraction, value.magnitude)
        let isZero = !text.contains { $0 != "0" && $0 != "." }
        return Digits(text: text, isNegative: value < 0 && !(isZero && value == 0))
    }

    private static func printed(_ format: String, _ digits: Int, _ value: Double) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
            let arguments: [any CVarArg] = format.contains("*") ? [Int32(digits), value] : [value]
            let count = withVaList(arguments) { vsnprintf(buffer.baseAddress, 512, format, $0) }
            let length = max(0, min(Int(count), 511))
            return String(decoding: buffer[0..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    private static func exact(_ value: Value) -> (unscaled: Int128, scale: Int)? {
        if case .decimal(let unscaled, let scale) = value { return (unscaled, scale) }
        return value.integerValue.map { (Int128($0), 0) }
    }

    private static func double(_ value: Value) -> Double? {
        switch value {
        case .real(let number): return Double(number)
        case .doublePrecision(let number): return number
        default: return value.text.flatMap { Double($0) }
        }
    }

    private static func scientific(_ value: Value, _ template: NumberTemplate) -> String {
        guard let number = double(value) else { return "" }
        guard number.isFinite else {
            return " " + String(repeating: "#", count: template.wholeDigits) + "."
                + String(repeating: "#", count: template.fractionDigits + 4)
        }
        let text = printed("%+.*e", template.fractionDigits, number)
        return text.hasPrefix("+") ? " " + text.dropFirst() : text
    }

    private static func roman(_ value: Value, _ template: NumberTemplate) -> String {
        var text = String(repeating: "#", count: 15)
        if let number = double(value)?.rounded(.toNearestOrAwayFromZero), number >= 1, number <= 3999 {
            var rest = Int(number)
            text = ""
            for (amount, letters) in romanParts {
                while rest >= amount {
                    text += letters
                    rest -= amount
                }
            }
        }
        var result = ""
        for piece in template.pieces {
            switch piece {
            case .roman(let isLower):
                let cased = isLower ? text.lowercased() : text
                let padding = template.isPadded ? String(repeating: " ", count: max(0, 15 - text.count)) : ""
                result += padding + cased
            case .literal(let literal): result += literal
            default: continue
            }
        }
        return result
    }

    private static let romanParts: [(Int, String)] = [
        (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
        (10, "X"),
        (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
    ]
}

/// TO_NUMBER.
enum NumberReader {
    /// Digits behind the point of a result whose template is not known to the planner.
    static let scaleDefault = 16

    static func kernel(_ function: ScalarFunction) -> ScalarKernel {
        let scale = function.returnType.scale
        return { (call) throws(ExecutionError) in
            let texts = call.reader(0, as: StringView.self)
            let patterns = call.reader(1, as: StringView.self)
            let type = function.returnType
            return try RowLoop.each(call, Int128.self) { (row) throws(ExecutionError) in
                let template = try NumberTemplate(patterns[row].string)
                let digits = take(texts[row].string, template)
                guard digits.contains(where: { $0 >= "0" && $0 <= "9" }) else {
                    throw .invalidText(type: type, text: texts[row].string)
                }
                do throws(TextReadingError) {
                    var copy = digits
                    var result: Result<Int128, TextReadingError> = .failure(.malformed)
                    copy.withUTF8 { bytes in
                        do throws(TextReadingError) {
                            result = .success(try TextReader.decimal(bytes, precision: 38, scale: scale))
                        } catch {
                            result = .failure(error)
                        }
                    }
                    return try result.get()
                } catch {
                    throw .invalidText(type: type, text: texts[row].string)
                }
            }
        }
    }

    /// The number's characters, in the order of the template.
    private static func take(_ text: String, _ template: NumberTemplate) -> String {
        var rest = Array(text)[...]
        var digits = ""
        var isNegative = false
        func isSign(_ character: Character?) -> Bool {
            character == "-" || character == "+" || character == "<"
        }
        func takeSign() {
            while rest.first == " " { rest = rest.dropFirst() }
            guard isSign(rest.first) else { return }
            isNegative = isNegative || rest.first != "+"
            rest = rest.dropFirst()
        }
        for piece in template.pieces {
            if rest.isEmpty { break }
            switch piece {
            case .nine, .zero:
                if digits.isEmpty { takeSign() }
                while rest.first == " " || rest.first == "," { rest = rest.dropFirst() }
                guard let digit = rest.first, digit.isNumber, digit.isASCII else { continue }
                digits.append(digit)
                rest = rest.dropFirst()
            case .point:
                guard rest.first == "." else { continue }
                digits.append(".")
                rest = rest.dropFirst()
            case .comma, .group: if rest.first == "," { rest = rest.dropFirst() }
            case .sign, .minus, .plus, .plusMinus: takeSign()
            case .currency:
                while let next = rest.first, !next.isNumber, !isSign(next), next != "." {
                    rest = rest.dropFirst()
                }
            case .literal: rest = rest.dropFirst()
            case .ordinal: rest = rest.dropFirst(2)
            case .roman, .flag: continue
            }
        }
        if rest.first == "-", template.anchor != .none { isNegative = true }
        if template.hasBrackets, text.contains("<") { isNegative = true }
        return (isNegative ? "-" : "") + digits
    }

    /// The type of the result: as many digits behind the point as the template has.
    static func type(_ template: String?) -> DataType {
        guard let template else { return .decimal(precision: 38, scale: scaleDefault) }
        do throws(ExecutionError) {
            return .decimal(precision: 38, scale: min(30, try NumberTemplate(template).fractionDigits))
        } catch {
            return .decimal(precision: 38, scale: scaleDefault)
        }
    }
}
