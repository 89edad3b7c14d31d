import Columns
import Glibc

extension MathFunctions {
    static func kernel(
        _ function: ScalarFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> ScalarKernel {
        let type = function.returnType
        let error = ExecutionError.numericOverflow(type: type)
        switch function.name {
        case "abs", "@": return absolute(type, error)
        case "scale", "min_scale", "trim_scale", "factorial", "bit_count": return NumberParts.kernel(function)
        case _ where DecimalRoots.names.contains(function.name) && function.parameterTypes[0].isDecimal:
            return DecimalRoots.kernel(function)
        case "width_bucket" where function.parameterTypes.count == 2: return NumberParts.bucketOfBounds
        case "width_bucket" where function.parameterTypes[0].isDecimal: return NumberParts.decimalBucket
        case "mod":
            return type.isDecimal ? DecimalKernels.kernel(function) : ArithmeticFunctions.remainder(function)
        case "div": return DecimalKernels.kernel(function)
        case "gcd", "lcm": return divisors(function, error)
        case "sign", "ceil", "ceiling", "floor", "round", "trunc":
            return function.parameterTypes[0].isDecimal
                ? decimalRounding(function) : doubleRounding(function.name)
        case "pi":
            return { call in .constant(.doublePrecision(.pi), type: .doublePrecision, count: call.count) }
        case "random": return random
        case "width_bucket": return widthBucket
        case "power", "pow", "^": return power
        case "atan2d":
            return { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Double.self, Double.self, Double.self, error: error) {
                    (Degrees.atan2($0, $1), false)
                }
            }
        case "atan2":
            return { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Double.self, Double.self, Double.self, error: error) {
                    (Glibc.atan2($0, $1), false)
                }
            }
        case "log" where function.parameterTypes.count == 2: return logarithmOfBase
        default: return unaryDouble(function.name)
        }
    }

    private static func absolute(_ type: DataType, _ error: ExecutionError) -> ScalarKernel {
        switch type.physical {
        case .int16:
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Int16.self, Int16.self, error: error) {
                    ($0 < 0 ? 0 &- $0 : $0, $0 == .min)
                }
            }
        case .int32:
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Int32.self, Int32.self, error: error) {
                    ($0 < 0 ? 0 &- $0 : $0, $0 == .min)
                }
            }
        case .int64:
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Int64.self, Int64.self, error: error) {
                    ($0 < 0 ? 0 &- $0 : $0, $0 == .min)
                }
            }
        case .int128:
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Int128.self, Int128.self, error: error) {
                    ($0 < 0 ? 0 &- $0 : $0, $0 == .min)
                }
            }
        case .float32:
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Float.self, Float.self, error: error) { ($0.magnitude, false) }
            }
        default:
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Double.self, Double.self, error: error) { ($0.magnitude, false) }
            }
        }
    }

    private static func doubleRounding(_ name: String) -> ScalarKernel {
        func map(_ compute: @escaping (Double) -> Double) -> ScalarKernel {
            { (call) throws(ExecutionError) in
                try RowLoop.map(
                    call, Double.self, Double.self, error: .numericOverflow(type: .doublePrecision)
                ) {
                    (compute($0), false)
                }
            }
        }
        return switch name {
        case "sign": map { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }
        case "ceil", "ceiling": map { $0.rounded(.up) }
        case "floor": map { $0.rounded(.down) }
        case "round": map { $0.rounded(.toNearestOrEven) }
        default: map { $0.rounded(.towardZero) }
        }
    }

    /// Rounding of decimals to the scale of the result, or to fewer digits given by a second argument.
    private static func decimalRounding(_ function: ScalarFunction) -> ScalarKernel {
        let source = function.parameterTypes[0]
        let name = function.name
        let type = function.returnType
        return { (call) throws(ExecutionError) in
            let values = call.arguments[0]
            let digits = call.arguments.count > 1 ? call.reader(1, as: Int32.self) : nil
            let mask = values.form == .constant ? 0 : ~0
            let narrow = values.physical == .int64 ? values.pointer(as: Int64.self) : nil
            let wide = values.physical == .int64 ? nil : values.pointer(as: Int128.self)
            func result(_ row: Int) throws(ExecutionError) -> Int128 {
                let value = narrow.map { Int128($0[row & mask]) } ?? wide.map { $0[row & mask] } ?? 0
                if name == "sign" { return value.signum() }
                let target = digits.map { max(-38, min(Int($0[row]), source.scale)) } ?? 0
                let rounded = round(value, name, from: source.scale, to: target)
                guard let rounded,
                    let scaled = DecimalMath.rescale(rounded, from: max(target, 0), to: type.scale),
                    DecimalMath.fits(scaled, precision: DataType.decimalPrecisionMax)
                else { throw .numericOverflow(type: type) }
                return scaled
            }
            if type.physical == .int64 {
                return try RowLoop.each(call, Int64.self) { (row) throws(ExecutionError) in
                    Int64(truncatingIfNeeded: try result(row))
                }
            }
            return try RowLoop.each(call, Int128.self) { (row) throws(ExecutionError) in try result(row) }
        }
    }

    /// The value at `max(target, 0)` digits after the point, of which those beyond `target` are zero.
    private static func round(_ value: Int128, _ name: String, from scale: Int, to target: Int) -> Int128? {
        if scale - target > 38 { return 0 }
        let unit = DecimalMath.powerOfTen(scale - target)
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: unit)
        let rounded: Int128 =
            switch name {
            case "floor": quotient - (remainder < 0 ? 1 : 0)
            case "ceil", "ceiling": quotient + (remainder > 0 ? 1 : 0)
            case "trunc": quotient
            default: DecimalMath.divideRounding(value, by: unit)
            }
        return target < 0 ? DecimalMath.rescale(rounded, from: 0, to: -target) : rounded
    }

    private static func divisors(_ function: ScalarFunction, _ error: ExecutionError) -> ScalarKernel {
        let isLeast = function.name == "lcm"
        func compute(_ left: Int64, _ right: Int64) -> (Int64, Bool) {
            var (first, second) = (left.magnitude, right.magnitude)
            while second != 0 { (first, second) = (second, first % second) }
            if !isLeast { return (Int64(truncatingIfNeeded: first), first > UInt64(Int64.max)) }
            if left == 0 || right == 0 { return (0, false) }
            let (product, overflow) = (left.magnitude / first).multipliedReportingOverflow(
                by: right.magnitude)
            return (Int64(truncatingIfNeeded: product), overflow || product > UInt64(Int64.max))
        }
        if function.returnType == .integer {
            return { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Int32.self, Int32.self, Int32.self, error: error) { left, right in
                    let (value, isBad) = compute(Int64(left), Int64(right))
                    return (Int32(truncatingIfNeeded: value), isBad || value > Int64(Int32.max))
                }
            }
        }
        return { (call) throws(ExecutionError) in
            try RowLoop.zip(call, Int64.self, Int64.self, Int64.self, error: error) { compute($0, $1) }
        }
    }

    private static let random: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        try RowLoop.each(call, Double.self) { _ in Double.random(in: 0..<1) }
    }

    private static let power: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let bases = call.reader(0, as: Double.self)
        let exponents = call.reader(1, as: Double.self)
        return try RowLoop.each(call, Double.self) { (row) throws(ExecutionError) in
            let (base, exponent) = (bases[row], exponents[row])
            if base == 0, exponent < 0 {
                throw .refused(code: "2201F", reason: "zero raised to a negative power is undefined")
            }
            if base < 0, exponent.isFinite, exponent != exponent.rounded() {
                throw .refused(
                    code: "2201F",
                    reason: "a negative number raised to a non-integer power yields a complex result")
            }
            let result = Glibc.pow(base, exponent)
            if result.isInfinite, base.isFinite, exponent.isFinite {
                throw .numericOverflow(type: .doublePrecision)
            }
            return result
        }
    }

    private static let logarithmOfBase: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let bases = call.reader(0, as: Double.self)
        let values = call.reader(1, as: Double.self)
        return try RowLoop.each(call, Double.self) { (row) throws(ExecutionError) in
            guard bases[row] > 0, values[row] > 0 else {
                throw logarithmRefusal(min(bases[row], values[row]))
            }
            let divisor = Glibc.log(bases[row])
            if divisor == 0 { throw .divisionByZero }
            return Glibc.log(values[row]) / divisor
        }
    }

    private static let widthBucket: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let values = call.reader(0, as: Double.self)
        let lows = call.reader(1, as: Double.self)
        let highs = call.reader(2, as: Double.self)
        let counts = call.reader(3, as: Int32.self)
        return try RowLoop.each(call, Int32.self) { (row) throws(ExecutionError) in
            let (value, low, high, count) = (values[row], lows[row], highs[row], counts[row])
            guard count > 0, low.isFinite, high.isFinite, low != high, !value.isNaN else {
                throw NumberParts.bucketRefusal(count: count, areEqual: low == high)
            }
            let share = low < high ? (value - low) / (high - low) : (low - value) / (low - high)
            if share < 0 { return 0 }
            if share >= 1 { return count == .max ? count : count + 1 }
            return Int32((share * Double(count)).rounded(.down)) + 1
        }
    }

    static func logarithmRefusal(_ value: Double) -> ExecutionError {
        let what = value == 0 ? "zero" : "a negative number"
        return .refused(code: "2201E", reason: "cannot take logarithm of \(what)")
    }

    private static func unaryDouble(_ name: String) -> ScalarKernel {
        let compute = unaryFunction(name)
        let isLogarithm = ["ln", "log", "log10"].contains(name)
        return { (call) throws(ExecutionError) in
            let values = call.reader(0, as: Double.self)
            return try RowLoop.each(call, Double.self) { (row) throws(ExecutionError) in
                let value = values[row]
                if isLogarithm, value <= 0 { throw logarithmRefusal(value) }
                let result = compute(value)
                if result.isNaN, !value.isNaN {
                    if name == "sqrt" || name == "|/" {
                        throw .refused(code: "2201F", reason: "cannot take square root of a negative number")
                    }
                    throw .refused(code: "22003", reason: "input is out of range")
                }
                if result.isInfinite, value.isFinite {
                    if name == "atanh" { return result }
                    throw .numericOverflow(type: .doublePrecision)
                }
                return result
            }
        }
    }

    private static func unaryFunction(_ name: String) -> (Double) -> Double {
        switch name {
        case "sqrt", "|/": { $0.squareRoot() }
        case "cbrt", "||/": { Glibc.cbrt($0) }
        case "exp": { Glibc.exp($0) }
        case "ln": { Glibc.log($0) }
        case "log", "log10": { Glibc.log10($0) }
        case "sin": { Glibc.sin($0) }
        case "cos": { Glibc.cos($0) }
        case "tan": { Glibc.tan($0) }
        case "asin": { Glibc.asin($0) }
        case "acos": { Glibc.acos($0) }
        case "atan": { Glibc.atan($0) }
        case "sinh": { Glibc.sinh($0) }
        case "cosh": { Glibc.cosh($0) }
        case "tanh": { Glibc.tanh($0) }
        case "asinh": { Glibc.asinh($0) }
        case "acosh": { Glibc.acosh($0) }
        case "atanh": { Glibc.atanh($0) }
        case "cot": { 1 / Glibc.tan($0) }
        case "degrees": { $0 / (Double.pi / 180) }
        case "sind": { Degrees.sin($0) }
        case "cosd": { Degrees.cos($0) }
        case "tand": { Degrees.tan($0) }
        case "cotd": { Degrees.cot($0) }
        case "asind": { Degrees.asin($0) }
        case "acosd": { Degrees.acos($0) }
        case "atand": { Degrees.atan($0) }
        default: { $0 * (Double.pi / 180) }
        }
    }
}
