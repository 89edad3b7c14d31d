import Columns

extension PatternFunctions {
    /// Compiled patterns that a kernel keeps, so that a pattern that varies by row is not compiled for each.
    static let compiledMax = 64

    static func kernel(
        _ function: ScalarFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> ScalarKernel {
        switch function.name {
        case "~~", "!~~": like(foldsCase: false, isNegated: function.name == "!~~")
        case "~~*", "!~~*": like(foldsCase: true, isNegated: function.name == "!~~*")
        case "~", "!~": matches(foldsCase: false, isNegated: function.name == "!~")
        case "~*", "!~*": matches(foldsCase: true, isNegated: function.name == "!~*")
        case "regexp_like": matches(foldsCase: false, isNegated: false)
        case "similar_to": similar
        case "regexp_count": count
        case "regexp_replace": replace
        default: substring
        }
    }

    private static func like(foldsCase: Bool, isNegated: Bool) -> ScalarKernel {
        var known: [String: LikePattern] = [:]
        return { (call) throws(ExecutionError) in
            let texts = call.reader(0, as: StringView.self)
            let patterns = call.reader(1, as: StringView.self)
            let escapes = call.arguments.count > 2 ? call.reader(2, as: StringView.self) : nil
            func pattern(_ row: Int) throws(ExecutionError) -> LikePattern {
                let text = patterns[row].string
                let escape = escapes.map { $0[row].string } ?? "\\"
                let key = escape + "\u{0}" + text
                if let found = known[key] { return found }
                if known.count >= compiledMax { known.removeAll() }
                let made = try LikePattern(text, escape: escape, foldsCase: foldsCase)
                known[key] = made
                return made
            }
            let isFixed = call.arguments.dropFirst().allSatisfy { $0.form == .constant }
            let fixed: LikePattern? = if isFixed { try pattern(0) } else { nil }
            return try RowLoop.each(call, UInt8.self) { (row) throws(ExecutionError) in
                let compiled = if let fixed { fixed } else { try pattern(row) }
                return compiled.matches(texts[row]) != isNegated ? 1 : 0
            }
        }
    }

    /// Keeps compiled expressions of one kernel.
    private final class Compiled {
        private var known: [String: RegularExpression] = [:]

        func get(_ pattern: String, foldsCase: Bool) throws(ExecutionError) -> RegularExpression {
            let key = (foldsCase ? "i" : "c") + pattern
            if let found = known[key] { return found }
            if known.count >= compiledMax { known.removeAll() }
            let made = try RegularExpression(pattern, foldsCase: foldsCase)
            known[key] = made
            return made
        }
    }

    private static func matches(foldsCase: Bool, isNegated: Bool) -> ScalarKernel {
        let compiled = Compiled()
        return { (call) throws(ExecutionError) in
            let texts = call.reader(0, as: StringView.self)
            let patterns = call.reader(1, as: StringView.self)
            let flags = call.arguments.count > 2 ? call.reader(2, as: StringView.self) : nil
            return try RowLoop.each(call, UInt8.self) { (row) throws(ExecutionError) in
                let folds = foldsCase || (flags.map { $0[row].string.contains("i") } ?? false)
                let expression = try compiled.get(patterns[row].string, foldsCase: folds)
                return expression.isMatch(texts[row].string) != isNegated ? 1 : 0
            }
        }
    }

    private static let similar: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let compiled = Compiled()
        let texts = call.reader(0, as: StringView.self)
        let patterns = call.reader(1, as: StringView.self)
        return try RowLoop.each(call, UInt8.self) { (row) throws(ExecutionError) in
            let pattern = RegularExpression.fromSimilar(patterns[row].string)
            return try compiled.get(pattern, foldsCase: false).isMatch(texts[row].string) ? 1 : 0
        }
    }

    private static let count: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let compiled = Compiled()
        let texts = call.reader(0, as: StringView.self)
        let patterns = call.reader(1, as: StringView.self)
        return try RowLoop.each(call, Int32.self) { (row) throws(ExecutionError) in
            let expression = try compiled.get(patterns[row].string, foldsCase: false)
            let scalars = Array(texts[row].string.unicodeScalars)
            return Int32(truncatingIfNeeded: expression.allMatches(scalars).count)
        }
    }

    /// The first group of the first match, or the whole match when there is no group; NULL without a match.
    private static let substring: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let compiled = Compiled()
        let texts = call.reader(0, as: StringView.self)
        let patterns = call.reader(1, as: StringView.self)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            let expression = try compiled.get(patterns[row].string, foldsCase: false)
            let scalars = Array(texts[row].string.unicodeScalars)
            guard let match = expression.firstMatch(scalars, from: 0) else { return false }
            let range = expression.groupCount > 0 ? match.group(1) : match.range
            guard let range else { return false }
            text.append(RegularExpression.string(scalars[range]))
            return true
        }
    }

    private static let replace: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let compiled = Compiled()
        let texts = call.reader(0, as: StringView.self)
        let patterns = call.reader(1, as: StringView.self)
        let replacements = call.reader(2, as: StringView.self)
        let flags = call.arguments.count > 3 ? call.reader(3, as: StringView.self) : nil
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            let options = flags.map { $0[row].string } ?? ""
            let expression = try compiled.get(patterns[row].string, foldsCase: options.contains("i"))
            let scalars = Array(texts[row].string.unicodeScalars)
            let all = expression.allMatches(scalars, onlyFirst: !options.contains("g"))
            let replacement = Array(replacements[row].string.unicodeScalars)
            var position = 0
            for match in all {
                text.append(RegularExpression.string(scalars[position..<match.range.lowerBound]))
                append(replacement, match, scalars, to: text)
                position = match.range.upperBound
            }
            text.append(RegularExpression.string(scalars[position...]))
            return true
        }
    }

    /// A replacement text with `\1` … `\9` and `\&` filled in.
    private static func append(
        _ replacement: [Unicode.Scalar], _ match: RegularExpression.Match, _ scalars: [Unicode.Scalar],
        to text: TextBuffer
    ) {
        var index = 0
        while index < replacement.count {
            let scalar = replacement[index]
            index += 1
            guard scalar == "\\", index < replacement.count else {
                text.append(String(Character(scalar)))
                continue
            }
            let next = replacement[index]
            index += 1
            if next == "&" {
                text.append(RegularExpression.string(scalars[match.range]))
            } else if let digit = next.properties.numericType == .decimal ? Int(next.value) - 48 : nil,
                (1...9).contains(digit)
            {
                if let range = match.group(digit) { text.append(RegularExpression.string(scalars[range])) }
            } else {
                text.append(String(Character(next)))
            }
        }
    }
}
