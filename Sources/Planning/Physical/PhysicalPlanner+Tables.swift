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
}
