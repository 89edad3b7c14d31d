import Columns

extension MathFunctions {
    static func kernel(
        _ function: ScalarFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> ScalarKernel {
        throw .unsupported(feature: "function \(function.name)")
    }
}
