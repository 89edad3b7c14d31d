import Columns

extension ConditionalFunctions {
    static func kernel(
        _ function: ScalarFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> ScalarKernel {
        let type = function.returnType
        switch function.name {
        case "nullif":
            return { call in
                let first = call.arguments[0].flat(count: call.count)
                let second = call.arguments[1]
                let equal = ComparisonKernels.bits(.equal, first, second, count: call.count)
                let choice = (0..<call.count).map { row in
                    equal.isValid(row) && !first.isNull(row) && !second.isNull(row) ? UInt8.max : 0
                }
                return RowMerge.merge([first], choosing: choice, type: type)
            }
        default:
            // NULL arguments are left out; the result is NULL only when all are.
            let wanted: Comparison = function.name == "greatest" ? .greater : .less
            return { call in
                var best = call.arguments[0].flat(count: call.count)
                for argument in call.arguments.dropFirst() {
                    let next = argument.flat(count: call.count)
                    let better = ComparisonKernels.bits(wanted, next, best, count: call.count)
                    let choice = (0..<call.count).map { row -> UInt8 in
                        if next.isNull(row) { return 0 }
                        return best.isNull(row) || better.isValid(row) ? 1 : 0
                    }
                    best = RowMerge.merge([best, next], choosing: choice, type: type)
                }
                return best
            }
        }
    }
}

extension Vector {
    /// In flat form with `count` rows, which a constant may not have yet.
    func flat(count: Int) -> Vector {
        form == .constant && self.count != count ? repeated(count: count).flattened() : flattened()
    }
}
