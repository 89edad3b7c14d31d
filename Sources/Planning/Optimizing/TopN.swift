import Columns
import Execution

/// Lets a sort keep only the rows that a LIMIT above it takes, and moves limits below projections.
enum TopN: OptimizerRule {
    static let name = "top-N"

    static func apply(to plan: LogicalPlan, _ estimator: CardinalityEstimator) -> LogicalPlan {
        let changed = plan.mapInputs { apply(to: $0, estimator) }
        guard case .limit(let input, let count, let offset) = changed else { return changed }
        return limited(input, count, offset)
    }

    private static func limited(_ input: LogicalPlan, _ count: Int?, _ offset: Int) -> LogicalPlan {
        switch input {
        case .sort(let sorted, let keys, nil, 0): .sort(sorted, keys: keys, limit: count, offset: offset)
        case .project(let inner, let items): .project(limited(inner, count, offset), items)
        default: .limit(input, count: count, offset: offset)
        }
    }
}
