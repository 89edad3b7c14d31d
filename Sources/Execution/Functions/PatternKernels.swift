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
        case "~", "!~": RegexKernels.matches(foldsCase: false, isNegated: function.name == "!~")
        case "~*", "!~*": RegexKernels.matches(foldsCase: true, isNegated: function.name == "!~*")
        case "regexp_like": RegexKernels.matches(foldsCase: false, isNegated: false)
        case "similar_to": RegexKernels.similar()
        case "regexp_count": RegexKernels.count()
        case "regexp_instr": RegexKernels.place()
        case "regexp_substr": RegexKernels.part()
        case "regexp_match": RegexKernels.groups()
        case "regexp_split_to_array": RegexKernels.split()
        case "regexp_replace": RegexReplacement.kernel(function)
        default: RegexKernels.substring()
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
}
