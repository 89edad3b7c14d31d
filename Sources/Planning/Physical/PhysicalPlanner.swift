import Columns
import Execution
import SQLSyntax

/// Chooses operators for a logical plan and turns column ids into positions.
struct PhysicalPlanner {
    /// A plan with the ids of its output columns, in order.
    struct Placed {
        var plan: PhysicalPlan
        var columns: [Int]

        /// Positions by id.
        var positions: [Int: Int] {
            Dictionary(columns.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }

    let estimator: CardinalityEstimator

    /// The plan with exactly these columns in this order.
    func plan(_ logical: LogicalPlan, result: [LogicalColumn]) throws(UnplacedColumn) -> PhysicalPlan {
        let placed = try place(logical)
        if placed.columns == result.map(\.id) { return placed.plan }
        let expressions = try place(result.map(\.reference), placed.positions)
        return project(placed.plan, expressions)
    }

    private func project(_ input: PhysicalPlan, _ expressions: [Expression]) -> PhysicalPlan {
        let isIdentity = expressions.enumerated().allSatisfy { index, expression in
            if case .column(index, _) = expression { true } else { false }
        }
        if isIdentity, expressions.count == input.outputTypes.count { return input }
        // Moves of columns merge with the projection below them.
        if case .project(let inner, let below) = input.node {
            let moved = expressions.compactMap { expression -> Expression? in
                if case .column(let position, _) = expression { below[position] } else { nil }
            }
            if moved.count == expressions.count {
                return PhysicalPlan(
                    .project(inner, moved), outputTypes: moved.map(\.type), estimatedRows: input.estimatedRows
                )
            }
        }
        return PhysicalPlan(
            .project(input, expressions), outputTypes: expressions.map(\.type),
            estimatedRows: input.estimatedRows)
    }

    func place(_ logical: LogicalPlan) throws(UnplacedColumn) -> Placed {
        let rows = estimator.estimate(logical).rows
        switch logical {
        case .scan(let scan): return try place(scan, rows)
        case .values(let cells, let columns):
            var placed: [[Expression]] = []
            for row in cells { placed.append(try place(row, [:])) }
            return output(.values(placed), columns, rows)
        case .filter(let input, let conditions): return try placeFilter(input, conditions, rows)
        case .project(let input, let items):
            let inner = try place(input)
            let expressions = try place(items.map(\.expression), inner.positions)
            return Placed(plan: project(inner.plan, expressions), columns: items.map(\.column.id))
        case .join(let join): return try JoinPlanning(planner: self, rows: rows).place(join)
        case .aggregate(let aggregate): return try place(aggregate, rows)
        case .expand(let expand): return try place(expand, rows)
        case .sort(let input, let keys, let limit, let offset):
            let inner = try place(input)
            var placed: [SortKey] = []
            for key in keys {
                let expression = try place(key.expression, inner.positions)
                placed.append(
                    SortKey(
                        expression.sortable, isDescending: key.isDescending, nullsFirst: key.nullsFirst))
            }
            return same(inner, .sort(inner.plan, keys: placed, limit: limit, offset: offset), rows)
        case .limit(let input, let count, let offset):
            let inner = try place(input)
            return same(inner, .limit(inner.plan, count: count, offset: offset), rows)
        case .unionAll(let inputs, let columns):
            var placed: [PhysicalPlan] = []
            for input in inputs { placed.append(try plan(input.plan, result: input.columns)) }
            return output(.unionAll(placed), columns, rows)
        case .distinct(let input):
            let inner = try place(input)
            return same(inner, .distinct(inner.plan), rows)
        case .appendScalar(let input, let scalar, let column):
            let inner = try place(input)
            let value = try plan(scalar, result: scalar.columns)
            let whole = PhysicalPlan(
                .appendScalar(inner.plan, scalar: value), outputTypes: inner.plan.outputTypes + [column.type],
                estimatedRows: rows)
            return Placed(plan: whole, columns: inner.columns + [column.id])
        case .materialize(let id, let whole, let body):
            estimator.note(commonTable: id, plan: whole)
            let once = try plan(whole, result: whole.columns)
            let rest = try place(body)
            return same(rest, .materialize(id: id, plan: once, body: rest.plan), rows)
        case .commonScan(let id, let columns): return output(.cteScan(id: id), columns, rows)
        case .recursive(let recursive): return try place(recursive, rows)
        case .tableFunctions(let functions): return try place(functions, rows)
        case .asOfJoin(let join): return try place(join, rows)
        case .window(let window): return try place(window, rows)
        case .rankedLimit(let limit): return try place(limit, rows)
        }
    }

    func output(_ node: PhysicalPlan.Node, _ columns: [LogicalColumn], _ rows: Double) -> Placed {
        Placed(
            plan: PhysicalPlan(node, outputTypes: columns.map(\.type), estimatedRows: rows),
            columns: columns.map(\.id))
    }

    private func same(_ inner: Placed, _ node: PhysicalPlan.Node, _ rows: Double) -> Placed {
        Placed(
            plan: PhysicalPlan(node, outputTypes: inner.plan.outputTypes, estimatedRows: rows),
            columns: inner.columns)
    }

    private func place(_ scan: LogicalScan, _ rows: Double) throws(UnplacedColumn) -> Placed {
        let ids = scan.columns.map(\.column.id)
        let positions = Dictionary(ids.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let indices = Dictionary(
            scan.columns.map { ($0.column.id, $0.index) }, uniquingKeysWith: { first, _ in first })
        let node = ScanNode(
            table: scan.table, version: scan.version, tableName: scan.name,
            columns: scan.columns.map(\.index),
            columnNames: scan.columns.map(\.column.name),
            predicates: ScanConditions.predicates(of: scan.filters) { indices[$0] },
            filter: Expression.conjunction(try place(scan.filters, positions)),
            filterOnlyColumns: Set(scan.filterOnlyColumns.compactMap { positions[$0] }))
        return output(.scan(node), scan.columns.map(\.column), rows)
    }

    private func placeFilter(
        _ input: LogicalPlan, _ conditions: [Expression], _ rows: Double
    ) throws(UnplacedColumn) -> Placed {
        let inner = try place(input)
        guard let condition = Expression.conjunction(try place(conditions, inner.positions)) else {
            return inner
        }
        return same(inner, .filter(inner.plan, condition), rows)
    }

    private func place(_ aggregate: LogicalAggregate, _ rows: Double) throws(UnplacedColumn) -> Placed {
        let inner = try place(aggregate.input)
        let positions = inner.positions
        var calls: [AggregateCall] = []
        for entry in aggregate.calls {
            calls.append(
                try entry.call.mapExpressions { (expression) throws(UnplacedColumn) in
                    try place(expression, positions)
                })
        }
        let groups = try place(aggregate.groups.map(\.expression), positions)
        let node = AggregateNode(
            input: inner.plan, groups: groups, aggregates: calls, constantGroups: aggregate.constantGroups)
        return output(
            .aggregate(node), aggregate.groups.map(\.column) + aggregate.calls.map(\.column), rows)
    }

    private func place(_ expand: LogicalExpand, _ rows: Double) throws(UnplacedColumn) -> Placed {
        let inner = try place(expand.input)
        let keys = try place(expand.keys.map(\.expression), inner.positions)
        let added = expand.keys.map(\.column) + [expand.setColumn]
        let node = ExpandNode(input: inner.plan, keys: keys, sets: expand.sets)
        let whole = PhysicalPlan(
            .expand(node), outputTypes: inner.plan.outputTypes + added.map(\.type), estimatedRows: rows)
        return Placed(plan: whole, columns: inner.columns + added.map(\.id))
    }

    // MARK: Expressions

    func place(_ expressions: [Expression], _ positions: [Int: Int]) throws(UnplacedColumn) -> [Expression] {
        var placed: [Expression] = []
        for expression in expressions { placed.append(try place(expression, positions)) }
        return placed
    }

    func place(_ expression: Expression, _ positions: [Int: Int]) throws(UnplacedColumn) -> Expression {
        if let missing = expression.columnIDs.first(where: { positions[$0] == nil }) {
            throw UnplacedColumn(id: missing)
        }
        return moved(expression, positions)
    }

    private func moved(_ expression: Expression, _ positions: [Int: Int]) -> Expression {
        if case .column(let id, let type) = expression { return .column(positions[id] ?? 0, type) }
        return expression.mapOperands { moved($0, positions) }
    }
}

/// A column that an expression reads and its input does not have.
struct UnplacedColumn: Error {
    var id: Int
}
