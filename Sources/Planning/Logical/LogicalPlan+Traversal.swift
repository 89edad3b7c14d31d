import Columns
import Execution

extension LogicalPlan {
    var inputs: [LogicalPlan] {
        switch self {
        case .scan, .values, .commonScan: []
        case .filter(let input, _), .project(let input, _), .sort(let input, _, _, _),
            .limit(let input, _, _),
            .distinct(let input):
            [input]
        case .aggregate(let aggregate): [aggregate.input]
        case .expand(let expand): [expand.input]
        case .join(let join): [join.left, join.right]
        case .unionAll(let inputs, _): inputs.map(\.plan)
        case .appendScalar(let input, let scalar, _): [input, scalar]
        case .materialize(_, let plan, let body): [plan, body]
        case .recursive(let recursive): [recursive.seed.plan, recursive.step.plan]
        case .tableFunctions(let functions): [functions.input]
        case .asOfJoin(let join): [join.left, join.right]
        case .window(let window): [window.input]
        case .rankedLimit(let limit): [limit.input]
        }
    }

    /// The same operator over changed inputs.
    func mapInputs(_ change: (LogicalPlan) -> LogicalPlan) -> LogicalPlan {
        switch self {
        case .scan, .values, .commonScan: return self
        case .filter(let input, let conditions): return .filter(change(input), conditions)
        case .project(let input, let items): return .project(change(input), items)
        case .sort(let input, let keys, let limit, let offset):
            return .sort(change(input), keys: keys, limit: limit, offset: offset)
        case .limit(let input, let count, let offset):
            return .limit(change(input), count: count, offset: offset)
        case .distinct(let input): return .distinct(change(input))
        case .aggregate(var aggregate):
            aggregate.input = change(aggregate.input)
            return .aggregate(aggregate)
        case .expand(var expand):
            expand.input = change(expand.input)
            return .expand(expand)
        case .join(var join):
            join.left = change(join.left)
            join.right = change(join.right)
            return .join(join)
        case .unionAll(let inputs, let columns):
            return .unionAll(
                inputs.map { UnionInput(plan: change($0.plan), columns: $0.columns) }, columns: columns)
        case .appendScalar(let input, let scalar, let column):
            return .appendScalar(change(input), scalar: change(scalar), column: column)
        case .materialize(let id, let plan, let body):
            return .materialize(id: id, plan: change(plan), body: change(body))
        case .recursive(var recursive):
            recursive.seed.plan = change(recursive.seed.plan)
            recursive.step.plan = change(recursive.step.plan)
            return .recursive(recursive)
        case .tableFunctions(var functions):
            functions.input = change(functions.input)
            return .tableFunctions(functions)
        case .asOfJoin(var join):
            join.left = change(join.left)
            join.right = change(join.right)
            return .asOfJoin(join)
        case .window(var window):
            window.input = change(window.input)
            return .window(window)
        case .rankedLimit(var limit):
            limit.input = change(limit.input)
            return .rankedLimit(limit)
        }
    }

    /// The operator's own expressions, not those of its inputs.
    var expressions: [Expression] {
        switch self {
        case .scan(let scan): scan.filters
        case .values(let rows, _): rows.flatMap { $0 }
        case .filter(_, let conditions): conditions
        case .project(_, let items): items.map(\.expression)
        case .join(let join): join.conditions
        case .aggregate(let aggregate):
            aggregate.groups.map(\.expression) + aggregate.calls.flatMap(\.call.expressions)
        case .expand(let expand): expand.keys.map(\.expression)
        case .sort(_, let keys, _, _): keys.map(\.expression)
        case .tableFunctions(let functions): functions.calls.flatMap(\.arguments)
        case .asOfJoin(let join): join.expressions
        case .window(let window): window.expressions
        case .rankedLimit(let limit): limit.expressions
        case .limit, .unionAll, .distinct, .appendScalar, .materialize, .commonScan, .recursive: []
        }
    }

    /// The same operator with its own expressions changed.
    func mapExpressions(_ change: (Expression) -> Expression) -> LogicalPlan {
        switch self {
        case .scan(var scan):
            scan.filters = scan.filters.map(change)
            return .scan(scan)
        case .values(let rows, let columns): return .values(rows.map { $0.map(change) }, columns: columns)
        case .filter(let input, let conditions): return .filter(input, conditions.map(change))
        case .project(let input, let items):
            return .project(input, items.map { NamedExpression(change($0.expression), as: $0.column) })
        case .join(var join):
            join.conditions = join.conditions.map(change)
            return .join(join)
        case .aggregate(var aggregate):
            aggregate.groups = aggregate.groups.map { NamedExpression(change($0.expression), as: $0.column) }
            for index in aggregate.calls.indices {
                aggregate.calls[index].call = aggregate.calls[index].call.mapExpressions(change)
            }
            return .aggregate(aggregate)
        case .expand(var expand):
            expand.keys = expand.keys.map { NamedExpression(change($0.expression), as: $0.column) }
            return .expand(expand)
        case .sort(let input, let keys, let limit, let offset):
            let changed = keys.map {
                SortKey(change($0.expression), isDescending: $0.isDescending, nullsFirst: $0.nullsFirst)
            }
            return .sort(input, keys: changed, limit: limit, offset: offset)
        case .tableFunctions(var functions):
            for index in functions.calls.indices {
                functions.calls[index].arguments = functions.calls[index].arguments.map(change)
            }
            return .tableFunctions(functions)
        case .asOfJoin(let join): return .asOfJoin(join.mapExpressions(change))
        case .window(let window): return .window(window.mapExpressions(change))
        case .rankedLimit(let limit): return .rankedLimit(limit.mapExpressions(change))
        case .limit, .unionAll, .distinct, .appendScalar, .materialize, .commonScan, .recursive: return self
        }
    }

    /// The plan with the expressions of all its operators changed.
    func rewritten(_ change: (Expression) -> Expression) -> LogicalPlan {
        mapInputs { $0.rewritten(change) }.mapExpressions(change)
    }

    /// Columns that the plan reads but does not produce: those of an outer query.
    var freeColumns: Set<Int> {
        var used: Set<Int> = []
        var made: Set<Int> = []
        collect(used: &used, made: &made)
        return used.subtracting(made)
    }

    private func collect(used: inout Set<Int>, made: inout Set<Int>) {
        for expression in expressions { expression.collectColumns(into: &used) }
        switch self {
        case .scan, .values, .commonScan, .project, .aggregate, .expand, .unionAll, .recursive,
            .tableFunctions:
            made.formUnion(columns.map(\.id))
        case .appendScalar(_, _, let column): made.insert(column.id)
        case .window(let window): made.formUnion(window.calls.map(\.column.id))
        case .filter, .join, .sort, .limit, .distinct, .materialize, .asOfJoin, .rankedLimit: break
        }
        for input in inputs { input.collect(used: &used, made: &made) }
    }
}
