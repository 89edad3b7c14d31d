import Columns

/// Keeps the compiled expressions of one kernel.
final class CompiledExpressions {
    private struct Key: Hashable {
        var pattern: String
        var options: RegexOptions
    }

    private var known: [Key: RegularExpression] = [:]
    private var flags: [String: RegexOptions] = [:]

    func get(_ pattern: String, _ options: RegexOptions) throws(ExecutionError) -> RegularExpression {
        let key = Key(pattern: pattern, options: options)
        if let found = known[key] { return found }
        if known.count >= PatternFunctions.compiledMax { known.removeAll() }
        let made = try RegularExpression(pattern, options)
        known[key] = made
        return made
    }

    func options(_ text: String, takesGlobal: Bool = false) throws(ExecutionError) -> RegexOptions {
        if let found = flags[text] { return found }
        let made = try RegexOptions(flags: text, takesGlobal: takesGlobal)
        if flags.count >= PatternFunctions.compiledMax { flags.removeAll() }
        flags[text] = made
        return made
    }
}

/// The arguments of one row of a function of regular expressions.
struct RegexArguments {
    let call: KernelCall
    let row: Int
    let compiled: CompiledExpressions

    func text(_ index: Int) -> String { call.reader(index, as: StringView.self)[row].string }

    /// The flags at an argument, which may be missing.
    func expression(flagsAt index: Int) throws(ExecutionError) -> RegularExpression {
        let options = index < call.arguments.count ? try compiled.options(text(index)) : RegexOptions()
        return try compiled.get(text(1), options)
    }

    /// A whole number at an argument that may be missing; at least `least`.
    func number(
        _ index: Int, _ name: String, default value: Int, least: Int
    ) throws(ExecutionError) -> Int {
        guard index < call.arguments.count else { return value }
        let number = Int(call.reader(index, as: Int32.self)[row])
        guard number >= least else {
            throw .refused(code: "22023", reason: "invalid value for parameter \"\(name)\": \(number)")
        }
        return number
    }
}

/// What the functions of regular expressions compute.
enum RegexKernels {
    private static func arguments(_ call: KernelCall, _ row: Int, _ compiled: CompiledExpressions)
        -> RegexArguments
    {
        RegexArguments(call: call, row: row, compiled: compiled)
    }

    static func matches(foldsCase: Bool, isNegated: Bool) -> ScalarKernel {
        let compiled = CompiledExpressions()
        return { (call) throws(ExecutionError) in
            let texts = call.reader(0, as: StringView.self)
            let patterns = call.reader(1, as: StringView.self)
            let flags = call.arguments.count > 2 ? call.reader(2, as: StringView.self) : nil
            return try RowLoop.each(call, UInt8.self) { (row) throws(ExecutionError) in
                var options = RegexOptions(foldsCase: foldsCase)
                if let flags { options = try compiled.options(flags[row].string) }
                let expression = try compiled.get(patterns[row].string, options)
                return expression.isMatch(texts[row].string) != isNegated ? 1 : 0
            }
        }
    }

    static func similar() -> ScalarKernel {
        let compiled = CompiledExpressions()
        return { (call) throws(ExecutionError) in
            let texts = call.reader(0, as: StringView.self)
            let patterns = call.reader(1, as: StringView.self)
            let escapes = call.arguments.count > 2 ? call.reader(2, as: StringView.self) : nil
            return try RowLoop.each(call, UInt8.self) { (row) throws(ExecutionError) in
                let pattern = try SimilarPattern.expression(
                    patterns[row].string, escape: escapes.map { $0[row].string })
                let expression = try compiled.get(pattern, RegexOptions())
                return expression.isMatch(texts[row].string) ? 1 : 0
            }
        }
    }

    /// The first group of the first match, or the whole match when there is no group; NULL without a match.
    /// With a third argument, the escape, the pattern is one of SIMILAR TO.
    static func substring() -> ScalarKernel {
        let compiled = CompiledExpressions()
        return { (call) throws(ExecutionError) in
            let texts = call.reader(0, as: StringView.self)
            let patterns = call.reader(1, as: StringView.self)
            let escapes = call.arguments.count > 2 ? call.reader(2, as: StringView.self) : nil
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                var pattern = patterns[row].string
                if let escapes {
                    pattern = try SimilarPattern.expression(pattern, escape: escapes[row].string)
                }
                let expression = try compiled.get(pattern, RegexOptions())
                let scalars = Array(texts[row].string.unicodeScalars)
                guard let match = expression.firstMatch(scalars, from: 0) else { return false }
                let range = expression.groupCount > 0 ? match.group(1) : match.range
                guard let range else { return false }
                text.append(RegularExpression.string(scalars[range]))
                return true
            }
        }
    }

    /// `regexp_count(text, pattern[, start[, flags]])`
    static func count() -> ScalarKernel {
        let compiled = CompiledExpressions()
        return { (call) throws(ExecutionError) in
            try RowLoop.each(call, Int32.self) { (row) throws(ExecutionError) in
                let given = arguments(call, row, compiled)
                let start = try given.number(2, "start", default: 1, least: 1)
                let expression = try given.expression(flagsAt: 3)
                let scalars = Array(given.text(0).unicodeScalars)
                return Int32(truncatingIfNeeded: expression.allMatches(scalars, from: start - 1).count)
            }
        }
    }

    /// The `number`th match of a row, if there are so many.
    private static func match(
        _ given: RegexArguments, _ scalars: [Unicode.Scalar], flagsAt flags: Int
    ) throws(ExecutionError) -> RegularExpression.Match? {
        let start = try given.number(2, "start", default: 1, least: 1)
        let number = try given.number(3, "n", default: 1, least: 1)
        let matches = try given.expression(flagsAt: flags).allMatches(
            scalars, onlyFirst: number == 1, from: start - 1)
        return matches.count >= number ? matches[number - 1] : nil
    }

    /// `regexp_instr(text, pattern[, start[, n[, end option[, flags[, group]]]]])`
    static func place() -> ScalarKernel {
        let compiled = CompiledExpressions()
        return { (call) throws(ExecutionError) in
            try RowLoop.each(call, Int32.self) { (row) throws(ExecutionError) in
                let given = arguments(call, row, compiled)
                let endOption = try given.number(4, "endoption", default: 0, least: 0)
                guard endOption <= 1 else {
                    throw .refused(
                        code: "22023", reason: "invalid value for parameter \"endoption\": \(endOption)")
                }
                let group = try given.number(6, "subexpr", default: 0, least: 0)
                let scalars = Array(given.text(0).unicodeScalars)
                guard let match = try match(given, scalars, flagsAt: 5) else { return 0 }
                guard let range = group == 0 ? match.range : match.group(group) else { return 0 }
                let place = endOption == 0 ? range.lowerBound : range.upperBound
                return Int32(truncatingIfNeeded: place + 1)
            }
        }
    }

    /// `regexp_substr(text, pattern[, start[, n[, flags[, group]]]])`
    static func part() -> ScalarKernel {
        let compiled = CompiledExpressions()
        return { (call) throws(ExecutionError) in
            try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                let given = arguments(call, row, compiled)
                let group = try given.number(5, "subexpr", default: 0, least: 0)
                let scalars = Array(given.text(0).unicodeScalars)
                guard let match = try match(given, scalars, flagsAt: 4) else { return false }
                guard let range = group == 0 ? match.range : match.group(group) else { return false }
                text.append(RegularExpression.string(scalars[range]))
                return true
            }
        }
    }

    /// `regexp_match(text, pattern[, flags])`: the groups of the first match, or the match; NULL without one.
    static func groups() -> ScalarKernel {
        let compiled = CompiledExpressions()
        return { (call) throws(ExecutionError) in
            try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                let given = arguments(call, row, compiled)
                let expression = try given.expression(flagsAt: 2)
                let scalars = Array(given.text(0).unicodeScalars)
                guard let match = expression.firstMatch(scalars, from: 0) else { return false }
                text.append(array: ArrayText(elements(match, expression.groupCount, scalars)))
                return true
            }
        }
    }

    /// The texts of a match's groups, or of the match when the expression has none.
    static func elements(
        _ match: RegularExpression.Match, _ groupCount: Int, _ scalars: [Unicode.Scalar]
    ) -> [[UInt8]?] {
        let ranges = groupCount == 0 ? [match.range] : (1...groupCount).map { match.group($0) }
        return ranges.map { $0.map { Array(RegularExpression.string(scalars[$0]).utf8) } }
    }

    /// `regexp_split_to_array(text, pattern[, flags])`. Empty matches at the ends and right behind another
    /// match cut nothing.
    static func split() -> ScalarKernel {
        let compiled = CompiledExpressions()
        return { (call) throws(ExecutionError) in
            try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                let given = arguments(call, row, compiled)
                let scalars = Array(given.text(0).unicodeScalars)
                var parts: [[UInt8]?] = []
                var start = 0
                for match in try given.expression(flagsAt: 2).allMatches(scalars) {
                    let range = match.range
                    if range.isEmpty, range.lowerBound == start || range.lowerBound >= scalars.count {
                        continue
                    }
                    parts.append(Array(RegularExpression.string(scalars[start..<range.lowerBound]).utf8))
                    start = range.upperBound
                }
                parts.append(Array(RegularExpression.string(scalars[start...]).utf8))
                text.append(array: ArrayText(parts))
                return true
            }
        }
    }
}

/// `regexp_replace(text, pattern, replacement[, start[, n]][, flags])`
enum RegexReplacement {
    static func kernel(_ function: ScalarFunction) -> ScalarKernel {
        let compiled = CompiledExpressions()
        let types = function.parameterTypes
        let flagsIndex = types.count == 4 && types[3] == .text ? 3 : 5
        return { (call) throws(ExecutionError) in
            let texts = call.reader(0, as: StringView.self)
            let replacements = call.reader(2, as: StringView.self)
            return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
                let given = RegexArguments(call: call, row: row, compiled: compiled)
                var options = RegexOptions()
                if flagsIndex < types.count {
                    options = try compiled.options(given.text(flagsIndex), takesGlobal: true)
                }
                let hasStart = types.count > 3 && types[3] == .integer
                let start = hasStart ? try given.number(3, "start", default: 1, least: 1) : 1
                // Match 0 is all of them.
                let number =
                    types.count > 4
                    ? try given.number(4, "n", default: 1, least: 0) : options.isGlobal ? 0 : 1
                options.isGlobal = false
                let expression = try compiled.get(given.text(1), options)
                let scalars = Array(texts[row].string.unicodeScalars)
                let all = expression.allMatches(scalars, onlyFirst: number == 1, from: start - 1)
                let replacement = Array(replacements[row].string.unicodeScalars)
                var position = 0
                for (index, match) in all.enumerated() where number == 0 || index + 1 == number {
                    text.append(RegularExpression.string(scalars[position..<match.range.lowerBound]))
                    append(replacement, match, scalars, to: text)
                    position = match.range.upperBound
                }
                text.append(RegularExpression.string(scalars[position...]))
                return true
            }
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
            } else if next.value >= 49, next.value <= 57 {
                if let range = match.group(Int(next.value) - 48) {
                    text.append(RegularExpression.string(scalars[range]))
                }
            } else {
                if next != "\\" { text.append(92) }
                text.append(String(Character(next)))
            }
        }
    }
}
