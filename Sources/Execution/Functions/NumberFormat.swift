import Columns

/// TO_CHAR of numbers: `9 0 . D , G FM S MI PL PR L TH` and literal text.
enum NumberFormat {
    static func kernel(_ source: DataType) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let patterns = call.reader(1, as: StringView.self)
            let argument = call.arguments[0]
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                let number = argument.value(at: argument.form == .constant ? 0 : row).text ?? ""
                text.append(format(number, patterns[row].string))
                return true
            }
        }
    }

    private struct Template {
        var whole: [Character] = []
        var fraction = 0
        var fractionZeros = 0
        var hasPoint = false
        var isFilled = true
        var sign: String?
        var signFirst = true
        var anglesForNegative = false
        var prefix = ""
        var suffix = ""
    }

    private static func template(_ pattern: String) -> Template {
        var template = Template()
        var rest = pattern[...]
        while let first = rest.first {
            let two = rest.prefix(2).uppercased()
            var length = 1
            switch two {
            case "FM":
                template.isFilled = false
                length = 2
            case "MI", "PL", "SG":
                template.sign = two
                template.signFirst = template.whole.isEmpty
                length = 2
            case "PR":
                template.anglesForNegative = true
                length = 2
            case "TH": length = 2
            default: readOne(first, &template)
            }
            rest = rest.dropFirst(length)
        }
        return template
    }

    private static func readOne(_ character: Character, _ template: inout Template) {
        switch character {
        case "9", "0":
            if template.hasPoint {
                template.fraction += 1
                if character == "0" { template.fractionZeros = template.fraction }
            } else {
                template.whole.append(character)
            }
        case ".", "D", "d": template.hasPoint = true
        case ",", "G", "g": if !template.hasPoint { template.whole.append(",") }
        case "S", "s":
            template.sign = "S"
            template.signFirst = template.whole.isEmpty
        case "L", "l": break
        default:
            if template.whole.isEmpty && !template.hasPoint {
                template.prefix.append(character)
            } else {
                template.suffix.append(character)
            }
        }
    }

    /// - Parameter number: A number as printed; exponents are expanded.
    static func format(_ number: String, _ pattern: String) -> String {
        let template = template(pattern)
        var text = number
        let isNegative = text.hasPrefix("-")
        if isNegative { text.removeFirst() }
        guard let exact = exact(text) else { return number }
        guard let rounded = DecimalMath.rescale(exact.unscaled, from: exact.scale, to: template.fraction)
        else {
            return String(repeating: "#", count: template.whole.count + template.fraction + 2)
        }
        let unit = DecimalMath.powerOfTen(template.fraction)
        let wholeDigits = rounded / unit == 0 ? "" : String(rounded / unit)
        let slots = template.whole.count { $0 != "," }
        if wholeDigits.count > slots {
            return String(
                repeating: "#",
                count: template.whole.count + (template.hasPoint ? 1 + template.fraction : 0) + 1)
        }
        var body = whole(template, wholeDigits, slots)
        if template.hasPoint {
            var digits = template.fraction == 0 ? "" : String(rounded % unit + unit).dropFirst()
            if !template.isFilled {
                while digits.count > template.fractionZeros, digits.last == "0" { digits = digits.dropLast() }
            }
            body += "." + digits
        }
        return signed(template, body, isNegative && rounded != 0)
    }

    private static func whole(_ template: Template, _ digits: String, _ slots: Int) -> String {
        var body = ""
        var position = slots
        var began = false
        var rest = digits[...]
        for slot in template.whole {
            if slot == "," {
                body += began ? "," : template.isFilled ? " " : ""
                continue
            }
            if position <= digits.count, let digit = rest.popFirst() {
                body.append(digit)
                began = true
            } else if slot == "0" || began {
                body += "0"
                began = true
            } else if position == 1, digits.isEmpty, !template.hasPoint {
                body += "0"
            } else if template.isFilled {
                body += " "
            }
            position -= 1
        }
        return body
    }

    private static func signed(_ template: Template, _ body: String, _ isNegative: Bool) -> String {
        let digits = body.drop { $0 == " " }
        let padding = String(repeating: " ", count: template.isFilled ? body.count - digits.count : 0)
        let start = template.prefix + padding
        if template.anglesForNegative {
            let open = isNegative ? "<" : template.isFilled ? " " : ""
            return start + open + digits + (isNegative ? ">" : template.isFilled ? " " : "") + template.suffix
        }
        switch template.sign {
        case "S", "SG":
            let sign = isNegative ? "-" : "+"
            return template.signFirst
                ? start + sign + digits + template.suffix : start + digits + sign + template.suffix
        case "MI":
            let sign = isNegative ? "-" : template.isFilled ? " " : ""
            return template.signFirst
                ? sign + start + digits + template.suffix : start + digits + sign + template.suffix
        case "PL":
            let sign = isNegative ? "-" : "+"
            return template.signFirst
                ? sign + start + digits + template.suffix : start + digits + sign + template.suffix
        default:
            return start + (isNegative ? "-" : template.isFilled ? " " : "") + digits + template.suffix
        }
    }

    private static func exact(_ text: String) -> (unscaled: Int128, scale: Int)? {
        var copy = text
        return copy.withUTF8 { bytes in
            do throws(TextReadingError) {
                return try TextReader.exactDecimal(bytes)
            } catch {
                return nil
            }
        }
    }
}
