import Columns

/// Reading members of JSON texts.
enum JSONFunctions: FunctionFamily {
    static let overloads: [ScalarOverload] = [
        ScalarOverload("->", [.json, .text], returns: .json),
        ScalarOverload("->", [.json, .integer], returns: .json),
        ScalarOverload("->>", [.json, .text], returns: .text),
        ScalarOverload("->>", [.json, .integer], returns: .text),
        ScalarOverload("json_typeof", [.json], returns: .text),
        ScalarOverload("json_array_length", [.json], returns: .integer),
    ]
}
