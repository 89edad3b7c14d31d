import Columns

/// `+ - * / %` on numbers and the bitwise operators. Those on dates are in `DateTimeFunctions`.
enum ArithmeticFunctions: FunctionFamily {
    static let symbols: Set<String> = ["+", "-", "*", "/", "%"]

    static let overloads: [ScalarOverload] = sums + products + bitwise

    private static let integers: [DataType] = [.smallint, .integer, .bigint]
    private static let floats: [DataType] = [.real, .doublePrecision]

    private static let sums: [ScalarOverload] = ["+", "-"].flatMap { name in
        (integers + floats).flatMap { type in
            [
                ScalarOverload(name, [type, type], returns: type),
                ScalarOverload(name, [type], returns: type),
            ]
        } + [
            ScalarOverload(
                name, [.decimal, .decimal], returns: { types, _ in DecimalTyping.sum(types[0], types[1]) }),
            ScalarOverload(name, [.decimal], returns: { types, _ in types[0] }),
        ]
    }

    private static let products: [ScalarOverload] = ["*", "/", "%"].flatMap { name in
        (name == "%" ? integers : integers + floats).map { ScalarOverload(name, [$0, $0], returns: $0) } + [
            ScalarOverload(
                name, [.decimal, .decimal],
                returns: { types, _ in
                    switch name {
                    case "*": DecimalTyping.product(types[0], types[1])
                    case "/": DecimalTyping.quotient(types[0], types[1])
                    default: DecimalTyping.remainder(types[0], types[1])
                    }
                })
        ]
    }

    private static let bitwise: [ScalarOverload] =
        ["&", "|", "#"].flatMap { name in integers.map { ScalarOverload(name, [$0, $0], returns: $0) } }
        + ["<<", ">>"].flatMap { name in integers.map { ScalarOverload(name, [$0, .integer], returns: $0) } }
        + integers.map { ScalarOverload("~", [$0], returns: $0) }

    /// Both operands of an arithmetic operator at the type that computes them, where one is floating point:
    /// REAL with anything but REAL is computed in DOUBLE PRECISION.
    /// A DATE with an INTERVAL is computed as TIMESTAMP.
    static func unified(name: String, arguments: [ArgumentType]) -> [ArgumentType] {
        if name == "+" || name == "-", arguments.count == 2, arguments.contains(.known(.interval)) {
            return arguments.map { $0 == .known(.date) ? .known(.timestamp) : $0 }
        }
        guard symbols.contains(name), arguments.count == 2, case .known(let left) = arguments[0],
            case .known(let right) = arguments[1], left.isNumeric, right.isNumeric, left != right,
            left.isFloatingPoint || right.isFloatingPoint
        else { return arguments }
        return [.known(.doublePrecision), .known(.doublePrecision)]
    }
}
