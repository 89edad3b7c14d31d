import Columns
import Execution

/// Orders inner joins greedily: again and again the two inputs whose join gives the fewest rows. The
/// smaller side of a join is the right one, which is built into the hash table.
///
/// Source: Fegaras, "A New Heuristic for Optimizing Large Queries", DEXA 1998 (greedy operator ordering).
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

    private struct Component {
        var plan: LogicalPlan
        var columns: Set<Int>
        var estimate: Estimate
    }

    private static func ordered(_ plan: LogicalPlan, _ estimator: CardinalityEstimator) -> LogicalPlan {
        var inputs: [LogicalPlan] = []
        var conditions: [Expression] = []
        flatten(plan, &inputs, &conditions)
        var components = inputs.map { input in
            let changed = apply(to: input, estimator)
            return Component(plan: changed, columns: changed.columnIDs, estimate: estimator.estimate(changed))
        }
        while components.count > 1 {
            let (first, second) = bestPair(components, conditions, estimator)
            let joined = join(components[first], components[second], conditions, estimator)
            conditions.removeAll { $0.columnIDs.isSubset(of: joined.columns) }
            components.remove(at: second)
            components[first] = joined
        }
        let result = components[0].plan
        return conditions.isEmpty ? result : .filter(result, conditions)
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

    /// Indices of the pair to join next, the lower one first. Pairs without a condition come last.
    private static func bestPair(
        _ components: [Component], _ conditions: [Expression], _ estimator: CardinalityEstimator
    ) -> (Int, Int) {
        var best = (0, 1)
        var bestCost = (isCross: true, rows: Double.infinity)
        for first in components.indices {
            for second in components.indices where second > first {
                let (one, other) = (components[first], components[second])
                let linking = linking(one, other, conditions)
                let rows: Double
                if linking.isEmpty {
                    rows = one.estimate.rows * other.estimate.rows
                } else {
                    let join = LogicalJoin(
                        kind: .inner, left: one.plan, right: other.plan, conditions: linking)
                    rows = estimator.join(join, one.estimate, other.estimate).rows
                }
                let isCross = linking.isEmpty
                if (bestCost.isCross && !isCross) || (bestCost.isCross == isCross && rows < bestCost.rows) {
                    best = (first, second)
                    bestCost = (isCross, rows)
                }
            }
        }
        return best
    }

    private static func linking(
        _ first: Component, _ second: Component, _ conditions: [Expression]
    ) -> [Expression] {
        let both = first.columns.union(second.columns)
        return conditions.filter { $0.columnIDs.isSubset(of: both) }
    }

    private static func join(
        _ first: Component, _ second: Component, _ conditions: [Expression], _ estimator: CardinalityEstimator
    ) -> Component {
        let linking = linking(first, second, conditions)
        let isSwapped = first.estimate.rows < second.estimate.rows
        let (left, right) = isSwapped ? (second, first) : (first, second)
        let join = LogicalJoin(kind: .inner, left: left.plan, right: right.plan, conditions: linking)
        return Component(
            plan: .join(join), columns: first.columns.union(second.columns),
            estimate: estimator.join(join, left.estimate, right.estimate))
    }
}
