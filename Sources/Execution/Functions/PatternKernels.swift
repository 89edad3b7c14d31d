import Columns

extension PatternFunctions {
    static func kernel(
        _ function: ScalarFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> ScalarKernel {
        throw .unsupported(feature: "function \(function.name)")
    }
}
