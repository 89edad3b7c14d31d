import Columns

/// Arrays: making, reading, searching and taking them apart. Subscripts count from 1.
///
/// `array(…)` is the constructor ARRAY[…], `array_element(a, i, …)` is `a[i]…`, `array_slice(a, i, j)` is
/// `a[i:j]`; `any =(x, a)` is `x = ANY (a)` and so for the other operators.
enum ArrayFunctions: FunctionFamily {
    static let overloads: [ScalarOverload] = making + reading + changing + testing

    private static let making: [ScalarOverload] = [
        ScalarOverload("array", [.common], lastRepeats: true, returns: { types, _ in array(of: types[0]) }),
        ScalarOverload("array_item", [.common], returns: { _, _ in .text }),
        ScalarOverload("string_to_array", [.text, .text], returns: .array(of: .text)),
        ScalarOverload("string_to_array", [.text, .text, .text], returns: .array(of: .text)),
        ScalarOverload(
            "array_fill", [.element, .exact(.array(of: .integer))],
            returns: { types, _ in array(of: types[0]) }
        ),
        ScalarOverload("array_sort_key", [.array], returns: { _, _ in .text }),
    ]

    private static let reading: [ScalarOverload] =
        [
            ScalarOverload(
                "array_element", [.array, .exact(.integer)], lastRepeats: true,
                returns: { types, _ in types[0].elementType ?? .text }),
            ScalarOverload(
                "array_slice", [.array, .exact(.integer), .exact(.integer)], returns: { types, _ in types[0] }
            ),
            ScalarOverload("cardinality", [.array], returns: { _, _ in .integer }),
            ScalarOverload("array_ndims", [.array], returns: { _, _ in .integer }),
            ScalarOverload("array_dims", [.array], returns: { _, _ in .text }),
            ScalarOverload("array_to_string", [.array, .exact(.text)], returns: { _, _ in .text }),
            ScalarOverload(
                "array_to_string", [.array, .exact(.text), .exact(.text)], returns: { _, _ in .text }),
            ScalarOverload("array_position", [.array, .element], returns: { _, _ in .integer }),
            ScalarOverload(
                "array_position", [.array, .element, .exact(.integer)], returns: { _, _ in .integer }),
            ScalarOverload("array_positions", [.array, .element], returns: { _, _ in .array(of: .integer) }),
        ]
        + ["array_length", "array_upper", "array_lower"].map {
            ScalarOverload($0, [.array, .exact(.integer)], returns: { _, _ in .integer })
        }

    private static let changing: [ScalarOverload] =
        ["array_append", "||"].map {
            ScalarOverload($0, [.array, .element], returns: { types, _ in types[0] })
        }
        + ["array_prepend", "||"].map {
            ScalarOverload($0, [.element, .array], returns: { types, _ in types[1] })
        }
        + ["array_cat", "||"].map { ScalarOverload($0, [.array, .array], returns: { types, _ in types[0] }) }
        + [
            ScalarOverload("array_remove", [.array, .element], returns: { types, _ in types[0] }),
            ScalarOverload("array_replace", [.array, .element, .element], returns: { types, _ in types[0] }),
            ScalarOverload("trim_array", [.array, .exact(.integer)], returns: { types, _ in types[0] }),
        ]

    private static let testing: [ScalarOverload] =
        ["@>", "<@", "&&"].map { ScalarOverload($0, [.array, .array], returns: { _, _ in .boolean }) }
        + ["any", "all"].flatMap { quantifier in
            comparisons.map {
                ScalarOverload("\(quantifier) \($0)", [.element, .array], returns: { _, _ in .boolean })
            }
                + patterns.map {
                    ScalarOverload("\(quantifier) \($0)", [.text, .array(of: .text)], returns: .boolean)
                }
        }

    private static let comparisons = ["=", "<>", "<", "<=", ">", ">="]
    private static let patterns = ["~~", "~~*", "!~~", "!~~*", "~", "~*", "!~", "!~*"]

    /// Arrays of arrays are arrays of more dimensions, which is no other type.
    static func array(of element: DataType) -> DataType { element.isArray ? element : .array(of: element) }

    /// Functions that see their NULL arguments.
    static let notStrict: Set<String> = {
        var names: Set<String> = [
            "array", "array_item", "array_to_string", "string_to_array", "array_position", "array_positions",
            "array_append", "array_prepend", "array_cat", "array_remove", "array_replace", "array_fill",
        ]
        for overload in testing where overload.name.hasPrefix("any ") || overload.name.hasPrefix("all ") {
            names.insert(overload.name)
        }
        return names
    }()
}
