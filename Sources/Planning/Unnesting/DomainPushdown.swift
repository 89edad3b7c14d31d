import Columns
import Execution
import SQLSyntax

/// Moves a domain of outer values down a plan that reads them, to where they are read: each operator then
/// works for all values of the domain at once.
final class DomainPushdown {
    /// A plan that computes its rows for every value of the domain.
    struct Pushed {
        var plan: LogicalPlan
        /// The column of the plan that holds the value of an outer column.
        var map: [Int: LogicalColumn]
        /// Whether the values came from equalities in the plan rather than from the domain: there may be
        /// others than the outer query's, and those that are NULL mean no row.
        var isBoundByEquality = false
        /// What the columns are for values that the plan has no row of: such a value has one row all the
        /// same. nil when it has none.
        var missing: [Int: Expression]?

        /// The columns of `map`, each once.
        var mapColumns: [LogicalColumn] {
            Set(map.values.map(\.id)).sorted().compactMap { id in map.values.first { $0.id == id } }
        }
    }

    let joins: DependentJoins
    let outer: [LogicalColumn]
    private let outerIDs: Set<Int>
    private let makeDomain: () -> (LogicalPlan, [LogicalColumn])
    /// Common tables that depend on the domain and have its columns last.
    private var dependentTables: Set<Int> = []

    init(
        joins: DependentJoins, outer: [LogicalColumn],
        makeDomain: @escaping () -> (LogicalPlan, [LogicalColumn])
    ) {
        self.joins = joins
        self.outer = outer
        self.makeDomain = makeDomain
        outerIDs = Set(outer.map(\.id))
    }

    func depends(_ plan: LogicalPlan) -> Bool {
        !plan.freeColumns.isDisjoint(with: outerIDs) || readsDependentTable(plan)
    }

    private func readsDependentTable(_ plan: LogicalPlan) -> Bool {
        if dependentTables.isEmpty { return false }
        if case .commonScan(let id, _) = plan { return dependentTables.contains(id) }
        return plan.inputs.contains(where: readsDependentTable)
    }

    func depends(_ expressions: [Expression]) -> Bool {
        expressions.contains { !$0.columnIDs.isDisjoint(with: outerIDs) }
    }

    /// The expression with the outer columns as the plan has them.
    func moved(_ expression: Expression, _ pushed: Pushed) -> Expression {
        expression.replacingColumns(pushed.map.mapValues(\.reference))
    }

    func push(_ plan: LogicalPlan) throws(SQLError) -> Pushed {
        guard depends(plan) else { return crossed(try joins.unnest(plan)) }
        switch plan {
        case .filter(let input, let conditions): return try pushFilter(input, conditions)
        case .project(let input, let items): return try pushProject(input, items)
        case .aggregate(let aggregate): return try pushAggregate(aggregate)
        case .distinct(let input):
            var pushed = try pushFilled(input)
            pushed.plan = .distinct(pushed.plan)
            return pushed
        case .sort(let input, let keys, nil, 0): return try pushSort(input, keys)
        case .unionAll(let inputs, let columns): return try pushUnion(inputs, columns)
        case .join(let join): return try pushJoin(join)
        case .appendScalar(let input, let scalar, let column):
            return try pushScalar(input, scalar, column)
        case .values(let rows, let columns): return try pushValues(rows, columns)
        case .tableFunctions(var functions):
            var pushed = try pushFilled(functions.input)
            functions.input = pushed.plan
            for index in functions.calls.indices {
                functions.calls[index].arguments = functions.calls[index].arguments.map {
                    moved($0, pushed)
                }
            }
            pushed.plan = .tableFunctions(functions)
            return pushed
        case .window(var window):
            var pushed = try pushFilled(window.input)
            window = window.mapExpressions { moved($0, pushed) }
            window.input = pushed.plan
            window.partition += pushed.mapColumns.map(\.reference)
            pushed.plan = .window(window)
            return pushed
        case .expand(var expand):
            var pushed = try pushFilled(expand.input)
            expand.input = pushed.plan
            expand.keys = expand.keys.map { NamedExpression(moved($0.expression, pushed), as: $0.column) }
            pushed.plan = .expand(expand)
            return pushed
        default: return try pushRest(plan)
        }
    }

    private func pushRest(_ plan: LogicalPlan) throws(SQLError) -> Pushed {
        switch plan {
        case .materialize(let id, let whole, let body): return try pushMaterialized(id, whole, body)
        case .commonScan(let id, let columns):
            let own = outer.map { joins.newColumn($0.name, $0.type) }
            return Pushed(plan: .commonScan(id: id, columns: columns + own), map: mapped(own))
        case .recursive(let recursive): return try pushRecursive(recursive)
        case .sort(let input, let keys, let count, let offset):
            return try pushLimit(input, keys, count, offset)
        case .limit(.sort(let input, let keys, nil, 0), let count, let offset):
            return try pushLimit(input, keys, count, offset)
        case .limit(let input, let count, let offset): return try pushLimit(input, [], count, offset)
        case .rankedLimit(let limit):
            var pushed = try pushFilled(limit.input)
            var result = limit.mapExpressions { moved($0, pushed) }
            result.input = pushed.plan
            result.partition += pushed.mapColumns.map(\.reference)
            pushed.plan = .rankedLimit(result)
            return pushed
        case .asOfJoin: throw unsupported("ASOF JOIN in a correlated subquery")
        default: throw unsupported("a correlated subquery of this form")
        }
    }

    func unsupported(_ what: String) -> SQLError {
        SQLError(.featureNotSupported, "\(what) is not supported yet")
    }

    func mapped(_ columns: [LogicalColumn]) -> [Int: LogicalColumn] {
        Dictionary(zip(outer.map(\.id), columns), uniquingKeysWith: { first, _ in first })
    }

    /// Every row for every value of the domain.
    private func crossed(_ plan: LogicalPlan) -> Pushed {
        let (domain, columns) = makeDomain()
        let pairs = LogicalPlan.join(LogicalJoin(kind: .inner, left: domain, right: plan, conditions: []))
        return Pushed(plan: plan == .oneRow ? domain : pairs, map: mapped(columns))
    }

    /// `push` whose plan has all rows itself.
    func pushFilled(_ plan: LogicalPlan) throws(SQLError) -> Pushed { filledUp(try push(plan)) }

    /// The same with the rows that are missing made by a join with the domain.
    func filledUp(_ pushed: Pushed) -> Pushed {
        guard let missing = pushed.missing else { return pushed }
        let (domain, columns) = makeDomain()
        let result = Pushed(plan: domain, map: mapped(columns))
        let marker = joins.newColumn("found", .boolean)
        var below = [NamedExpression(.true, as: marker)]
        below += pushed.mapColumns.map { NamedExpression($0.reference, as: $0) }
        var above = columns.map { NamedExpression($0.reference, as: $0) }
        let mapIDs = Set(pushed.map.values.map(\.id))
        for column in pushed.plan.columns where !mapIDs.contains(column.id) {
            let inner = joins.newColumn(column.name, column.type)
            below.append(NamedExpression(column.reference, as: inner))
            let missing = missing[column.id].map { moved($0, result) }
            above.append(
                NamedExpression(
                    DependentJoins.value(inner.reference, unless: marker, missing), as: column))
        }
        let keys = outer.compactMap { column -> Expression? in
            guard let left = result.map[column.id], let right = pushed.map[column.id] else { return nil }
            let sign: Comparison = pushed.isBoundByEquality ? .equal : .notDistinct
            return .comparison(sign, left.reference, right.reference)
        }
        let joined = LogicalPlan.join(
            LogicalJoin(kind: .left, left: domain, right: .project(pushed.plan, below), conditions: keys))
        return Pushed(plan: .project(joined, above), map: result.map)
    }

    // MARK: Operators of one input

    /// Conditions that say what the outer columns are make the domain itself needless.
    private func pushFilter(
        _ input: LogicalPlan, _ conditions: [Expression]
    ) throws(SQLError) -> Pushed {
        if depends(input) {
            var pushed = try pushFilled(input)
            pushed.plan = .filter(pushed.plan, conditions.map { moved($0, pushed) })
            return pushed
        }
        let inner = try joins.unnest(input)
        let all = conditions.flatMap(\.conjuncts)
        var map: [Int: LogicalColumn] = [:]
        var items: [NamedExpression] = []
        var used: Set<Expression> = []
        for column in outer {
            guard let (value, condition) = binding(of: column, in: all, inner.columnIDs) else { continue }
            used.insert(condition)
            if case .column(let id, let type) = value {
                map[column.id] = LogicalColumn(id: id, name: column.name, type: type)
            } else {
                let made = joins.newColumn(column.name, value.type)
                map[column.id] = made
                items.append(NamedExpression(value, as: made))
            }
        }
        guard map.count == outer.count else {
            let (domain, columns) = makeDomain()
            let result = Pushed(plan: domain, map: mapped(columns))
            let joined = LogicalPlan.join(
                LogicalJoin(
                    kind: .inner, left: domain, right: inner, conditions: all.map { moved($0, result) }))
            return Pushed(plan: joined, map: result.map)
        }
        var pushed = Pushed(plan: inner, map: map, isBoundByEquality: true)
        if !items.isEmpty {
            let kept = inner.columns.map { NamedExpression($0.reference, as: $0) }
            pushed.plan = .project(inner, kept + items)
        }
        let rest = all.filter { !used.contains($0) }.map { moved($0, pushed) }
        if !rest.isEmpty { pushed.plan = .filter(pushed.plan, rest) }
        return pushed
    }

    /// An equality of an outer column with something of the input.
    private func binding(
        of column: LogicalColumn, in conditions: [Expression], _ input: Set<Int>
    ) -> (Expression, Expression)? {
        for condition in conditions {
            guard case .comparison(.equal, let left, let right) = condition else { continue }
            for (first, second) in [(left, right), (right, left)] where first == column.reference {
                let columns = second.columnIDs
                if !columns.isEmpty, columns.isSubset(of: input) { return (second, condition) }
            }
        }
        return nil
    }

    private func pushProject(
        _ input: LogicalPlan, _ items: [NamedExpression]
    ) throws(SQLError) -> Pushed {
        var pushed = try push(input)
        if let missing = pushed.missing {
            pushed.missing = Dictionary(
                items.map { ($0.column.id, $0.expression.replacingColumns(missing)) },
                uniquingKeysWith: { first, _ in first })
        }
        var all = items.map { NamedExpression(moved($0.expression, pushed), as: $0.column) }
        let made = Set(items.map(\.column.id))
        for column in pushed.mapColumns where !made.contains(column.id) {
            if !all.contains(where: { $0.column.id == column.id }) {
                all.append(NamedExpression(column.reference, as: column))
            }
        }
        pushed.plan = .project(pushed.plan, all)
        return pushed
    }

    private func pushAggregate(_ aggregate: LogicalAggregate) throws(SQLError) -> Pushed {
        guard aggregate.constantGroups.isEmpty else {
            throw unsupported("an empty grouping set in a correlated subquery")
        }
        var pushed = try pushFilled(aggregate.input)
        guard
            case .aggregate(var result) = LogicalPlan.aggregate(aggregate).mapExpressions({
                self.moved($0, pushed)
            })
        else { return pushed }
        result.input = pushed.plan
        for column in pushed.mapColumns
        where !result.groups.contains(where: { $0.column.id == column.id }) {
            result.groups.append(NamedExpression(column.reference, as: column))
        }
        pushed.plan = .aggregate(result)
        if aggregate.groups.isEmpty {
            let values = aggregate.calls.map { ($0.column.id, EmptyAggregates.value(of: $0.call)) }
            pushed.missing = Dictionary(values, uniquingKeysWith: { first, _ in first })
        }
        return pushed
    }

    private func pushSort(_ input: LogicalPlan, _ keys: [SortKey]) throws(SQLError) -> Pushed {
        var pushed = try pushFilled(input)
        let moved = keys.map {
            SortKey(
                self.moved($0.expression, pushed), isDescending: $0.isDescending, nullsFirst: $0.nullsFirst)
        }
        pushed.plan = .sort(pushed.plan, keys: moved, limit: nil, offset: 0)
        return pushed
    }

    /// A limit counts the rows of each value of the domain.
    private func pushLimit(
        _ input: LogicalPlan, _ keys: [SortKey], _ count: Int?, _ offset: Int
    ) throws(SQLError) -> Pushed {
        let number = { (count: Int) in Expression.constant(.bigint(Int64(count)), .bigint) }
        let limit = LogicalRankedLimit(
            input: input, partition: [], keys: keys, count: count.map(number),
            offset: offset > 0 ? number(offset) : nil)
        return try pushRest(.rankedLimit(limit))
    }

    // MARK: Common tables

    private func pushMaterialized(
        _ id: Int, _ whole: LogicalPlan, _ body: LogicalPlan
    ) throws(SQLError) -> Pushed {
        guard depends(whole) else {
            var pushed = try push(body)
            pushed.plan = .materialize(id: id, plan: try joins.unnest(whole), body: pushed.plan)
            return pushed
        }
        let input = try withDomain(whole, whole.columns)
        dependentTables.insert(id)
        var pushed = try push(body)
        pushed.plan = .materialize(id: id, plan: input.plan, body: pushed.plan)
        return pushed
    }

    /// The plan with exactly its columns, then those of the domain.
    func withDomain(_ plan: LogicalPlan, _ columns: [LogicalColumn]) throws(SQLError) -> UnionInput {
        let pushed = try pushFilled(plan)
        let own = outer.map { joins.newColumn($0.name, $0.type) }
        let items =
            columns.map { NamedExpression($0.reference, as: $0) }
            + zip(outer, own).map { column, made in
                NamedExpression((pushed.map[column.id] ?? column).reference, as: made)
            }
        return UnionInput(plan: .project(pushed.plan, items), columns: columns + own)
    }

    private func pushRecursive(_ recursive: LogicalRecursive) throws(SQLError) -> Pushed {
        var result = recursive
        result.seed = try withDomain(recursive.seed.plan, recursive.seed.columns)
        dependentTables.insert(recursive.id)
        result.step = try withDomain(recursive.step.plan, recursive.step.columns)
        let own = outer.map { joins.newColumn($0.name, $0.type) }
        result.columns += own
        return Pushed(plan: .recursive(result), map: mapped(own))
    }
}
