import Columns
import Execution

/// Moves conditions down to where their columns come from: through projections, groups, unions and joins,
/// into scans.
enum PredicatePushdown: OptimizerRule {
    static let name = "predicate pushdown"

    static func apply(to plan: LogicalPlan, _ estimator: CardinalityEstimator) -> LogicalPlan {
        push([], into: plan)
    }

    /// The plan under the conditions, each as low as it may stand.
    static func push(_ conditions: [Expression], into plan: LogicalPlan) -> LogicalPlan {
        switch plan {
        case .filter(let input, let own): return push(conditions + own, into: input)
        case .scan(var scan):
            scan.filters += conditions.filter { !scan.filters.contains($0) }
            return .scan(scan)
        case .project(let input, let items): return pushProject(conditions, input, items)
        case .join(let join): return pushJoin(conditions, join)
        case .aggregate(let aggregate): return pushAggregate(conditions, aggregate)
        case .expand(var expand):
            // Columns of the input pass through unchanged.
            let made = Set(expand.keys.map(\.column.id) + [expand.setColumn.id])
            let (kept, below) = split(conditions) { !$0.isRepeatable || !$0.columnIDs.isDisjoint(with: made) }
            expand.input = push(below, into: expand.input)
            return filtered(.expand(expand), kept)
        case .unionAll(let inputs, let columns):
            let pushed = inputs.map { input in
                let replacements = Dictionary(
                    zip(columns.map(\.id), input.columns.map(\.reference)),
                    uniquingKeysWith: { first, _ in first })
                let own = conditions.map { $0.replacingColumns(replacements) }
                return UnionInput(plan: push(own, into: input.plan), columns: input.columns)
            }
            return .unionAll(pushed, columns: columns)
        case .distinct(let input):
            let (movable, kept) = split(conditions, where: \.isRepeatable)
            return filtered(.distinct(push(movable, into: input)), kept)
        case .sort(let input, let keys, nil, 0):
            return .sort(push(conditions, into: input), keys: keys, limit: nil, offset: 0)
        case .appendScalar(let input, let scalar, let column):
            let (kept, below) = split(conditions) { $0.columnIDs.contains(column.id) }
            return filtered(
                .appendScalar(push(below, into: input), scalar: push([], into: scalar), column: column), kept)
        case .materialize(let id, let whole, let body):
            return .materialize(id: id, plan: push([], into: whole), body: push(conditions, into: body))
        case .tableFunctions(var functions):
            let made = Set(functions.made.map(\.id))
            let (kept, below) = split(conditions) {
                !$0.isRepeatable || !$0.columnIDs.isDisjoint(with: made)
            }
            functions.input = push(below, into: functions.input)
            return filtered(.tableFunctions(functions), kept)
        case .asOfJoin(var join):
            let left = join.left.columnIDs
            let (onLeft, kept) = split(conditions) { $0.columnIDs.isSubset(of: left) }
            join.left = push(onLeft, into: join.left)
            join.right = push([], into: join.right)
            return filtered(.asOfJoin(join), kept)
        case .window(var window):
            // A condition on partition keys alone keeps whole partitions.
            let keys = window.partition.reduce(into: Set<Int>()) { keys, key in
                if case .column(let id, _) = key { keys.insert(id) }
            }
            let (below, kept) = split(conditions) {
                $0.isRepeatable && !$0.columnIDs.isEmpty && $0.columnIDs.isSubset(of: keys)
            }
            window.input = push(below, into: window.input)
            return filtered(.window(window), kept)
        case .sort, .limit, .values, .commonScan, .recursive, .rankedLimit:
            return filtered(plan.mapInputs { push([], into: $0) }, conditions)
        }
    }

    private static func filtered(_ plan: LogicalPlan, _ conditions: [Expression]) -> LogicalPlan {
        conditions.isEmpty ? plan : .filter(plan, conditions)
    }

    private static func split(
        _ conditions: [Expression], where isFirst: (Expression) -> Bool
    ) -> (first: [Expression], second: [Expression]) {
        (conditions.filter(isFirst), conditions.filter { !isFirst($0) })
    }

    private static func pushProject(
        _ conditions: [Expression], _ input: LogicalPlan, _ items: [NamedExpression]
    ) -> LogicalPlan {
        let volatile = Set(items.filter { !$0.expression.isRepeatable }.map(\.column.id))
        let (kept, movable) = split(conditions) { !$0.columnIDs.isDisjoint(with: volatile) }
        let replacements = Dictionary(
            items.map { ($0.column.id, $0.expression) }, uniquingKeysWith: { first, _ in first })
        let below = movable.map { ConstantFolding.fold($0.replacingColumns(replacements)) }
        return filtered(.project(push(below.flatMap(\.conjuncts), into: input), items), kept)
    }

    /// A condition on groups alone holds for all rows of a group or for none.
    private static func pushAggregate(
        _ conditions: [Expression], _ aggregate: LogicalAggregate
    ) -> LogicalPlan {
        let groups = Dictionary(
            aggregate.groups.map { ($0.column.id, $0.expression) }, uniquingKeysWith: { first, _ in first })
        let (movable, kept) = split(conditions) { condition in
            let columns = condition.columnIDs
            // Without rows left a constant group would still be there.
            return aggregate.constantGroups.isEmpty && !columns.isEmpty && condition.isRepeatable
                && columns.allSatisfy { groups[$0] != nil }
        }
        var result = aggregate
        result.input = push(movable.map { $0.replacingColumns(groups) }, into: aggregate.input)
        return filtered(.aggregate(result), kept)
    }

    // MARK: Joins

    private static func pushJoin(_ conditions: [Expression], _ original: LogicalJoin) -> LogicalPlan {
        var join = original
        join.kind = OuterJoinReduction.reduced(join, under: conditions)
        let left = join.left.columnIDs
        let right = join.right.columnIDs
        let isOnLeft = { (condition: Expression) in condition.columnIDs.isSubset(of: left) }
        let isOnRight = { (condition: Expression) in condition.columnIDs.isSubset(of: right) }
        switch join.kind {
        case .inner:
            let all = conditions + join.conditions
            let (onLeft, others) = split(all, where: isOnLeft)
            let (onRight, both) = split(others, where: isOnRight)
            join.left = push(onLeft, into: join.left)
            join.right = push(onRight, into: join.right)
            join.conditions = both
            return .join(join)
        case .left, .single:
            let (onLeft, above) = split(conditions, where: isOnLeft)
            let (inRight, matching) = split(join.conditions, where: isOnRight)
            join.left = push(onLeft, into: join.left)
            join.right = push(inRight, into: join.right)
            join.conditions = matching
            return filtered(.join(join), above)
        case .right:
            let (onRight, above) = split(conditions, where: isOnRight)
            let (inLeft, matching) = split(join.conditions, where: isOnLeft)
            join.left = push(inLeft, into: join.left)
            join.right = push(onRight, into: join.right)
            join.conditions = matching
            return filtered(.join(join), above)
        case .full:
            join.left = push([], into: join.left)
            join.right = push([], into: join.right)
            return filtered(.join(join), conditions)
        case .semi:
            let (onLeft, others) = split(join.conditions, where: isOnLeft)
            let (onRight, matching) = split(others, where: isOnRight)
            join.left = push(conditions + onLeft, into: join.left)
            join.right = push(onRight, into: join.right)
            join.conditions = matching
            return .join(join)
        case .anti:
            let (onRight, matching) = split(join.conditions) { isOnRight($0) && !$0.columnIDs.isEmpty }
            join.left = push(conditions, into: join.left)
            join.right = push(onRight, into: join.right)
            join.conditions = matching
            return .join(join)
        case .rightSemi, .rightAnti:
            join.left = push([], into: join.left)
            join.right = push(conditions, into: join.right)
            return .join(join)
        case .nullAwareAnti:
            join.left = push(conditions, into: join.left)
            join.right = push([], into: join.right)
            return .join(join)
        }
    }
}
