import Columns
import Glibc

/// Square roots and logarithms of decimals, with PostgreSQL's number of digits.
///
/// Computed with 64 bits of mantissa where the machine has them, which is 19 digits; PostgreSQL shows 16 or
/// 17.
enum DecimalRoots {
    #if arch(x86_64)
        typealias Wide = Float80
    #else
        typealias Wide = Double
    #endif

    static let names: Set<String> = ["sqrt", "ln", "log", "log10"]

    static func type(_ argument: DataType) -> DataType {
        .decimal(precision: 38, scale: max(DecimalMath.quotientScale, argument.scale))
    }

    static func kernel(_ function: ScalarFunction) -> ScalarKernel {
        let type = function.returnType
        let types = function.parameterTypes
        let name = function.name
        return { (call) throws(ExecutionError) in
            try RowLoop.each(call, Int128.self) { (row) throws(ExecutionError) in
                let first = wide(call, row, 0)
                let result: Wide
                var digits: Int
                if name == "sqrt" {
                    if first < 0 {
                        throw .refused(code: "2201F", reason: "cannot take square root of a negative number")
                    }
                    result = first.squareRoot()
                    digits = 16 - ((weight(first) + 1) * 2 - 1)
                } else {
                    let second = types.count > 1 ? wide(call, row, 1) : nil
                    result = try logarithm(name, first, second)
                    if name == "ln" {
                        digits = 16 - logarithmWeight(first)
                    } else {
                        let base = second == nil ? Wide(10) : first
                        digits = 16 - (logarithmWeight(second ?? first) - logarithmWeight(base))
                    }
                }
                let scale = max(types.map(\.scale).max() ?? 0, min(digits, type.scale), 0)
                let shifted = (result * power(scale)).rounded(.toNearestOrAwayFromZero)
                guard shifted.magnitude < power(38) else { throw .numericOverflow(type: type) }
                guard let widened = WideDecimal.widened(Int128(shifted), by: type.scale - scale) else {
                    throw .numericOverflow(type: type)
                }
                return widened
            }
        }
    }

    private static func logarithm(
        _ name: String, _ first: Wide, _ second: Wide?
    ) throws(ExecutionError) -> Wide {
        let least = second.map { min($0, first) } ?? first
        if least <= 0 { throw MathFunctions.logarithmRefusal(Double(least)) }
        guard let second else { return name == "ln" ? log(first) : log(first) / log(10) }
        let divisor = log(first)
        if divisor == 0 { throw .divisionByZero }
        return log(second) / divisor
    }

    private static func log(_ value: Wide) -> Wide {
        #if arch(x86_64)
            Glibc.logl(value)
        #else
            Glibc.log(value)
        #endif
    }

    private static func magnitudeLog(_ value: Wide) -> Wide { log(value.magnitude) / log(10) }

    /// The power of ten of a natural logarithm, as PostgreSQL estimates it.
    private static func logarithmWeight(_ value: Wide) -> Int {
        if value >= 0.9, value <= 1.1 {
            return value == 1 ? 0 : Int(magnitudeLog(value - 1).rounded(.down))
        }
        return Int(magnitudeLog(log(value)))
    }

    /// The power of 10,000 of the first digit in base 10,000.
    private static func weight(_ value: Wide) -> Int {
        if value == 0 { return 0 }
        var weight = 0
        var rest = value
        while rest >= 10_000 {
            rest /= 10_000
            weight += 1
        }
        while rest < 1 {
            rest *= 10_000
            weight -= 1
        }
        return weight
    }

    private static func power(_ exponent: Int) -> Wide { Wide(DecimalMath.powerOfTen(exponent)) }

    private static func wide(_ call: KernelCall, _ row: Int, _ index: Int) -> Wide {
        let argument = call.arguments[index]
        let place = call.row(row, index)
        let unscaled =
            argument.physical == .int64
            ? Int128(argument.pointer(as: Int64.self)[place]) : argument.pointer(as: Int128.self)[place]
        return Wide(unscaled) / power(argument.type.scale)
    }
}
