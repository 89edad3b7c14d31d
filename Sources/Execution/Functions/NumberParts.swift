import Columns

/// Scales of decimals, factorials, counted bits, and buckets.
enum NumberParts {
    static func kernel(_ function: ScalarFunction) -> ScalarKernel {
        switch function.name {
        case "scale":
            let scale = Int32(function.parameterTypes[0].scale)
            return { (call) throws(ExecutionError) in try RowLoop.each(call, Int32.self) { _ in scale } }
        case "min_scale": return leastScale(function.parameterTypes[0])
        case "trim_scale": return { call in call.arguments[0] }
        case "bit_count":
            return { (call) throws(ExecutionError) in
                try RowLoop.map(call, Int64.self, Int64.self, error: .numericOverflow(type: .bigint)) {
                    (Int64($0.nonzeroBitCount), false)
                }
            }
        default: return factorial
        }
    }

    private static func unscaled(_ call: KernelCall, _ row: Int, _ index: Int) -> Int128 {
        let argument = call.arguments[index]
        let place = call.row(row, index)
        return argument.physical == .int64
            ? Int128(argument.pointer(as: Int64.self)[place]) : argument.pointer(as: Int128.self)[place]
    }

    private static func leastScale(_ type: DataType) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            try RowLoop.each(call, Int32.self) { row in
                var rest = unscaled(call, row, 0)
                var scale = type.scale
                while scale > 0, rest % 10 == 0 {
                    rest /= 10
                    scale -= 1
                }
                return Int32(scale)
            }
        }
    }

    private static let factorial: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let numbers = call.reader(0, as: Int64.self)
        return try RowLoop.each(call, Int128.self) { (row) throws(ExecutionError) in
            let number = numbers[row]
            if number < 0 {
                throw .refused(code: "22003", reason: "factorial of a negative number is undefined")
            }
            guard number <= 33 else { throw .numericOverflow(type: call.returnType) }
            return (0..<Int128(number)).reduce(1) { $0 * ($1 + 1) }
        }
    }

    static func bucketRefusal(count: Int32, areEqual: Bool) -> ExecutionError {
        let reason =
            count <= 0
            ? "count must be greater than zero"
            : areEqual
                ? "lower bound cannot equal upper bound"
                : "operand, lower bound, and upper bound cannot be NaN"
        return .refused(code: "2201G", reason: reason)
    }

    /// `width_bucket(value, low, high, count)` of decimals, exactly.
    static let decimalBucket: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let counts = call.reader(3, as: Int32.self)
        let scale = (0..<3).map { call.arguments[$0].type.scale }.max() ?? 0
        return try RowLoop.each(call, Int32.self) { (row) throws(ExecutionError) in
            var bounds: [Int128] = []
            for index in 0..<3 {
                let from = call.arguments[index].type.scale
                guard let number = DecimalMath.rescale(unscaled(call, row, index), from: from, to: scale)
                else {
                    throw .numericOverflow(type: .integer)
                }
                bounds.append(number)
            }
            let (value, low, high, count) = (bounds[0], bounds[1], bounds[2], counts[row])
            guard count > 0, low != high else { throw bucketRefusal(count: count, areEqual: low == high) }
            let width = (high - low).magnitude
            let isBelow = low < high ? value < low : value > low
            if isBelow { return 0 }
            let distance = (value - low).magnitude
            if distance >= width {
                guard count < .max else { throw .numericOverflow(type: .integer) }
                return count + 1
            }
            let (product, overflow) = distance.multipliedReportingOverflow(by: UInt128(count))
            if overflow { throw .numericOverflow(type: .integer) }
            return Int32(truncatingIfNeeded: product / width) + 1
        }
    }

    /// `width_bucket(value, bounds)`: how many of the ascending bounds are not above the value.
    static let bucketOfBounds: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let (bounds, lengths) = try ArrayRow.unnested(call.arguments[1], rowCount: call.count)
        if bounds.validity != nil {
            throw .refused(code: "22004", reason: "thresholds array must not contain NULLs")
        }
        let values = call.arguments[0].flat(count: call.count)
        let above = ComparisonKernels.bits(
            .lessOrEqual, bounds, values.gathered(places(lengths, bounds.count)), count: bounds.count)
        var place = 0
        var starts: [Int] = []
        for count in lengths {
            starts.append(place)
            place += count
        }
        return try RowLoop.each(call, Int32.self) { row in
            Int32((starts[row]..<(starts[row] + lengths[row])).count { above.isValid($0) })
        }
    }

    private static func places(_ counts: [Int], _ total: Int) -> SelectionVector {
        let buffer = VectorBuffer(byteCount: max(total, 1) * 4)
        var place = 0
        for (row, count) in counts.enumerated() {
            for _ in 0..<count {
                buffer.pointer(as: UInt32.self)[place] = UInt32(truncatingIfNeeded: row)
                place += 1
            }
        }
        return SelectionVector(buffer: buffer, count: total)
    }
}
