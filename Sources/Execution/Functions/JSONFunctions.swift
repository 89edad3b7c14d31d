import Columns

/// Reading members of JSON texts, and making them. JSONB is JSON here: the same functions under its names.
enum JSONFunctions: FunctionFamily {
    static let overloads: [ScalarOverload] =
        [
            ScalarOverload("->", [.json, .text], returns: .json),
            ScalarOverload("->", [.json, .integer], returns: .json),
            ScalarOverload("->>", [.json, .text], returns: .text),
            ScalarOverload("->>", [.json, .integer], returns: .text),
            ScalarOverload("#>", [.json, .array(of: .text)], returns: .json),
            ScalarOverload("#>>", [.json, .array(of: .text)], returns: .text),
            ScalarOverload("?", [.json, .text], returns: .boolean),
            ScalarOverload("?|", [.json, .array(of: .text)], returns: .boolean),
            ScalarOverload("?&", [.json, .array(of: .text)], returns: .boolean),
            ScalarOverload("array_to_json", [.array], returns: { _, _ in .json }),
        ] + prefixes.flatMap(named)

    static let prefixes = ["json", "jsonb"]

    private static func named(_ prefix: String) -> [ScalarOverload] {
        [
            ScalarOverload("\(prefix)_typeof", [.json], returns: .text),
            ScalarOverload("\(prefix)_array_length", [.json], returns: .integer),
            ScalarOverload("\(prefix)_strip_nulls", [.json], returns: .json),
            ScalarOverload(
                "\(prefix)_extract_path", [.exact(.json), .exact(.text)], lastRepeats: true,
                returns: { _, _ in .json }),
            ScalarOverload(
                "\(prefix)_extract_path_text", [.exact(.json), .exact(.text)], lastRepeats: true,
                returns: { _, _ in .text }),
            ScalarOverload("to_\(prefix)", [.any], returns: { _, _ in .json }),
            ScalarOverload("\(prefix)_build_object", [], returns: .json),
            ScalarOverload("\(prefix)_build_object", [.any], lastRepeats: true, returns: { _, _ in .json }),
            ScalarOverload("\(prefix)_build_array", [], returns: .json),
            ScalarOverload("\(prefix)_build_array", [.any], lastRepeats: true, returns: { _, _ in .json }),
        ]
    }

    /// The name under which a function of JSONB is computed.
    static func plainName(_ name: String) -> String {
        if name.hasPrefix("jsonb_") { return "json_" + name.dropFirst(6) }
        return name == "to_jsonb" ? "to_json" : name
    }
}
