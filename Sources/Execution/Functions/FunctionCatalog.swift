import Columns

/// Every scalar and aggregate function that the executor can run, found by name and argument types.
///
/// Names are in lower case. Operators are functions named by their symbol: `+ - * / % ^ || & | # << >> ~~ ~~*
/// !~~ !~~* ~ ~* !~ !~* -> ->>`; `-`, `+` and `~` also take one argument. Syntax that is a function in
/// disguise has these names: `extract(field, value)`, `substring(text, from[, for])`, `position(string,
/// substring)`, `btrim`, `ltrim`, `rtrim`, `overlay(text, replacement, from[, for])`, `similar_to(text,
/// pattern)`, `now()` for CURRENT_TIMESTAMP and LOCALTIMESTAMP, `current_date()`; LIKE with ESCAPE is `~~`
/// with the escape as third argument.
public enum FunctionCatalog {
    /// The families, one file each.
    private static let families: [any FunctionFamily.Type] = [
        ArithmeticFunctions.self, MathFunctions.self, TextFunctions.self, PatternFunctions.self,
        DateTimeFunctions.self, ConditionalFunctions.self, JSONFunctions.self, ArrayFunctions.self,
        ZoneFunctions.self, FormatFunctions.self, DigestFunctions.self, SystemFunctions.self,
        SimilarityFunctions.self, SampleFunctions.self,
    ]

    private static let scalars = Dictionary(grouping: families.flatMap { $0.overloads }, by: \.name)

    /// Functions that see their NULL arguments; all others give NULL for one.
    private static let notStrict: Set<String> =
        ArrayFunctions.notStrict.union([
            "concat", "concat_ws", "greatest", "least", "nullif", "format", "quote_nullable", "num_nulls",
            "num_nonnulls", "json_build_object", "json_build_array", "jsonb_build_object",
            "jsonb_build_array",
        ])

    public static let scalarNames: Set<String> = Set(scalars.keys)

    public static func isScalar(_ name: String) -> Bool { scalars[name] != nil }

    /// Chooses the overload for a call.
    ///
    /// - Parameters:
    ///   - name: In lower case.
    ///   - constants: The value of each argument that is a constant, nil for the others; may be empty. The
    ///     type of a few functions depends on one (`round(x, 2)`, `extract('year', x)`).
    /// - Returns: A function whose `parameterTypes` has one type an argument; the caller casts those that
    ///   differ.
    public static func resolveScalar(
        name: String, arguments: [ArgumentType], constants: [Value?] = []
    ) throws(FunctionResolutionError) -> ScalarFunction {
        guard let overloads = scalars[name] else {
            throw .unknownName(nearMatches: NearNames.of(name, among: scalarNames))
        }
        let given = ArithmeticFunctions.unified(name: name, arguments: arguments)
        let chosen = try FunctionResolution(arguments: given).choose(among: overloads)
        let padded = constants + Array(repeating: nil, count: max(0, arguments.count - constants.count))
        return ScalarFunction(
            name: name, parameterTypes: chosen.types,
            returnType: chosen.overload.resultType(chosen.types, padded),
            isImmutable: chosen.overload.isImmutable)
    }

    public static let aggregateNames: Set<String> = Set(AggregateSignatures.all.keys)

    /// The name under which the executor knows an aggregate.
    public static func aggregateName(_ name: String) -> String { AggregateSignatures.synonyms[name] ?? name }

    /// Whether the name is that of an aggregate in some form: also of one that is written in terms of others.
    public static func isAggregate(_ name: String) -> Bool {
        AggregateSignatures.all[aggregateName(name)] != nil || AggregateSignatures.derived.contains(name)
    }

    /// Whether an aggregate is written in terms of others.
    public static func isDerivedAggregate(_ name: String) -> Bool {
        AggregateSignatures.derived.contains(name)
    }

    /// How a derived aggregate is called, for messages.
    public static func derivedSignature(_ name: String) -> String {
        switch name {
        case "count_if", "countif": "\(name)(BOOLEAN)"
        case "median": "median(number)"
        default: "\(name)(number, DOUBLE PRECISION)"
        }
    }

    /// Chooses the aggregate for a call; no arguments for COUNT(*).
    public static func resolveAggregate(
        name: String, arguments: [ArgumentType]
    ) throws(FunctionResolutionError) -> AggregateFunction {
        let name = aggregateName(name)
        guard let signature = AggregateSignatures.all[name] else {
            throw .unknownName(nearMatches: NearNames.of(name, among: aggregateNames))
        }
        guard let types = signature.resolve(arguments) else { throw .noMatch(signatures: signature.shown) }
        return AggregateFunction(name: name, parameterTypes: types.parameters, returnType: types.result)
    }

    /// The overload that a resolved function came from; nil when it was not made by `resolveScalar`.
    static func overload(of function: ScalarFunction) -> ScalarOverload? {
        guard let overloads = scalars[function.name] else { return nil }
        return try? choose(function, among: overloads).overload
    }

    private static func choose(
        _ function: ScalarFunction, among overloads: [ScalarOverload]
    ) throws(FunctionResolutionError) -> FunctionResolution.Candidate {
        try FunctionResolution(arguments: function.parameterTypes.map { .known($0) }).choose(among: overloads)
    }

    /// What computes a function, and whether NULL arguments are kept from it.
    ///
    /// - Throws: `.unsupported` when the function was not made by `resolveScalar`.
    static func kernel(
        of function: ScalarFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> (kernel: ScalarKernel, isStrict: Bool) {
        for family in families {
            let overloads = family.overloads.filter { $0.name == function.name }
            guard let found = try? choose(function, among: overloads), found.types == function.parameterTypes
            else {
                continue
            }
            // `||` of arrays sees NULLs, that of texts does not.
            let isJoin = function.name == "||" && function.returnType.isArray
            return (try family.kernel(function, context), !isJoin && !notStrict.contains(function.name))
        }
        throw .unsupported(feature: "function \(function.name)")
    }
}

/// Names that somebody may have meant.
public enum NearNames {
    public static let countMax = 3

    /// The names at an edit distance of at most a third of the length, nearest first. For error messages.
    public static func of(_ name: String, among names: some Sequence<String>) -> [String] {
        let wanted = Array(name.utf8)
        let limit = max(1, wanted.count / 3)
        var found: [(distance: Int, name: String)] = []
        for candidate in names {
            let distance = editDistance(wanted, Array(candidate.utf8))
            if distance <= limit { found.append((distance, candidate)) }
        }
        found.sort { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return found.prefix(countMax).map(\.name)
    }

    static func editDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var previous = Array(0...second.count)
        for (row, byte) in first.enumerated() {
            var current = [row + 1]
            for (column, other) in second.enumerated() {
                let change = previous[column] + (byte == other ? 0 : 1)
                current.append(min(change, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[second.count]
    }
}
