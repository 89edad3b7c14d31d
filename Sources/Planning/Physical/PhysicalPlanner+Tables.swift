import Columns
import Execution

extension PhysicalPlanner {
    func place(_ recursive: LogicalRecursive, _ rows: Double) throws(UnplacedColumn) -> Placed {
        let node = RecursiveNode(
            id: recursive.id, seed: try plan(recursive.seed.plan, result: recursive.seed.columns),
            step: try plan(recursive.step.plan, result: recursive.step.columns),
            isDistinct: recursive.isDistinct)
        return output(.recursive(node), recursive.columns, rows)
    }

    func place(_ functions: LogicalTableFunctions, _ rows: Double) throws(UnplacedColumn) -> Placed {
        let inner = try place(functions.input)
        var calls: [TableFunctionCall] = []
        for call in functions.calls {
            calls.append(
                TableFunctionCall(
                    function: call.function, arguments: try place(call.arguments, inner.positions)))
        }
        let node = TableFunctionsNode(
            input: inner.plan, calls: calls, withOrdinality: functions.ordinality != nil)
        let plan = PhysicalPlan(
            .tableFunctions(node), outputTypes: inner.plan.outputTypes + functions.made.map(\.type),
            estimatedRows: rows)
        return Placed(plan: plan, columns: inner.columns + functions.made.map(\.id))
    }

    func place(_ join: LogicalAsOfJoin, _ rows: Double) throws(UnplacedColumn) -> Placed {
        let left = try place(join.left)
        let right = try place(join.right)
        let node = AsOfJoinNode(
            kind: join.kind, left: left.plan, right: right.plan,
            leftKeys: try place(join.leftKeys, left.positions),
            rightKeys: try place(join.rightKeys, right.positions),
            leftOrder: try place(join.leftOrder, left.positions),
            rightOrder: try place(join.rightOrder, right.positions), comparison: join.comparison)
        let plan = PhysicalPlan(
            .asOfJoin(node), outputTypes: left.plan.outputTypes + right.plan.outputTypes,
            estimatedRows: rows)
        return Placed(plan: plan, columns: left.columns + right.columns)
    }

    func place(_ limit: LogicalRankedLimit, _ rows: Double) throws(UnplacedColumn) -> Placed {
        let inner = try place(limit.input)
        let positions = inner.positions
        let placed = try placed(limit, positions)
        var input = inner.plan
        if !placed.keys.isEmpty {
            input = PhysicalPlan(
                .sort(input, keys: placed.keys, limit: nil, offset: 0), outputTypes: input.outputTypes,
                estimatedRows: input.estimatedRows)
        }
        let node = RankedLimitNode(
            input: input, partition: placed.partition, keys: placed.keys.map(\.expression),
            count: placed.count, offset: placed.offset, withTies: limit.withTies)
        let plan = PhysicalPlan(
            .rankedLimit(node), outputTypes: input.outputTypes, estimatedRows: rows)
        return Placed(plan: plan, columns: inner.columns)
    }

    private func placed(
        _ limit: LogicalRankedLimit, _ positions: [Int: Int]
    ) throws(UnplacedColumn) -> LogicalRankedLimit {
        var result = limit
        result.partition = try place(limit.partition, positions)
        result.keys = []
        for key in limit.keys {
            let expression = try place(key.expression, positions)
            result.keys.append(
                SortKey(
                    expression.sortable, isDescending: key.isDescending, nullsFirst: key.nullsFirst))
        }
        if let count = limit.count { result.count = try place(count, positions) }
        if let offset = limit.offset { result.offset = try place(offset, positions) }
        return result
    }

    func place(_ window: LogicalWindow, _ rows: Double) throws(UnplacedColumn) -> Placed {
        let inner = try place(window.input)
        let positions = inner.positions
        var isSorted = false
        if case .window(let below) = window.input { isSorted = window.sharesSort(of: below) }
        var order: [SortKey] = []
        for key in window.order {
            let expression = try place(key.expression, positions)
            order.append(SortKey(expression, isDescending: key.isDescending, nullsFirst: key.nullsFirst))
        }
        var calls: [WindowCall] = []
        for entry in window.calls {
            calls.append(
                try entry.call.mapExpressions { (expression) throws(UnplacedColumn) in
                    try place(expression, positions)
                })
        }
        let node = WindowNode(
            input: inner.plan, partition: try place(window.partition, positions), order: order,
            calls: calls, isSorted: isSorted, rowLimit: window.rowLimit)
        let made = window.calls.map(\.column)
        let plan = PhysicalPlan(
            .window(node), outputTypes: inner.plan.outputTypes + made.map(\.type), estimatedRows: rows)
        return Placed(plan: plan, columns: inner.columns + made.map(\.id))
    }
}
