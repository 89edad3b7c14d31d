import Columns

/// NULLIF, GREATEST and LEAST. COALESCE and CASE are expressions of their own because they are lazy.
enum ConditionalFunctions: FunctionFamily {
    static let overloads: [ScalarOverload] = [
        ScalarOverload("nullif", [.common, .common], returns: { types, _ in types[0] }),
        ScalarOverload("greatest", [.common], lastRepeats: true, returns: { types, _ in types[0] }),
        ScalarOverload("least", [.common], lastRepeats: true, returns: { types, _ in types[0] }),
    ]
}
