import Columns

/// The memory form of a decimal: 64 or 128 bits.
protocol DecimalWord: FixedWidthInteger, SignedInteger, BitwiseCopyable {
    var wide: Int128 { get }
}

extension Int64: DecimalWord {
    @inline(__always) var wide: Int128 { Int128(self) }
}

extension Int128: DecimalWord {
    @inline(__always) var wide: Int128 { self }
}

/// Exact arithmetic on decimals.
enum DecimalKernels {
    static func kernel(_ function: ScalarFunction) -> ScalarKernel {
        if function.parameterTypes.count == 1 {
            if function.name == "+" { return { call in call.arguments[0] } }
            return function.returnType.physical == .int64 ? negation(Int64.self) : negation(Int128.self)
        }
        let types = function.parameterTypes + [function.returnType]
        return switch types.map(\.physical) {
        case [.int64, .int64, .int64]: kernel(function, Int64.self, Int64.self, Int64.self)
        case [.int64, .int64, .int128]: kernel(function, Int64.self, Int64.self, Int128.self)
        case [.int64, .int128, .int128]: kernel(function, Int64.self, Int128.self, Int128.self)
        case [.int128, .int64, .int128]: kernel(function, Int128.self, Int64.self, Int128.self)
        case [.int128, .int128, .int128]: kernel(function, Int128.self, Int128.self, Int128.self)
        case [.int64, .int128, .int64]: kernel(function, Int64.self, Int128.self, Int64.self)
        case [.int128, .int64, .int64]: kernel(function, Int128.self, Int64.self, Int64.self)
        default: kernel(function, Int128.self, Int128.self, Int64.self)
        }
    }

    private static func negation<Word: DecimalWord>(_: Word.Type) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            try RowLoop.map(call, Word.self, Word.self, error: .numericOverflow(type: call.returnType)) {
                (0 &- $0, false)
            }
        }
    }

    @inline(__always) private static func kernel<A: DecimalWord, B: DecimalWord, R: DecimalWord>(
        _ function: ScalarFunction, _: A.Type, _: B.Type, _: R.Type
    ) -> ScalarKernel {
        switch function.name {
        case "+": sum(function, sign: 1, A.self, B.self, R.self)
        case "-": sum(function, sign: -1, A.self, B.self, R.self)
        case "*": product(function, A.self, B.self, R.self)
        case "/": quotient(function, A.self, B.self, R.self)
        case "div": wholeQuotient(function, A.self, B.self, R.self)
        default: remainder(function, A.self, B.self, R.self)
        }
    }

    @inline(__always) private static func sum<A: DecimalWord, B: DecimalWord, R: DecimalWord>(
        _ function: ScalarFunction, sign: R, _: A.Type, _: B.Type, _: R.Type
    ) -> ScalarKernel {
        let scale = function.returnType.scale
        let first = DecimalMath.powerOfTen(scale - function.parameterTypes[0].scale)
        let second = DecimalMath.powerOfTen(scale - function.parameterTypes[1].scale)
        let error = ExecutionError.numericOverflow(type: function.returnType)
        let widest = integralDigits(function.parameterTypes[0], function.parameterTypes[1]) + scale + 1
        if widest <= DataType.decimalPrecisionMax {
            // All sums fit the type by its precision: no check, and 64 bits where the type has them.
            let firstFactor = R(truncatingIfNeeded: first)
            let secondFactor = R(truncatingIfNeeded: second) &* sign
            return { (call) throws(ExecutionError) in
                try RowLoop.zip(call, A.self, B.self, R.self, error: error) { left, right in
                    (
                        R(truncatingIfNeeded: left) &* firstFactor &+ R(truncatingIfNeeded: right)
                            &* secondFactor, false
                    )
                }
            }
        }
        let limit = DecimalMath.powerOfTen(38)
        return { (call) throws(ExecutionError) in
            try RowLoop.zip(call, A.self, B.self, R.self, error: error) { left, right in
                let (left, firstOverflow) = left.wide.multipliedReportingOverflow(by: first)
                let (right, secondOverflow) = right.wide.multipliedReportingOverflow(by: second)
                let (sum, thirdOverflow) =
                    sign < 0 ? left.subtractingReportingOverflow(right) : left.addingReportingOverflow(right)
                let isBad = firstOverflow || secondOverflow || thirdOverflow || sum >= limit || sum <= -limit
                return (R(truncatingIfNeeded: sum), isBad)
            }
        }
    }

    private static func integralDigits(_ first: DataType, _ second: DataType) -> Int {
        guard case .decimal(let precision1, let scale1) = first,
            case .decimal(let precision2, let scale2) = second
        else { return DataType.decimalPrecisionMax }
        return max(precision1 - scale1, precision2 - scale2)
    }

    @inline(__always) private static func product<A: DecimalWord, B: DecimalWord, R: DecimalWord>(
        _ function: ScalarFunction, _: A.Type, _: B.Type, _: R.Type
    ) -> ScalarKernel {
        let error = ExecutionError.numericOverflow(type: function.returnType)
        let fullScale = function.parameterTypes[0].scale + function.parameterTypes[1].scale
        let dropped = fullScale - function.returnType.scale
        guard case .decimal(let precision1, _) = function.parameterTypes[0],
            case .decimal(let precision2, _) = function.parameterTypes[1]
        else { preconditionFailure("decimal operands have decimal types") }
        if precision1 + precision2 <= DataType.decimalPrecisionMax, dropped == 0 {
            return { (call) throws(ExecutionError) in
                try RowLoop.zip(call, A.self, B.self, R.self, error: error) { left, right in
                    (R(truncatingIfNeeded: left) &* R(truncatingIfNeeded: right), false)
                }
            }
        }
        return { (call) throws(ExecutionError) in
            try RowLoop.zip(call, A.self, B.self, R.self, error: error) { left, right in
                if dropped == 0, let first = Int64(exactly: left), let second = Int64(exactly: right) {
                    // At most 126 bits, which are below 10^38.
                    return (R(truncatingIfNeeded: first.wide &* second.wide), false)
                }
                let product = WideDecimal.multiply(left.wide, right.wide, droppingDigits: dropped)
                return (R(truncatingIfNeeded: product ?? 0), product == nil)
            }
        }
    }

    @inline(__always) private static func quotient<A: DecimalWord, B: DecimalWord, R: DecimalWord>(
        _ function: ScalarFunction, _: A.Type, _: B.Type, _: R.Type
    ) -> ScalarKernel {
        let error = ExecutionError.numericOverflow(type: function.returnType)
        let (scale, leftScale, rightScale) = (
            function.returnType.scale, function.parameterTypes[0].scale, function.parameterTypes[1].scale
        )
        return { (call) throws(ExecutionError) in
            try ArithmeticFunctions.refuseZeroDivisor(call, B.self)
            return try RowLoop.zip(call, A.self, B.self, R.self, error: error) { left, right in
                if right == 0 { return (0, false) }
                let digits = QuotientDigits.scale(
                    left.wide, leftScale, right.wide, rightScale, scaleMin: max(leftScale, rightScale),
                    scaleMax: scale)
                let exact = WideDecimal.divide(
                    left.wide, by: right.wide, exponent: digits - leftScale + rightScale)
                let quotient = exact.flatMap { WideDecimal.widened($0, by: scale - digits) }
                return (R(truncatingIfNeeded: quotient ?? 0), quotient == nil)
            }
        }
    }

    /// Both operands as whole numbers of the finer scale; nil when one does not fit.
    @inline(__always) private static func aligned(
        _ function: ScalarFunction, _ left: Int128, _ right: Int128
    ) -> (Int128, Int128)? {
        let scale = max(function.parameterTypes[0].scale, function.parameterTypes[1].scale)
        guard let first = DecimalMath.rescale(left, from: function.parameterTypes[0].scale, to: scale),
            let second = DecimalMath.rescale(right, from: function.parameterTypes[1].scale, to: scale)
        else { return nil }
        return (first, second)
    }

    private static func remainder<A: DecimalWord, B: DecimalWord, R: DecimalWord>(
        _ function: ScalarFunction, _: A.Type, _: B.Type, _: R.Type
    ) -> ScalarKernel {
        let error = ExecutionError.numericOverflow(type: function.returnType)
        return { (call) throws(ExecutionError) in
            try ArithmeticFunctions.refuseZeroDivisor(call, B.self)
            return try RowLoop.zip(call, A.self, B.self, R.self, error: error) { left, right in
                guard right != 0 else { return (0, false) }
                guard let (first, second) = aligned(function, left.wide, right.wide) else { return (0, true) }
                return (R(truncatingIfNeeded: first % second), false)
            }
        }
    }

    private static func wholeQuotient<A: DecimalWord, B: DecimalWord, R: DecimalWord>(
        _ function: ScalarFunction, _: A.Type, _: B.Type, _: R.Type
    ) -> ScalarKernel {
        let error = ExecutionError.numericOverflow(type: function.returnType)
        return { (call) throws(ExecutionError) in
            try ArithmeticFunctions.refuseZeroDivisor(call, B.self)
            return try RowLoop.zip(call, A.self, B.self, R.self, error: error) { left, right in
                guard right != 0 else { return (0, false) }
                guard let (first, second) = aligned(function, left.wide, right.wide) else { return (0, true) }
                return (R(truncatingIfNeeded: first / second), false)
            }
        }
    }
}

/// Products and quotients that need more than 128 bits on the way.
enum WideDecimal {
    /// left × right ÷ 10^`droppingDigits`, rounded half away from zero; nil when it has more than 38 digits.
    static func multiply(_ left: Int128, _ right: Int128, droppingDigits dropped: Int) -> Int128? {
        let isNegative = (left < 0) != (right < 0)
        let (high, low) = left.magnitude.multipliedFullWidth(by: right.magnitude)
        let magnitude: UInt128
        if dropped == 0 {
            guard high == 0 else { return nil }
            magnitude = low
        } else {
            guard dropped <= 38 else { return nil }
            guard let rounded = divideRounding(high, low, by: DecimalMath.powerOfTen(dropped).magnitude)
            else { return nil }
            magnitude = rounded
        }
        return signed(magnitude, isNegative)
    }

    /// left × 10^`exponent` ÷ right, rounded half away from zero; nil when it has more than 38 digits.
    /// `right` is not zero.
    static func divide(_ left: Int128, by right: Int128, exponent: Int) -> Int128? {
        if left == 0 { return 0 }
        guard exponent >= 0, exponent <= 76 else { return nil }
        if exponent > 38 {
            // As of a whole number by an average, which has twenty digits after the point.
            return widened(left, by: exponent - 38).flatMap { divide($0, by: right, exponent: 38) }
        }
        let isNegative = (left < 0) != (right < 0)
        let (high, low) = left.magnitude.multipliedFullWidth(by: DecimalMath.powerOfTen(exponent).magnitude)
        if high == 0, low <= UInt128(UInt64.max), right.magnitude <= UInt128(UInt64.max) >> 1 {
            let divisor = UInt64(truncatingIfNeeded: right.magnitude)
            let (quotient, remainder) = UInt64(truncatingIfNeeded: low).quotientAndRemainder(
                dividingBy: divisor)
            return signed(UInt128(quotient) + (remainder >= divisor - remainder ? 1 : 0), isNegative)
        }
        guard let magnitude = divideRounding(high, low, by: right.magnitude) else { return nil }
        return signed(magnitude, isNegative)
    }

    /// value × 10^`digits`; nil when it has more than 38 digits.
    static func widened(_ value: Int128, by digits: Int) -> Int128? {
        let (result, overflow) = value.multipliedReportingOverflow(by: DecimalMath.powerOfTen(digits))
        return overflow || result.magnitude >= DecimalMath.powerOfTen(38).magnitude ? nil : result
    }

    private static func divideRounding(_ high: UInt128, _ low: UInt128, by divisor: UInt128) -> UInt128? {
        guard high < divisor else { return nil }
        let (quotient, remainder) =
            high == 0 ? low.quotientAndRemainder(dividingBy: divisor) : divisor.dividingFullWidth((high, low))
        guard quotient < UInt128.max else { return nil }
        return quotient + (remainder >= divisor - remainder ? 1 : 0)
    }

    private static func signed(_ magnitude: UInt128, _ isNegative: Bool) -> Int128? {
        guard magnitude < DecimalMath.powerOfTen(38).magnitude else { return nil }
        let value = Int128(truncatingIfNeeded: magnitude)
        return isNegative ? -value : value
    }
}
