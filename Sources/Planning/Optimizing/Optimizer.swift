/// A rewriting of logical plans that keeps their result.
protocol OptimizerRule: Sendable {
    /// As EXPLAIN and tests name it.
    static var name: String { get }

    static func apply(to plan: LogicalPlan, _ estimator: CardinalityEstimator) -> LogicalPlan
}

/// The rules, in the order in which they are applied.
enum Optimizer {
    static let rules: [any OptimizerRule.Type] = [
        ConstantFolding.self, PredicatePushdown.self, JoinOrdering.self, PartitionLimits.self,
        ProjectionPruning.self, TopN.self,
    ]

    static func optimize(_ plan: LogicalPlan, _ estimator: CardinalityEstimator) -> LogicalPlan {
        rules.reduce(plan) { $1.apply(to: $0, estimator) }
    }
}
