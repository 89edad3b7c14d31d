import Columns

/// LIKE, regular expressions and SIMILAR TO.
enum PatternFunctions: FunctionFamily {
    static let overloads: [ScalarOverload] =
        ["~~", "~~*", "!~~", "!~~*", "~", "~*", "!~", "!~*", "similar_to", "regexp_like"].map {
            ScalarOverload($0, [.text, .text], returns: .boolean)
        }
        + ["~~", "~~*", "!~~", "!~~*", "regexp_like"].map {
            ScalarOverload($0, [.text, .text, .text], returns: .boolean)
        }
        + [
            ScalarOverload("substring", [.text, .text], returns: .text),
            ScalarOverload("regexp_substr", [.text, .text], returns: .text),
            ScalarOverload("regexp_count", [.text, .text], returns: .integer),
            ScalarOverload("regexp_replace", [.text, .text, .text], returns: .text),
            ScalarOverload("regexp_replace", [.text, .text, .text, .text], returns: .text),
        ]
}
