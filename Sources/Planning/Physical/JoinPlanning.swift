import Columns
import Execution

/// Chooses how a join runs: which conditions are hash keys, and which side is built.
struct JoinPlanning {
    /// An outer join whose right side is larger than its left by this factor is turned round.
    static let turnFactor = 2.0

    let planner: PhysicalPlanner
    let rows: Double

    func place(_ original: LogicalJoin) throws(UnplacedColumn) -> PhysicalPlanner.Placed {
        let join = turned(original)
        let left = try planner.place(join.left)
        let right = try planner.place(join.right)
        var keys: (left: [Expression], right: [Expression]) = ([], [])
        var residual: [Expression] = []
        for condition in join.conditions {
            guard let pairs = keyPairs(condition, left, right) else {
                residual.append(condition)
                continue
            }
            keys.left += try planner.place(pairs.left, left.positions)
            keys.right += try planner.place(pairs.right, right.positions)
        }
        let both = left.columns + right.columns
        let positions = Dictionary(
            both.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let rest = Expression.conjunction(try planner.place(residual, positions))
        let columns = (join.keepsLeft ? left.columns : []) + (join.keepsRight ? right.columns : [])
        let types =
            (join.keepsLeft ? left.plan.outputTypes : []) + (join.keepsRight ? right.plan.outputTypes : [])
        if keys.left.isEmpty, join.kind == .inner {
            let node = PhysicalPlan.Node.crossJoin(left: left.plan, right: right.plan, condition: rest)
            return PhysicalPlanner.Placed(
                plan: PhysicalPlan(node, outputTypes: types, estimatedRows: rows), columns: columns)
        }
        if keys.left.isEmpty {
            // All rows meet under one key, and the residual decides.
            let one = Expression.constant(.integer(1), .integer)
            keys = ([one], [one])
        }
        let node = HashJoinNode(
            kind: join.kind, left: left.plan, right: right.plan, leftKeys: keys.left, rightKeys: keys.right,
            residual: rest)
        return PhysicalPlanner.Placed(
            plan: PhysicalPlan(.hashJoin(node), outputTypes: types, estimatedRows: rows), columns: columns)
    }

    private func turned(_ join: LogicalJoin) -> LogicalJoin {
        let turned: JoinKind
        switch join.kind {
        case .left: turned = .right
        case .right: turned = .left
        case .full: turned = .full
        case .semi: turned = .rightSemi
        case .anti: turned = .rightAnti
        case .inner, .single, .nullAwareAnti, .rightSemi, .rightAnti: return join
        }
        let leftRows = planner.estimator.estimate(join.left).rows
        let rightRows = planner.estimator.estimate(join.right).rows
        guard rightRows > leftRows * Self.turnFactor else { return join }
        return LogicalJoin(kind: turned, left: join.right, right: join.left, conditions: join.conditions)
    }

    /// The keys that an equality between left and right becomes; nil for every other condition.
    private func keyPairs(
        _ condition: Expression, _ left: PhysicalPlanner.Placed, _ right: PhysicalPlanner.Placed
    ) -> (left: [Expression], right: [Expression])? {
        guard case .comparison(let sign, let first, let second) = condition,
            sign == .equal || sign == .notDistinct, let pair = key(first, second, left, right)
        else { return nil }
        if sign == .equal { return ([pair.left], [pair.right]) }
        guard let one = NullSafeKeys.keys(of: pair.left), let other = NullSafeKeys.keys(of: pair.right) else {
            return nil
        }
        return (one, other)
    }

    /// The two sides of an equality in the order of the join's sides.
    private func key(
        _ first: Expression, _ second: Expression, _ left: PhysicalPlanner.Placed,
        _ right: PhysicalPlanner.Placed
    ) -> (left: Expression, right: Expression)? {
        let one = first.columnIDs
        let other = second.columnIDs
        guard !one.isEmpty, !other.isEmpty else { return nil }
        let leftColumns = Set(left.columns)
        let rightColumns = Set(right.columns)
        if one.isSubset(of: leftColumns), other.isSubset(of: rightColumns) { return (first, second) }
        if other.isSubset(of: leftColumns), one.isSubset(of: rightColumns) { return (second, first) }
        return nil
    }
}
