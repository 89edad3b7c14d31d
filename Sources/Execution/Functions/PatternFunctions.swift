import Columns

/// LIKE, regular expressions and SIMILAR TO.
enum PatternFunctions: FunctionFamily {
    static let overloads: [ScalarOverload] =
        ["~~", "~~*", "!~~", "!~~*", "~", "~*", "!~", "!~*", "similar_to", "regexp_like"].map {
            ScalarOverload($0, [.text, .text], returns: .boolean)
        }
        + ["~~", "~~*", "!~~", "!~~*", "regexp_like", "similar_to"].map {
            ScalarOverload($0, [.text, .text, .text], returns: .boolean)
        }
        + [
            ScalarOverload("substring", [.text, .text], returns: .text),
            ScalarOverload("substring", [.text, .text, .text], returns: .text),
        ] + expressions

    /// The functions of regular expressions; arguments at the end may be left out.
    private static let expressions: [ScalarOverload] =
        optional("regexp_match", [.text, .text, .text], from: 2, returns: .array(of: .text))
        + optional("regexp_split_to_array", [.text, .text, .text], from: 2, returns: .array(of: .text))
        + optional("regexp_count", [.text, .text, .integer, .text], from: 2, returns: .integer)
        + optional(
            "regexp_instr", [.text, .text, .integer, .integer, .integer, .text, .integer], from: 2,
            returns: .integer)
        + optional(
            "regexp_substr", [.text, .text, .integer, .integer, .text, .integer], from: 2, returns: .text)
        + optional(
            "regexp_replace", [.text, .text, .text, .integer, .integer, .text], from: 3, returns: .text)
        + [ScalarOverload("regexp_replace", [.text, .text, .text, .text], returns: .text)]

    private static func optional(
        _ name: String, _ types: [DataType], from least: Int, returns type: DataType
    ) -> [ScalarOverload] {
        (least...types.count).map { ScalarOverload(name, Array(types.prefix($0)), returns: type) }
    }
}
