import Columns
import Execution

/// Orders inner joins by cost: exhaustively up to `JoinSearch.exhaustiveMax` inputs, greedily beyond. The
/// smaller side of a join is the right one, which is built into the hash table.
enum JoinOrdering: OptimizerRule {
    static let name = "join ordering"

    static func apply(to plan: LogicalPlan, _ estimator: CardinalityEstimator) -> LogicalPlan {
        switch plan {
        case .join(let join) where join.kind == .inner: return ordered(plan, estimator)
        case .materialize(let id, let whole, let body):
            let changed = apply(to: whole, estimator)
            estimator.note(commonTable: id, plan: changed)
            return .materialize(id: id, plan: changed, body: apply(to: body, estimator))
        default: return plan.mapInputs { apply(to: $0, estimator) }
        }
    }

    private static func ordered(_ plan: LogicalPlan, _ estimator: CardinalityEstimator) -> LogicalPlan {
        var inputs: [LogicalPlan] = []
        var conditions: [Expression] = []
        flatten(plan, &inputs, &conditions)
        var graph = JoinGraph(inputs.map { apply(to: $0, estimator) }, conditions, estimator)
        if inputs.count > JoinGraph.inputsMax {
            // Beyond the width of a set of inputs the joins stay as they were written.
            return graph.asWritten()
        }
        return JoinSearch.best(&graph, estimator)
    }

    private static func flatten(
        _ plan: LogicalPlan, _ inputs: inout [LogicalPlan], _ conditions: inout [Expression]
    ) {
        guard case .join(let join) = plan, join.kind == .inner else {
            inputs.append(plan)
            return
        }
        flatten(join.left, &inputs, &conditions)
        flatten(join.right, &inputs, &conditions)
        conditions += join.conditions
    }
}
