import Columns

/// Functions of characters. Positions and lengths count Unicode scalars from 1.
enum TextFunctions: FunctionFamily {
    static let overloads: [ScalarOverload] = whole + parts + joined

    private static let whole: [ScalarOverload] =
        ["lower", "upper", "initcap", "reverse", "btrim", "ltrim", "rtrim", "trim"].map {
            ScalarOverload($0, [.text], returns: .text)
        }
        + ["length", "char_length", "character_length", "octet_length", "bit_length", "ascii"].map {
            ScalarOverload($0, [.text], returns: .integer)
        }
        + ["btrim", "ltrim", "rtrim", "trim"].map { ScalarOverload($0, [.text, .text], returns: .text) }
        + [
            ScalarOverload("chr", [.integer], returns: .text),
            ScalarOverload("unistr", [.text], returns: .text),
            ScalarOverload("to_hex", [.bigint], returns: .text),
            ScalarOverload("to_hex", [.integer], returns: .text),
        ]

    private static let parts: [ScalarOverload] = [
        ScalarOverload("substring", [.text, .integer], returns: .text),
        ScalarOverload("substring", [.text, .integer, .integer], returns: .text),
        ScalarOverload("substr", [.text, .integer], returns: .text),
        ScalarOverload("substr", [.text, .integer, .integer], returns: .text),
        ScalarOverload("left", [.text, .integer], returns: .text),
        ScalarOverload("right", [.text, .integer], returns: .text),
        ScalarOverload("lpad", [.text, .integer], returns: .text),
        ScalarOverload("lpad", [.text, .integer, .text], returns: .text),
        ScalarOverload("rpad", [.text, .integer], returns: .text),
        ScalarOverload("rpad", [.text, .integer, .text], returns: .text),
        ScalarOverload("repeat", [.text, .integer], returns: .text),
        ScalarOverload("replace", [.text, .text, .text], returns: .text),
        ScalarOverload("translate", [.text, .text, .text], returns: .text),
        ScalarOverload("overlay", [.text, .text, .integer], returns: .text),
        ScalarOverload("overlay", [.text, .text, .integer, .integer], returns: .text),
        ScalarOverload("position", [.text, .text], returns: .integer),
        ScalarOverload("strpos", [.text, .text], returns: .integer),
        ScalarOverload("starts_with", [.text, .text], returns: .boolean),
        ScalarOverload("^@", [.text, .text], returns: .boolean),
        ScalarOverload("split_part", [.text, .text, .integer], returns: .text),
    ]

    private static let joined: [ScalarOverload] = [
        ScalarOverload("||", [.text, .text], returns: .text),
        ScalarOverload("||", [.exact(.text), .asText], returns: { _, _ in .text }),
        ScalarOverload("||", [.asText, .exact(.text)], returns: { _, _ in .text }),
        ScalarOverload("concat", [.any], lastRepeats: true, returns: { _, _ in .text }),
        ScalarOverload("concat_ws", [.exact(.text), .any], lastRepeats: true, returns: { _, _ in .text }),
    ]
}
