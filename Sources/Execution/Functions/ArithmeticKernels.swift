import Columns

extension ArithmeticFunctions {
    static func kernel(
        _ function: ScalarFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> ScalarKernel {
        if function.returnType.isDecimal { return DecimalKernels.kernel(function) }
        let error = ExecutionError.numericOverflow(type: function.returnType)
        let name = function.name
        if function.parameterTypes.count == 1 { return unary(name, function.returnType.physical, error) }
        if name == "<<" || name == ">>" { return shift(name, function.returnType.physical, error) }
        switch function.returnType.physical {
        case .int16: return integer(name, Int16.self, error)
        case .int32: return integer(name, Int32.self, error)
        case .int64: return integer(name, Int64.self, error)
        case .float32: return float(name, Float.self, error)
        default: return float(name, Double.self, error)
        }
    }

    private static func unary(_ name: String, _ physical: PhysicalType, _ error: ExecutionError)
        -> ScalarKernel
    {
        switch (name, physical) {
        case ("+", _): { call in call.arguments[0] }
        case ("~", .int16):
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Int16.self, Int16.self, error: error) { (~$0, false) }
            }
        case ("~", .int32):
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Int32.self, Int32.self, error: error) { (~$0, false) }
            }
        case ("~", _):
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Int64.self, Int64.self, error: error) { (~$0, false) }
            }
        case (_, .int16):
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Int16.self, Int16.self, error: error) { (0 &- $0, $0 == .min) }
            }
        case (_, .int32):
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Int32.self, Int32.self, error: error) { (0 &- $0, $0 == .min) }
            }
        case (_, .int64):
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Int64.self, Int64.self, error: error) { (0 &- $0, $0 == .min) }
            }
        case (_, .float32):
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Float.self, Float.self, error: error) { (-$0, false) }
            }
        default:
            { (call) throws(ExecutionError) in
                try RowLoop.map(call, Double.self, Double.self, error: error) { (-$0, false) }
            }
        }
    }

    private static func shift(_ name: String, _ physical: PhysicalType, _ error: ExecutionError)
        -> ScalarKernel
    {
        let isLeft = name == "<<"
        // Only the low bits of the distance count, as PostgreSQL leaves it to the machine.
        return switch physical {
        case .int16:
            { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Int16.self, Int32.self, Int16.self, error: error) { value, distance in
                    let wide = Int32(value)
                    let shifted = isLeft ? wide &<< distance : wide &>> distance
                    return (Int16(truncatingIfNeeded: shifted), false)
                }
            }
        case .int32:
            { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Int32.self, Int32.self, Int32.self, error: error) { value, distance in
                    (isLeft ? value &<< distance : value &>> distance, false)
                }
            }
        default:
            { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Int64.self, Int32.self, Int64.self, error: error) { value, distance in
                    (isLeft ? value &<< Int64(distance) : value &>> Int64(distance), false)
                }
            }
        }
    }

    @inline(__always)
    private static func integer<Number: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
        _ name: String, _: Number.Type, _ error: ExecutionError
    ) -> ScalarKernel {
        switch name {
        case "+":
            { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Number.self, Number.self, Number.self, error: error) { left, right in
                    let sum = left &+ right
                    return (sum, (left ^ sum) & (right ^ sum) < 0)
                }
            }
        case "-":
            { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Number.self, Number.self, Number.self, error: error) { left, right in
                    let difference = left &- right
                    return (difference, (left ^ right) & (left ^ difference) < 0)
                }
            }
        case "*":
            { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Number.self, Number.self, Number.self, error: error) { left, right in
                    if Number.bitWidth < 64 {
                        let product = Int64(left) &* Int64(right)
                        let narrow = Number(truncatingIfNeeded: product)
                        return (narrow, Int64(narrow) != product)
                    }
                    let (product, overflow) = left.multipliedReportingOverflow(by: right)
                    return (product, overflow)
                }
            }
        case "/":
            { (call) throws(ExecutionError) in
                try refuseZeroDivisor(call, Number.self)
                return try RowLoop.zip(call, Number.self, Number.self, Number.self, error: error) {
                    left, right in
                    if right == 0 { return (0, false) }
                    let (quotient, overflow) = left.dividedReportingOverflow(by: right)
                    return (quotient, overflow)
                }
            }
        case "%", "mod":
            { (call) throws(ExecutionError) in
                try refuseZeroDivisor(call, Number.self)
                return try RowLoop.zip(call, Number.self, Number.self, Number.self, error: error) {
                    left, right in
                    // The remainder of the least number by -1 is 0 although the division overflows.
                    right == 0 || right == -1 ? (0, false) : (left % right, false)
                }
            }
        case "&":
            { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Number.self, Number.self, Number.self, error: error) {
                    ($0 & $1, false)
                }
            }
        case "|":
            { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Number.self, Number.self, Number.self, error: error) {
                    ($0 | $1, false)
                }
            }
        default:
            { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Number.self, Number.self, Number.self, error: error) {
                    ($0 ^ $1, false)
                }
            }
        }
    }

    /// The kernel of `mod`, which is `%` by its name.
    static func remainder(_ function: ScalarFunction) -> ScalarKernel {
        let error = ExecutionError.numericOverflow(type: function.returnType)
        return switch function.returnType.physical {
        case .int16: integer("%", Int16.self, error)
        case .int32: integer("%", Int32.self, error)
        default: integer("%", Int64.self, error)
        }
    }

    @inline(__always) static func refuseZeroDivisor<Number: FixedWidthInteger & BitwiseCopyable>(
        _ call: KernelCall, _: Number.Type
    ) throws(ExecutionError) {
        let divisor = call.reader(1, as: Number.self)
        var sawZero: UInt8 = 0
        for row in 0..<call.count { sawZero |= unsafeBitCast(divisor[row] == 0, to: UInt8.self) }
        guard sawZero != 0 else { return }
        for row in 0..<call.count where call.isValid(row) && divisor[row] == 0 { throw .divisionByZero }
    }

    /// NaN divided by zero is NaN.
    @inline(__always) private static func refuseZeroDivisor<Number: BinaryFloatingPoint & BitwiseCopyable>(
        _ call: KernelCall, ofFloats _: Number.Type
    ) throws(ExecutionError) {
        let dividend = call.reader(0, as: Number.self)
        let divisor = call.reader(1, as: Number.self)
        var sawZero: UInt8 = 0
        for row in 0..<call.count { sawZero |= unsafeBitCast(divisor[row] == 0, to: UInt8.self) }
        guard sawZero != 0 else { return }
        for row in 0..<call.count where call.isValid(row) && divisor[row] == 0 && !dividend[row].isNaN {
            throw .divisionByZero
        }
    }

    /// An infinite result of finite operands is an overflow, as is a zero that should not be one in
    /// PostgreSQL; the latter is let through here as zero.
    @inline(__always) private static func float<Number: BinaryFloatingPoint & BitwiseCopyable>(
        _ name: String, _: Number.Type, _ error: ExecutionError
    ) -> ScalarKernel {
        switch name {
        case "+":
            { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Number.self, Number.self, Number.self, error: error) { left, right in
                    checked(left + right, left, right)
                }
            }
        case "-":
            { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Number.self, Number.self, Number.self, error: error) { left, right in
                    checked(left - right, left, right)
                }
            }
        case "*":
            { (call) throws(ExecutionError) in
                try RowLoop.zip(call, Number.self, Number.self, Number.self, error: error) { left, right in
                    checked(left * right, left, right)
                }
            }
        default:
            { (call) throws(ExecutionError) in
                try refuseZeroDivisor(call, ofFloats: Number.self)
                return try RowLoop.zip(call, Number.self, Number.self, Number.self, error: error) {
                    left, right in
                    checked(left / right, left, right)
                }
            }
        }
    }

    @inline(__always) private static func checked<Number: BinaryFloatingPoint>(
        _ result: Number, _ left: Number, _ right: Number
    ) -> (Number, Bool) {
        // x - x is 0 for finite x and NaN otherwise, which needs no branch.
        let resultIsFinite = unsafeBitCast(result - result == 0, to: UInt8.self)
        let leftIsFinite = unsafeBitCast(left - left == 0, to: UInt8.self)
        let rightIsFinite = unsafeBitCast(right - right == 0, to: UInt8.self)
        return (result, (resultIsFinite ^ 1) & leftIsFinite & rightIsFinite != 0)
    }
}
