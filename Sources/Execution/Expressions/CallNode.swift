import Columns

/// A call of a scalar function: evaluates the arguments, takes NULLs and constants off the kernel's hands.
final class CallNode: ExpressionNode {
    private let arguments: [ExpressionNode]
    private let kernel: ScalarKernel
    private let isStrict: Bool
    private let isRepeatable: Bool

    init(
        _ function: ScalarFunction, _ arguments: [ExpressionNode], _ context: EvaluationContext
    ) throws(ExecutionError) {
        self.arguments = arguments
        let found = try FunctionCatalog.kernel(of: function, context)
        kernel = found.kernel
        isStrict = found.isStrict
        isRepeatable = !function.isVolatile
        super.init(
            type: function.returnType,
            usedColumns: arguments.reduce(into: []) { $0.formUnion($1.usedColumns) })
    }

    override func evaluate(_ input: DataChunk) throws(ExecutionError) -> Vector {
        var vectors: [Vector] = []
        vectors.reserveCapacity(arguments.count)
        var isConstant = isRepeatable
        for argument in arguments {
            let vector = try argument.evaluate(input)
            if isStrict && vector.isConstantNull { return Vector.null(type: type, count: input.rowCount) }
            if vector.form != .constant { isConstant = false }
            vectors.append(vector.form == .dictionary ? vector.flattened() : vector)
        }
        let count = isConstant ? 1 : input.rowCount
        var validity: ValidityMask?
        if isStrict {
            for vector in vectors { validity = ValidityMask.intersection(validity, vector.rowValidity) }
        }
        let result = try kernel(
            KernelCall(arguments: vectors, count: count, validity: validity, returnType: type))
        return isConstant ? result.constantOfFirstRow(count: input.rowCount) : result
    }
}
