import Columns
import Execution

/// Tells a window of row numbers how many rows of a partition a condition above it wants: the others are
/// dropped before the window sorts.
enum PartitionLimits: OptimizerRule {
    static let name = "partition limits"

    /// Limits beyond this are not worth their ranking.
    private static let limitMax = 1_000

    static func apply(to plan: LogicalPlan, _ estimator: CardinalityEstimator) -> LogicalPlan {
        let changed = plan.mapInputs { apply(to: $0, estimator) }
        guard case .filter(.window(var window), let conditions) = changed,
            window.calls.allSatisfy({ $0.call.function == .rowNumber })
        else { return changed }
        let numbers = Set(window.calls.map(\.column.id))
        let limits = conditions.compactMap { limit($0, numbers) }
        guard let limit = limits.min(), limit >= 1, limit <= limitMax else { return changed }
        window.rowLimit = limit
        return .filter(.window(window), conditions)
    }

    /// The greatest of the numbers for which a condition can hold.
    private static func limit(_ condition: Expression, _ numbers: Set<Int>) -> Int? {
        guard case .comparison(let comparison, let left, let right) = condition else { return nil }
        if case .column(let id, _) = left, numbers.contains(id), let value = number(right) {
            return limit(comparison, value)
        }
        if case .column(let id, _) = right, numbers.contains(id), let value = number(left) {
            return limit(comparison.flipped, value)
        }
        return nil
    }

    private static func limit(_ comparison: Comparison, _ value: Int) -> Int? {
        switch comparison {
        case .equal, .lessOrEqual: value
        case .less: value > 0 ? value - 1 : nil
        default: nil
        }
    }

    private static func number(_ expression: Expression) -> Int? {
        expression.constantValue?.integerValue.flatMap { Int(exactly: $0) }
    }
}
