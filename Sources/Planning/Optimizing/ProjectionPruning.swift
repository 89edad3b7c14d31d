import Columns
import Execution

/// Drops columns, aggregates and scalar subqueries that nobody reads.
enum ProjectionPruning: OptimizerRule {
    static let name = "projection pruning"

    static func apply(to plan: LogicalPlan, _ estimator: CardinalityEstimator) -> LogicalPlan {
        prune(plan, needed: plan.columnIDs)
    }

    private static func prune(_ plan: LogicalPlan, needed: Set<Int>) -> LogicalPlan {
        switch plan {
        case .scan(var scan):
            let wanted = needed.union(used(scan.filters))
            scan.columns.removeAll { !wanted.contains($0.column.id) }
            scan.filterOnlyColumns = wanted.subtracting(needed)
            return .scan(scan)
        case .values(let rows, let columns): return pruneValues(rows, columns, needed)
        case .filter(let input, let conditions):
            return .filter(prune(input, needed: needed.union(used(conditions))), conditions)
        case .project(let input, let items):
            let kept = items.filter { needed.contains($0.column.id) }
            return merged(.project(prune(input, needed: used(kept.map(\.expression))), kept))
        case .join(var join):
            let wanted = needed.union(used(join.conditions))
            join.left = prune(join.left, needed: wanted)
            join.right = prune(join.right, needed: wanted)
            return .join(join)
        case .aggregate(var aggregate):
            aggregate.calls.removeAll { !needed.contains($0.column.id) }
            let own = LogicalPlan.aggregate(aggregate).expressions
            aggregate.input = prune(aggregate.input, needed: used(own))
            return .aggregate(aggregate)
        case .expand(var expand):
            expand.input = prune(
                expand.input, needed: needed.union(used(expand.keys.map(\.expression))))
            return .expand(expand)
        case .sort(let input, let keys, let limit, let offset):
            let wanted = needed.union(used(keys.map(\.expression)))
            return .sort(prune(input, needed: wanted), keys: keys, limit: limit, offset: offset)
        case .limit(let input, let count, let offset):
            return .limit(prune(input, needed: needed), count: count, offset: offset)
        case .unionAll(let inputs, let columns): return pruneUnion(inputs, columns, needed)
        case .distinct(let input): return .distinct(prune(input, needed: input.columnIDs))
        case .appendScalar(let input, let scalar, let column):
            guard needed.contains(column.id) else { return prune(input, needed: needed) }
            return .appendScalar(
                prune(input, needed: needed), scalar: prune(scalar, needed: scalar.columnIDs), column: column)
        case .materialize(let id, let whole, let body):
            return .materialize(
                id: id, plan: prune(whole, needed: whole.columnIDs), body: prune(body, needed: needed))
        case .commonScan: return plan
        case .recursive(var recursive):
            recursive.seed.plan = prune(recursive.seed.plan, needed: Set(recursive.seed.columns.map(\.id)))
            recursive.step.plan = prune(recursive.step.plan, needed: Set(recursive.step.columns.map(\.id)))
            return .recursive(recursive)
        case .tableFunctions(var functions):
            let wanted = needed.union(used(functions.calls.flatMap(\.arguments)))
            functions.input = prune(functions.input, needed: wanted)
            return .tableFunctions(functions)
        case .rankedLimit(var limit):
            limit.input = prune(limit.input, needed: needed.union(used(limit.expressions)))
            return .rankedLimit(limit)
        case .asOfJoin(var join):
            let wanted = needed.union(used(join.expressions))
            join.left = prune(join.left, needed: wanted)
            join.right = prune(join.right, needed: wanted)
            return .asOfJoin(join)
        case .window(var window):
            window.calls.removeAll { !needed.contains($0.column.id) }
            if window.calls.isEmpty { return prune(window.input, needed: needed) }
            window.input = prune(window.input, needed: needed.union(used(window.expressions)))
            return .window(window)
        }
    }

    private static func used(_ expressions: [Expression]) -> Set<Int> {
        var columns: Set<Int> = []
        for expression in expressions { expression.collectColumns(into: &columns) }
        return columns
    }

    private static func pruneValues(
        _ rows: [[Expression]], _ columns: [LogicalColumn], _ needed: Set<Int>
    ) -> LogicalPlan {
        let kept = columns.indices.filter { needed.contains(columns[$0].id) }
        return .values(rows.map { row in kept.map { row[$0] } }, columns: kept.map { columns[$0] })
    }

    private static func pruneUnion(
        _ inputs: [UnionInput], _ columns: [LogicalColumn], _ needed: Set<Int>
    ) -> LogicalPlan {
        let kept = columns.indices.filter { needed.contains(columns[$0].id) }
        let pruned = inputs.map { input in
            let own = kept.map { input.columns[$0] }
            return UnionInput(plan: prune(input.plan, needed: Set(own.map(\.id))), columns: own)
        }
        return .unionAll(pruned, columns: kept.map { columns[$0] })
    }

    /// One projection in place of two, where that computes nothing twice.
    private static func merged(_ plan: LogicalPlan) -> LogicalPlan {
        guard case .project(.project(let input, let inner), let outer) = plan else { return plan }
        var reads: [Int: Int] = [:]
        for item in outer { countReads(item.expression, &reads) }
        let isCheap = inner.allSatisfy { item in
            if case .column = item.expression { return true }
            return item.expression.isConstant
                || (item.expression.isRepeatable && (reads[item.column.id] ?? 0) <= 1)
        }
        guard isCheap else { return plan }
        let replacements = Dictionary(
            inner.map { ($0.column.id, $0.expression) }, uniquingKeysWith: { first, _ in first })
        return .project(
            input,
            outer.map { NamedExpression($0.expression.replacingColumns(replacements), as: $0.column) })
    }

    private static func countReads(_ expression: Expression, _ reads: inout [Int: Int]) {
        if case .column(let id, _) = expression { reads[id, default: 0] += 1 }
        for operand in expression.operands { countReads(operand, &reads) }
    }
}
