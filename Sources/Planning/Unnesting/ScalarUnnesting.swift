import Columns
import Execution

/// Turns a correlated scalar subquery into a left join, so that it never runs once a row.
///
/// Source: Galindo-Legaria, Joshi, "Orthogonal Optimization of Subqueries and Aggregation", SIGMOD 2001.
struct ScalarUnnesting {
    struct Result {
        /// The right side of the join; has at most one row for each row on the left.
        var plan: LogicalPlan
        var conditions: [Expression]
        /// The subquery's value over the joined row.
        var value: Expression
    }

    let free: Set<Int>
    let newColumn: (String, DataType) -> LogicalColumn
    let primaryKey: (LogicalScan) -> Set<Int>?

    init(
        free: Set<Int>, newColumn: @escaping (String, DataType) -> LogicalColumn,
        primaryKey: @escaping (LogicalScan) -> Set<Int>?
    ) {
        self.free = free
        self.newColumn = newColumn
        self.primaryKey = primaryKey
    }

    /// nil for a form that is not known.
    func unnest(_ plan: LogicalPlan, result: LogicalColumn) -> Result? {
        guard case .project(let input, let items) = plan,
            let item = items.first(where: { $0.column.id == result.id }),
            item.expression.columnIDs.isDisjoint(with: free)
        else { return nil }
        if case .aggregate(let aggregate) = input, aggregate.groups.isEmpty {
            return unnest(aggregate, item.expression)
        }
        return unnestLookup(input, item.expression)
    }

    /// `(SELECT sum(x) FROM t WHERE t.k = outer.k)`: grouped by k. Where no group matches, the value is
    /// that of no rows: 0 for counts, NULL for other aggregates.
    private func unnest(_ aggregate: LogicalAggregate, _ value: Expression) -> Result? {
        var pullUp = CorrelationPullUp(free: free, newColumn: newColumn)
        guard let input = pullUp.pull(aggregate.input), let grouped = pullUp.regroup(aggregate, over: input),
            !grouped.groups.isEmpty
        else { return nil }
        let plan = LogicalPlan.aggregate(grouped)
        guard plan.freeColumns.isEmpty else { return nil }
        var replacements: [Int: Expression] = [:]
        for call in grouped.calls where call.call.function.name.hasSuffix("count") {
            let zero = Expression.constant(.bigint(0), .bigint)
            replacements[call.column.id] = .coalesce([call.column.reference, zero], .bigint)
        }
        return Result(
            plan: plan, conditions: pullUp.conditions, value: value.replacingColumns(replacements))
    }

    /// `(SELECT name FROM t WHERE t.id = outer.id)` with the primary key of t: at most one row matches.
    private func unnestLookup(_ input: LogicalPlan, _ value: Expression) -> Result? {
        var pullUp = CorrelationPullUp(free: free, newColumn: newColumn)
        guard let plan = pullUp.pull(input), plan.freeColumns.isEmpty, let scan = scan(in: plan),
            let key = primaryKey(scan)
        else { return nil }
        var bound: Set<Int> = []
        for case .comparison(.equal, let left, let right) in pullUp.conditions {
            if case .column(let id, _) = left, right.columnIDs.isSubset(of: free) { bound.insert(id) }
            if case .column(let id, _) = right, left.columnIDs.isSubset(of: free) { bound.insert(id) }
        }
        guard key.isSubset(of: bound) else { return nil }
        // A value that is no column would not be NULL where no row matches.
        let column = newColumn("value", value.type)
        let kept = plan.columns.map { NamedExpression($0.reference, as: $0) }
        return Result(
            plan: .project(plan, kept + [NamedExpression(value, as: column)]), conditions: pullUp.conditions,
            value: column.reference)
    }

    private func scan(in plan: LogicalPlan) -> LogicalScan? {
        switch plan {
        case .scan(let scan): scan
        case .filter(let input, _): scan(in: input)
        default: nil
        }
    }
}
