import Columns

/// Rounding, powers, logarithms and trigonometry. Powers, EXP and cube roots of decimals are computed in
/// DOUBLE PRECISION; their square roots and logarithms are decimals.
enum MathFunctions: FunctionFamily {
    static let overloads: [ScalarOverload] = signs + roundings + doubles + decimals + wholeNumbers

    static let unaryDoubles = [
        "sqrt", "cbrt", "exp", "ln", "log", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "sinh",
        "cosh", "tanh",
        "cot", "degrees", "radians", "asinh", "acosh", "atanh", "sind", "cosd", "tand", "cotd", "asind",
        "acosd",
        "atand", "|/", "||/",
    ]

    private static let signs: [ScalarOverload] =
        [DataType.smallint, .integer, .bigint, .real, .doublePrecision].map {
            ScalarOverload("abs", [$0], returns: $0)
        } + [
            ScalarOverload("abs", [.decimal], returns: { types, _ in types[0] }),
            ScalarOverload("sign", [.doublePrecision], returns: .doublePrecision),
            ScalarOverload("sign", [.decimal], returns: { _, _ in .decimal(precision: 1, scale: 0) }),
        ]

    private static let roundings: [ScalarOverload] =
        ["ceil", "ceiling", "floor", "round", "trunc"].flatMap { name in
            [
                ScalarOverload(name, [.doublePrecision], returns: .doublePrecision),
                ScalarOverload(
                    name, [.decimal], returns: { types, _ in DecimalTyping.rounded(types[0], scale: 0) }),
            ]
        }
        + ["round", "trunc"].map { name in
            ScalarOverload(
                name, [.decimal, .exact(.integer)],
                returns: { types, constants in
                    // The scale of the result is known only when the digits are a constant.
                    guard let digits = constants[1]?.integerValue else {
                        return DecimalTyping.rounded(types[0], scale: types[0].scale)
                    }
                    return DecimalTyping.rounded(types[0], scale: Int(max(-1, min(digits, 38))))
                })
        }

    private static let doubles: [ScalarOverload] =
        unaryDoubles.map { ScalarOverload($0, [.doublePrecision], returns: .doublePrecision) }
        + ["power", "pow", "^", "atan2", "atan2d"].map {
            ScalarOverload($0, [.doublePrecision, .doublePrecision], returns: .doublePrecision)
        }
        + [
            ScalarOverload("log", [.doublePrecision, .doublePrecision], returns: .doublePrecision),
            ScalarOverload("pi", [], returns: .doublePrecision),
            ScalarOverload("random", [], returns: .doublePrecision, isImmutable: false),
            ScalarOverload(
                "width_bucket", [.doublePrecision, .doublePrecision, .doublePrecision, .integer],
                returns: .integer),
        ]

    private static let decimals: [ScalarOverload] =
        ["sqrt", "ln", "log", "log10"].map {
            ScalarOverload($0, [.decimal], returns: { types, _ in DecimalRoots.type(types[0]) })
        } + [
            ScalarOverload(
                "log", [.decimal, .decimal],
                returns: { types, _ in
                    DecimalRoots.type(types[0].scale > types[1].scale ? types[0] : types[1])
                }),
            ScalarOverload(
                "width_bucket", [.decimal, .decimal, .decimal, .exact(.integer)],
                returns: { _, _ in .integer }),
            ScalarOverload("width_bucket", [.element, .array], returns: { _, _ in .integer }),
            ScalarOverload("factorial", [.bigint], returns: .decimal(precision: 38, scale: 0)),
            ScalarOverload("scale", [.decimal], returns: { _, _ in .integer }),
            ScalarOverload("min_scale", [.decimal], returns: { _, _ in .integer }),
            ScalarOverload("trim_scale", [.decimal], returns: { types, _ in types[0] }),
            ScalarOverload("@", [.decimal], returns: { types, _ in types[0] }),
        ]
        + [DataType.smallint, .integer, .bigint, .real, .doublePrecision].map {
            ScalarOverload("@", [$0], returns: $0)
        }

    private static let wholeNumbers: [ScalarOverload] =
        [DataType.smallint, .integer, .bigint].map { ScalarOverload("mod", [$0, $0], returns: $0) }
        + [
            ScalarOverload(
                "mod", [.decimal, .decimal],
                returns: { types, _ in DecimalTyping.remainder(types[0], types[1]) }),
            ScalarOverload(
                "div", [.decimal, .decimal], returns: { _, _ in .decimal(precision: 38, scale: 0) }),
            ScalarOverload("gcd", [.integer, .integer], returns: .integer),
            ScalarOverload("gcd", [.bigint, .bigint], returns: .bigint),
            ScalarOverload("lcm", [.integer, .integer], returns: .integer),
            ScalarOverload("lcm", [.bigint, .bigint], returns: .bigint),
            ScalarOverload("bit_count", [.bigint], returns: .bigint),
        ]
}
