import Columns
import Execution
import SQLSyntax

/// Replaces joins whose right side reads columns of their left side by joins that do not, so that nothing
/// runs once a row.
///
/// The right side is computed for the set of different values that the left side has for those columns (the
/// domain), and joined back by them. Outer joins are replaced before the ones within them, whose own left
/// sides then carry the domain.
///
/// Source: Neumann, Kemper, "Unnesting Arbitrary Queries", BTW 2015; Neumann, "Improving Unnesting of Complex
/// Queries", BTW 2025.
struct DependentJoins {
    let newColumn: (String, DataType) -> LogicalColumn
    let newTable: () -> Int

    /// - Throws: `featureNotSupported` for an operator through which a dependency cannot be moved.
    func unnest(_ plan: LogicalPlan) throws(SQLError) -> LogicalPlan {
        if case .join(let join) = plan, !Self.outerColumns(of: join).isEmpty { return try unnest(join) }
        return try mapInputs(plan)
    }

    private func mapInputs(_ plan: LogicalPlan) throws(SQLError) -> LogicalPlan {
        var inputs: [LogicalPlan] = []
        for input in plan.inputs { inputs.append(try unnest(input)) }
        var next = inputs.makeIterator()
        return plan.mapInputs { next.next() ?? $0 }
    }

    /// Columns of the left side that the right side reads.
    static func outerColumns(of join: LogicalJoin) -> [LogicalColumn] {
        let free = join.right.freeColumns
        if free.isEmpty { return [] }
        return join.left.columns.filter { free.contains($0.id) }
    }

    func unnest(_ join: LogicalJoin) throws(SQLError) -> LogicalPlan {
        let outer = Self.outerColumns(of: join)
        let left = try unnest(join.left)
        if outer.isEmpty {
            var plain = join
            plain.left = left
            plain.right = try unnest(join.right)
            return .join(plain)
        }
        switch join.kind {
        case .inner, .left, .single, .semi, .anti: break
        case .right, .full, .nullAwareAnti, .rightSemi, .rightAnti:
            throw SQLError(
                .featureNotSupported, "a \(join.kind.rawValue) join whose right side reads its left")
        }
        if case .tableFunctions(var functions) = join.right, join.kind == .inner, functions.input == .oneRow {
            functions.input = left
            let whole = LogicalPlan.tableFunctions(functions)
            return join.conditions.isEmpty ? whole : .filter(whole, join.conditions)
        }
        if let pulled = pulledUp(join, outer) {
            let conditions = join.conditions + pulled.conditions
            var right = try unnest(pulled.plan)
            if join.kind == .semi || join.kind == .anti { right = Self.narrowed(right, to: conditions) }
            return .join(LogicalJoin(kind: join.kind, left: left, right: right, conditions: conditions))
        }
        return try joinBack(join, left, outer)
    }

    /// The right side with its conditions on the left side taken out of it; nil where more than conditions
    /// reads the left side.
    private func pulledUp(
        _ join: LogicalJoin, _ outer: [LogicalColumn]
    ) -> (plan: LogicalPlan, conditions: [Expression])? {
        let isFilter = join.kind == .semi || join.kind == .anti
        let ids = Set(outer.map(\.id))
        var pullUp = CorrelationPullUp(free: ids, keepsRows: !isFilter, newColumn: newColumn)
        guard let plan = pullUp.pull(join.right), plan.freeColumns.isDisjoint(with: ids) else { return nil }
        let wanted = isFilter ? Set(join.conditions.flatMap(\.columnIDs)) : join.right.columnIDs
        guard wanted.intersection(join.right.columnIDs).isSubset(of: plan.columnIDs) else { return nil }
        return (plan, pullUp.conditions)
    }

    /// Only the columns that the conditions read.
    private static func narrowed(_ plan: LogicalPlan, to conditions: [Expression]) -> LogicalPlan {
        if case .project = plan { return plan }
        let wanted = Set(conditions.flatMap(\.columnIDs))
        let kept = plan.columns.filter { wanted.contains($0.id) }
        return .project(plan, kept.map { NamedExpression($0.reference, as: $0) })
    }

    // MARK: By domain

    private func joinBack(
        _ join: LogicalJoin, _ left: LogicalPlan, _ outer: [LogicalColumn]
    ) throws(SQLError) -> LogicalPlan {
        let shared = Self.isCheap(left) ? nil : newTable()
        let source = shared.map { id in
            { () -> (LogicalPlan, [Int: LogicalColumn]) in
                let columns = left.columns.map { self.newColumn($0.name, $0.type) }
                let places = zip(left.columns, columns).map { ($0.id, $1) }
                return (
                    .commonScan(id: id, columns: columns),
                    Dictionary(places, uniquingKeysWith: { first, _ in first })
                )
            }
        }
        let pushdown = DomainPushdown(joins: self, outer: outer) { [newColumn] in
            let columns = outer.map { newColumn($0.name, $0.type) }
            let (plan, places) = source?() ?? (left, [:])
            let items = zip(outer, columns).map { NamedExpression((places[$0.id] ?? $0).reference, as: $1) }
            return (.distinct(.project(plan, items)), columns)
        }
        let replacesMissing = join.conditions.isEmpty && join.kind != .semi && join.kind != .anti
        var right = try pushdown.push(join.right)
        if !replacesMissing { right = pushdown.filledUp(right) }
        let main = shared.map { LogicalPlan.commonScan(id: $0, columns: left.columns) } ?? left
        let back = joined(join, main, right, outer)
        guard let shared else { return back }
        let kept = LogicalPlan.project(left, left.columns.map { NamedExpression($0.reference, as: $0) })
        return .materialize(id: shared, plan: kept, body: back)
    }

    private func joined(
        _ join: LogicalJoin, _ left: LogicalPlan, _ right: DomainPushdown.Pushed, _ outer: [LogicalColumn]
    ) -> LogicalPlan {
        let keys = outer.compactMap { column -> Expression? in
            guard let inner = right.map[column.id] else { return nil }
            let sign: Comparison = right.isBoundByEquality ? .equal : .notDistinct
            return .comparison(sign, column.reference, inner.reference)
        }
        guard let missing = right.missing else {
            return .join(
                LogicalJoin(
                    kind: join.kind, left: left, right: right.plan, conditions: join.conditions + keys))
        }
        let marker = newColumn("found", .boolean)
        var items = [NamedExpression(.true, as: marker)]
        var above = left.columns.map { NamedExpression($0.reference, as: $0) }
        items += right.mapColumns.map { NamedExpression($0.reference, as: $0) }
        let mapped = Set(right.map.values.map(\.id))
        for column in join.right.columns {
            let inner = mapped.contains(column.id) ? column : newColumn(column.name, column.type)
            if !mapped.contains(column.id) { items.append(NamedExpression(column.reference, as: inner)) }
            let value = Self.value(inner.reference, unless: marker, missing[column.id])
            above.append(NamedExpression(value, as: column))
        }
        let whole = LogicalPlan.join(
            LogicalJoin(kind: .left, left: left, right: .project(right.plan, items), conditions: keys))
        return .project(whole, above)
    }

    /// The column, or what stands for it where no row was found.
    static func value(
        _ column: Expression, unless marker: LogicalColumn, _ missing: Expression?
    ) -> Expression {
        guard let missing, missing.constantValue?.isNull != true else { return column }
        return .caseWhen(
            [WhenBranch(condition: .isNull(marker.reference), result: missing)], otherwise: column,
            column.type)
    }

    /// Whether reading a plan twice costs less than keeping its rows.
    private static func isCheap(_ plan: LogicalPlan) -> Bool {
        switch plan {
        case .scan, .values, .commonScan: true
        case .filter(let input, _), .project(let input, _): isCheap(input)
        default: false
        }
    }
}
