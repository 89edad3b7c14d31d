import Columns

/// What tools ask of the server, identifiers made at random, and NULL counts.
enum SystemFunctions: FunctionFamily {
    static let overloads: [ScalarOverload] =
        [
            "version", "current_database", "current_catalog", "current_schema", "current_user",
            "session_user",
            "user", "current_role",
        ].map { ScalarOverload($0, [], returns: .text) } + [
            ScalarOverload("gen_random_uuid", [], returns: .uuid, isImmutable: false),
            ScalarOverload("num_nulls", [.any], lastRepeats: true, returns: { _, _ in .integer }),
            ScalarOverload("num_nonnulls", [.any], lastRepeats: true, returns: { _, _ in .integer }),
        ]

    /// The name of the server as `version()` gives it: tools look for PostgreSQL and its version in it.
    static let version = "PostgreSQL 15.0 (Ambar)"

    static func kernel(
        _ function: ScalarFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> ScalarKernel {
        func constant(_ text: String) -> ScalarKernel {
            { call in .constant(.text(text), type: .text, count: call.count) }
        }
        switch function.name {
        case "version": return constant(version)
        case "current_database", "current_catalog": return constant("ambar")
        case "current_schema": return constant("public")
        case "gen_random_uuid": return uuid
        case "num_nulls": return count(ofNulls: true)
        case "num_nonnulls": return count(ofNulls: false)
        default: return constant("ambar")
        }
    }

    /// Version 4, of RFC 9562.
    private static let uuid: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        try RowLoop.each(call, UInt128.self) { _ in
            let random = UInt128.random(in: 0...UInt128.max)
            let version = random & ~(0xF << 76) | 4 << 76
            return version & ~(3 << 62) | 2 << 62
        }
    }

    private static func count(ofNulls: Bool) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            try RowLoop.each(call, Int32.self) { row in
                var count: Int32 = 0
                for index in call.arguments.indices where call.isNull(row, index) == ofNulls { count += 1 }
                return count
            }
        }
    }
}
