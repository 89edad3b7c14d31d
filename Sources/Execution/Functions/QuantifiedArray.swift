import Columns

/// `x = ANY (array)` and `x <> ALL (array)`: the elements of all rows are compared at once.
enum QuantifiedArray {
    static func kernel(
        _ function: ScalarFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> ScalarKernel {
        let isAny = function.name.hasPrefix("any ")
        let sign = String(function.name.dropFirst(4))
        let comparison = Comparison(rawValue: sign)
        var pattern: ScalarKernel?
        if comparison == nil {
            let inner = ScalarFunction(name: sign, parameterTypes: [.text, .text], returnType: .boolean)
            pattern = try FunctionCatalog.kernel(of: inner, context).kernel
        }
        return { (call) throws(ExecutionError) in
            let (elements, counts) = try ArrayRow.unnested(call.arguments[1], rowCount: call.count)
            let left = repeated(call.arguments[0], counts, total: elements.count)
            let holds: ValidityMask
            if let comparison {
                holds = ComparisonKernels.bits(comparison, left, elements, count: elements.count)
            } else if let pattern {
                let validity = ValidityMask.intersection(left.validity, elements.validity)
                let answers = try pattern(
                    KernelCall(
                        arguments: [left, elements], count: elements.count, validity: validity,
                        returnType: .boolean))
                let bytes = answers.pointer(as: UInt8.self)
                holds = ValidityMask(count: elements.count, allValid: false)
                for row in 0..<elements.count where bytes[answers.valueIndex(row)] != 0 {
                    holds.setValid(row)
                }
            } else {
                throw .unsupported(feature: "operator \(sign) with an array")
            }
            return reduced(call, left, elements, holds, counts, isAny: isAny)
        }
    }

    /// The value of each row, once for each element that it is compared with.
    private static func repeated(_ vector: Vector, _ counts: [Int], total: Int) -> Vector {
        let flat = vector.flat(count: counts.count)
        let positions = VectorBuffer(byteCount: max(total, 1) * 4)
        let target = positions.pointer(as: UInt32.self)
        var place = 0
        for (row, count) in counts.enumerated() {
            for _ in 0..<count {
                target[place] = UInt32(truncatingIfNeeded: row)
                place += 1
            }
        }
        return flat.gathered(SelectionVector(buffer: positions, count: total))
    }

    /// ANY: true if one comparison is, else NULL if one is NULL, else false. ALL: the other way round.
    private static func reduced(
        _ call: KernelCall, _ left: Vector, _ elements: Vector, _ holds: ValidityMask, _ counts: [Int],
        isAny: Bool
    ) -> Vector {
        let buffer = VectorBuffer(byteCount: max(call.count, 1))
        buffer.fillWithZeros()
        let target = buffer.pointer(as: UInt8.self)
        let validity = ValidityMask(count: call.count, allValid: true)
        var place = 0
        for (row, count) in counts.enumerated() {
            var sawNull = false
            var isDecided = false
            for index in place..<(place + count) {
                if left.isNull(index) || elements.isNull(index) {
                    sawNull = true
                } else if holds.isValid(index) == isAny {
                    isDecided = true
                }
            }
            place += count
            target[row] = isDecided == isAny ? 1 : 0
            if call.isNull(row, 1) || (sawNull && !isDecided) { validity.setNull(row) }
        }
        return Vector(flat: buffer, type: .boolean, count: call.count, validity: validity)
    }
}
