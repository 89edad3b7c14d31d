import Columns

/// CAST: the value in another type, or an error for a row whose value has none there.
final class CastNode: ExpressionNode {
    private let operand: ExpressionNode
    private let kernel: ScalarKernel

    init(_ operand: ExpressionNode, to type: DataType) {
        self.operand = operand
        kernel = CastKernels.kernel(from: operand.type, to: type)
        super.init(type: type, usedColumns: operand.usedColumns)
    }

    override func evaluate(_ input: DataChunk) throws(ExecutionError) -> Vector {
        var vector = try operand.evaluate(input)
        if vector.type == type { return vector }
        if vector.isConstantNull { return Vector.null(type: type, count: input.rowCount) }
        if vector.type.physical == type.physical, CastKernels.isRenaming(vector.type, type) {
            return vector.retyped(as: type)
        }
        if vector.form == .dictionary { vector = vector.flattened() }
        let isConstant = vector.form == .constant
        let result = try kernel(
            KernelCall(
                arguments: [vector], count: isConstant ? 1 : input.rowCount, validity: vector.rowValidity,
                returnType: type))
        return isConstant ? result.constantOfFirstRow(count: input.rowCount) : result
    }
}
