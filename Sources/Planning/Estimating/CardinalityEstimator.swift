import Columns
import Execution
import TableCatalog

/// What the planner believes of the rows that a plan gives.
struct Estimate {
    struct Column {
        var distinct: Double
        /// Different values before any condition was applied: what a key of another table is drawn from.
        var domain: Double
        /// Rows of the table that the column comes from, before any condition; nil for computed columns.
        var tableRows: Double?
        var minimum: Double?
        var maximum: Double?
        var nullFraction = 0.0
        /// What the store knows of the column; nil for computed columns.
        var statistics: ColumnStatistics?

        init(distinct: Double) {
            self.distinct = distinct
            domain = distinct
        }
    }

    var rows: Double
    var columns: [Int: Column]

    /// Different values of an expression.
    func distinct(_ expression: Expression) -> Double {
        switch expression {
        case .column(let id, _): return columns[id]?.distinct ?? rows
        case .constant: return 1
        case .cast(let operand, _): return distinct(operand)
        default:
            let product = expression.columnIDs.reduce(1.0) { $0 * (columns[$1]?.distinct ?? rows) }
            return max(1, min(product, rows))
        }
    }

    /// What the values of an expression are drawn from, whatever conditions left of them.
    func domain(_ expression: Expression) -> Double {
        if case .column(let id, _) = expression, let column = columns[id] { return column.domain }
        return distinct(expression)
    }

    /// The same columns over fewer rows.
    func scaled(to newRows: Double) -> Estimate {
        var result = self
        result.rows = max(newRows, 0)
        for (id, column) in columns where column.distinct > result.rows {
            result.columns[id]?.distinct = max(1, result.rows)
        }
        return result
    }
}

/// Estimates row counts from the statistics of the tables, taking columns to be independent.
final class CardinalityEstimator {
    /// Rows of a table without statistics.
    static let rowsDefault = 1000.0

    private let statistics: (TableID) -> TableStatistics?
    var commonTables: [Int: (estimate: Estimate, columns: [LogicalColumn])] = [:]

    init(statistics: @escaping (TableID) -> TableStatistics?) { self.statistics = statistics }

    /// Remembers what a materialised plan gives, for the scans of it.
    func note(commonTable id: Int, plan: LogicalPlan) {
        commonTables[id] = (estimate(plan), plan.columns)
    }

    func estimate(_ plan: LogicalPlan) -> Estimate {
        switch plan {
        case .scan(let scan): return estimate(scan)
        case .values(let rows, let columns): return uniform(rows: Double(rows.count), columns)
        case .filter(let input, let conditions): return filtered(estimate(input), conditions)
        case .project(let input, let items): return project(estimate(input), items)
        case .join(let join): return self.join(join, estimate(join.left), estimate(join.right))
        case .aggregate(let aggregate): return estimate(aggregate)
        case .expand(let expand): return estimate(expand)
        case .sort(let input, _, let limit, let offset): return limited(estimate(input), limit, offset)
        case .limit(let input, let count, let offset): return limited(estimate(input), count, offset)
        case .unionAll(let inputs, let columns):
            return uniform(rows: inputs.reduce(0) { $0 + estimate($1.plan).rows }, columns)
        case .distinct(let input):
            let inner = estimate(input)
            return inner.scaled(to: groups(input.columns.map(\.reference), inner))
        case .appendScalar(let input, _, let column):
            var result = estimate(input)
            result.columns[column.id] = Estimate.Column(distinct: 1)
            return result
        case .materialize(let id, let whole, let body):
            note(commonTable: id, plan: whole)
            return estimate(body)
        case .commonScan(let id, let columns): return commonScan(id, columns)
        case .recursive(let recursive): return estimate(recursive)
        case .tableFunctions(let functions): return estimate(functions)
        case .asOfJoin(let join): return estimate(join)
        case .window(let window): return estimate(window)
        case .rankedLimit(let limit): return estimate(limit)
        }
    }

    func uniform(rows: Double, _ columns: [LogicalColumn]) -> Estimate {
        let column = Estimate.Column(distinct: max(1, rows))
        return Estimate(
            rows: rows,
            columns: Dictionary(columns.map { ($0.id, column) }, uniquingKeysWith: { first, _ in first }))
    }

    private func commonScan(_ id: Int, _ columns: [LogicalColumn]) -> Estimate {
        guard let known = commonTables[id] else { return uniform(rows: Self.rowsDefault, columns) }
        var result = Estimate(rows: known.estimate.rows, columns: [:])
        for (column, source) in zip(columns, known.columns) {
            result.columns[column.id] = known.estimate.columns[source.id]
        }
        return result
    }

    private func estimate(_ scan: LogicalScan) -> Estimate {
        let known = statistics(scan.table)
        let rows = known.map { Double($0.rowCount) } ?? Self.rowsDefault
        var result = Estimate(rows: rows, columns: [:])
        for entry in scan.columns {
            var column = Estimate.Column(distinct: max(1, rows / 10))
            if let known, known.columns.indices.contains(entry.index) {
                let own = known.columns[entry.index]
                column.distinct = max(1, min(own.distinctCount, rows))
                column.domain = column.distinct
                column.tableRows = rows
                column.statistics = own
                column.minimum = own.minimum.flatMap { ValueOrder.place($0) }
                column.maximum = own.maximum.flatMap { ValueOrder.place($0) }
                column.nullFraction = rows > 0 ? min(1, Double(own.nullCount) / rows) : 0
            }
            result.columns[entry.column.id] = column
        }
        return filtered(result, scan.filters)
    }

    func filtered(_ input: Estimate, _ conditions: [Expression]) -> Estimate {
        var result = input.scaled(to: input.rows * Selectivity.ofAll(conditions, input))
        for condition in conditions {
            if case .comparison(.equal, .column(let id, _), .constant) = condition {
                result.columns[id]?.distinct = 1
                result.columns[id]?.domain = 1
            }
        }
        return result
    }

    private func project(_ input: Estimate, _ items: [NamedExpression]) -> Estimate {
        var result = Estimate(rows: input.rows, columns: [:])
        for item in items {
            if case .column(let id, _) = item.expression, let column = input.columns[id] {
                result.columns[item.column.id] = column
            } else {
                result.columns[item.column.id] = Estimate.Column(distinct: input.distinct(item.expression))
            }
        }
        return result
    }

    private func limited(_ input: Estimate, _ count: Int?, _ offset: Int) -> Estimate {
        let left = max(0, input.rows - Double(offset))
        return input.scaled(to: min(left, count.map { Double($0) } ?? left))
    }

    private func groups(_ keys: [Expression], _ input: Estimate) -> Double {
        let product = keys.reduce(1.0) { $0 * input.distinct($1) }
        return max(min(product, input.rows), min(1, input.rows))
    }

    private func estimate(_ aggregate: LogicalAggregate) -> Estimate {
        let input = estimate(aggregate.input)
        let rows = aggregate.groups.isEmpty ? 1 : groups(aggregate.groups.map(\.expression), input)
        var result = project(input, aggregate.groups).scaled(to: rows)
        for call in aggregate.calls {
            result.columns[call.column.id] = Estimate.Column(distinct: max(1, rows))
        }
        return result
    }

    private func estimate(_ expand: LogicalExpand) -> Estimate {
        let input = estimate(expand.input)
        let setCount = Double(expand.sets.count)
        var result = input
        result.rows = input.rows * setCount
        result.columns.merge(project(input, expand.keys).columns) { first, _ in first }
        result.columns[expand.setColumn.id] = Estimate.Column(distinct: setCount)
        return result
    }

    /// Source: Selinger et al., "Access Path Selection in a Relational Database Management System", SIGMOD
    /// 1979.
    func join(_ join: LogicalJoin, _ left: Estimate, _ right: Estimate) -> Estimate {
        let both = Estimate(
            rows: JoinSelectivity.rows(join.conditions, left, right),
            columns: left.columns.merging(right.columns) { first, _ in first })
        switch join.kind {
        case .inner: return both.scaled(to: both.rows)
        case .left: return both.scaled(to: max(both.rows, left.rows))
        case .single: return both.scaled(to: left.rows)
        case .right: return both.scaled(to: max(both.rows, right.rows))
        case .full: return both.scaled(to: max(both.rows, left.rows + right.rows))
        case .semi: return left.scaled(to: left.rows * matching(join, left, right))
        case .anti, .nullAwareAnti:
            return left.scaled(to: left.rows * max(0.1, 1 - matching(join, left, right)))
        case .rightSemi: return right.scaled(to: right.rows * matching(join, right, left))
        case .rightAnti: return right.scaled(to: right.rows * max(0.1, 1 - matching(join, right, left)))
        }
    }

    /// The part of the left rows that have a match.
    private func matching(_ join: LogicalJoin, _ left: Estimate, _ right: Estimate) -> Double {
        var part = right.rows < 1 ? right.rows : 1.0
        for case .comparison(.equal, let first, let second) in join.conditions {
            let isTurned = !first.columnIDs.isSubset(of: Set(left.columns.keys))
            let (one, other) = isTurned ? (second, first) : (first, second)
            part = min(part, right.distinct(other) / max(left.domain(one), 1))
        }
        return max(0, min(1, part))
    }
}
