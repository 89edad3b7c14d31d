import Columns
import Execution

/// Takes the conditions that refer to an outer query out of a subquery's plan, so that they can join it to
/// that query.
struct CorrelationPullUp {
    /// Columns of the outer query.
    let free: Set<Int>
    private let keepsRows: Bool
    let newColumn: (String, DataType) -> LogicalColumn
    /// What was taken out, over columns of the plan's output and of the outer query.
    private(set) var conditions: [Expression] = []

    /// - Parameter keepsRows: Whether the rows must stay the same ones, each as often.
    init(
        free: Set<Int>, keepsRows: Bool = false, newColumn: @escaping (String, DataType) -> LogicalColumn
    ) {
        self.free = free
        self.keepsRows = keepsRows
        self.newColumn = newColumn
    }

    /// The plan without the conditions; nil for a plan through which they cannot be lifted. Duplicate rows
    /// may appear or vanish, and order is lost: right for EXISTS and IN only.
    mutating func pull(_ plan: LogicalPlan) -> LogicalPlan? {
        if plan.freeColumns.isDisjoint(with: free) { return plan }
        switch plan {
        case .filter(let input, let own): return pullFilter(input, own)
        case .project(let input, let items): return pullProject(input, items)
        case .join(let join): return pullJoin(join)
        case .aggregate(let aggregate): return pullAggregate(aggregate)
        case .distinct(let input):
            if keepsRows { return nil }
            return pull(input).map { .distinct($0) }
        case .sort(let input, _, nil, 0): return pull(input)
        case .appendScalar(let input, let scalar, let column):
            guard scalar.freeColumns.isDisjoint(with: free), let inner = pull(input) else { return nil }
            return .appendScalar(inner, scalar: scalar, column: column)
        case .expand, .sort, .limit, .scan, .values, .unionAll, .materialize, .commonScan, .recursive,
            .tableFunctions, .asOfJoin, .rankedLimit, .window:
            return nil
        }
    }

    private mutating func pullFilter(_ input: LogicalPlan, _ own: [Expression]) -> LogicalPlan? {
        guard let inner = pull(input) else { return nil }
        let kept = own.filter { $0.columnIDs.isDisjoint(with: free) }
        conditions += own.filter { !$0.columnIDs.isDisjoint(with: free) }
        return kept.isEmpty ? inner : .filter(inner, kept)
    }

    private mutating func pullProject(_ input: LogicalPlan, _ items: [NamedExpression]) -> LogicalPlan? {
        guard items.allSatisfy({ $0.expression.columnIDs.isDisjoint(with: free) }), let inner = pull(input)
        else { return nil }
        let made = Set(items.map(\.column.id))
        var wanted: Set<Int> = []
        for condition in conditions { condition.collectColumns(into: &wanted) }
        let extra = inner.columns.filter { wanted.contains($0.id) && !made.contains($0.id) }
        return .project(inner, items + extra.map { NamedExpression($0.reference, as: $0) })
    }

    private mutating func pullJoin(_ join: LogicalJoin) -> LogicalPlan? {
        var result = join
        guard let left = pull(join.left) else { return nil }
        result.left = left
        if join.kind == .inner {
            guard let right = pull(join.right) else { return nil }
            result.right = right
            result.conditions = join.conditions.filter { $0.columnIDs.isDisjoint(with: free) }
            conditions += join.conditions.filter { !$0.columnIDs.isDisjoint(with: free) }
            return .join(result)
        }
        let isPreserving = join.kind == .left || join.kind == .semi || join.kind == .anti
        let isClean =
            join.right.freeColumns.isDisjoint(with: free)
            && join.conditions.allSatisfy { $0.columnIDs.isDisjoint(with: free) }
        return isPreserving && isClean ? .join(result) : nil
    }

    /// Equalities with the outer query become further groups.
    private mutating func pullAggregate(_ aggregate: LogicalAggregate) -> LogicalPlan? {
        guard !aggregate.groups.isEmpty, aggregate.constantGroups.isEmpty, conditions.isEmpty else {
            return nil
        }
        guard let input = pull(aggregate.input) else { return nil }
        guard let result = regroup(aggregate, over: input) else { return nil }
        return .aggregate(result)
    }

    mutating func regroup(_ aggregate: LogicalAggregate, over input: LogicalPlan) -> LogicalAggregate? {
        var grouping = EqualityGrouping(inner: input.columnIDs, newColumn: newColumn)
        guard let equalities = grouping.group(conditions) else { return nil }
        var result = aggregate
        result.input = input
        for group in grouping.groups where !result.groups.contains(where: { $0.column.id == group.column.id })
        {
            result.groups.append(group)
        }
        conditions = equalities
        return result
    }
}

/// Makes groups of the inner sides of equalities between a subquery and the query around it.
struct EqualityGrouping {
    /// Columns of the subquery.
    let inner: Set<Int>
    let newColumn: (String, DataType) -> LogicalColumn
    private(set) var groups: [NamedExpression] = []

    init(inner: Set<Int>, newColumn: @escaping (String, DataType) -> LogicalColumn) {
        self.inner = inner
        self.newColumn = newColumn
    }

    /// The conditions over groups instead of inner expressions; nil if one is no equality of the two sides.
    mutating func group(_ conditions: [Expression]) -> [Expression]? {
        var result: [Expression] = []
        for condition in conditions {
            guard case .comparison(.equal, let left, let right) = condition else { return nil }
            if isInner(left), isOuter(right) {
                result.append(.comparison(.equal, column(left).reference, right))
            } else if isInner(right), isOuter(left) {
                result.append(.comparison(.equal, column(right).reference, left))
            } else {
                return nil
            }
        }
        return result
    }

    private func isInner(_ expression: Expression) -> Bool {
        let columns = expression.columnIDs
        return !columns.isEmpty && columns.isSubset(of: inner)
    }

    private func isOuter(_ expression: Expression) -> Bool { expression.columnIDs.isDisjoint(with: inner) }

    private mutating func column(_ expression: Expression) -> LogicalColumn {
        if let known = groups.first(where: { $0.expression == expression }) { return known.column }
        let column: LogicalColumn
        if case .column(let id, let type) = expression {
            column = LogicalColumn(id: id, name: "key", type: type)
        } else {
            column = newColumn("key", expression.type)
        }
        groups.append(NamedExpression(expression, as: column))
        return column
    }
}
