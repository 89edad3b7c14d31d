import Execution

/// How many pairs of rows satisfy the conditions of a join.
enum JoinSelectivity {
    static func rows(_ conditions: [Expression], _ left: Estimate, _ right: Estimate) -> Double {
        var rows = left.rows * right.rows
        var keys: [(left: Expression, right: Expression)] = []
        var both: Estimate?
        for condition in conditions {
            if case .comparison(.equal, let first, let second) = condition,
                let key = sides(first, second, left, right)
            {
                keys.append(key)
                continue
            }
            let merged =
                both
                ?? Estimate(rows: rows, columns: left.columns.merging(right.columns) { first, _ in first })
            both = merged
            rows *= Selectivity.of(condition, merged)
        }
        if keys.isEmpty { return rows }
        return rows / max(1, domain(keys, left, right))
    }

    private static func sides(
        _ first: Expression, _ second: Expression, _ left: Estimate, _ right: Estimate
    ) -> (left: Expression, right: Expression)? {
        func lies(_ expression: Expression, in side: Estimate) -> Bool {
            let ids = expression.columnIDs
            return !ids.isEmpty && ids.allSatisfy { side.columns[$0] != nil }
        }
        if lies(first, in: left), lies(second, in: right) { return (first, second) }
        if lies(first, in: right), lies(second, in: left) { return (second, first) }
        return nil
    }

    /// Values that the keys of both sides are drawn from. The columns of a compound key are rarely
    /// independent: a table has at most as many different keys as rows, and then the side with fewer has them
    /// all.
    private static func domain(
        _ keys: [(left: Expression, right: Expression)], _ left: Estimate, _ right: Estimate
    ) -> Double {
        let one = values(keys.map(\.left), left)
        let other = values(keys.map(\.right), right)
        if one.isCapped || other.isCapped { return min(one.count, other.count) }
        return max(one.count, other.count)
    }

    private static func values(
        _ expressions: [Expression], _ side: Estimate
    ) -> (count: Double, isCapped: Bool) {
        var product = 1.0
        var cap = 0.0
        for expression in expressions {
            guard case .column(let id, _) = expression, let column = side.columns[id] else {
                product *= side.distinct(expression)
                cap = max(cap, side.rows)
                continue
            }
            product *= column.domain
            cap = max(cap, column.tableRows ?? side.rows)
        }
        guard expressions.count > 1, cap > 0, product > cap else { return (product, false) }
        return (cap, true)
    }
}
