import Columns
import Execution
import SQLSyntax

extension Binder {
    func bindJoin(
        _ join: Join, siblings: Scope, _ tables: CommonTables
    ) throws(SQLError) -> BoundFrom {
        let left = try bind(join.left, siblings: siblings, tables)
        let right = try bind(join.right, siblings: siblings.extended(by: left.scope), tables)
        let leftVisible = left.scope.visible
        let rightVisible = right.scope.visible
        let kind = kind(of: join)
        if kind == .right || kind == .full { try rejectLateral(join, left.plan, right.plan) }
        try left.scope.merge(right.scope, position: position(of: join.right))
        var result = left
        var parts = JoinParts(kind: kind, left: left.plan, right: right.plan)
        switch join.condition {
        case .none: break
        case .on(let syntax): try bindOn(syntax, &parts, left.scope, tables)
        case .using(let names):
            parts.conditions = try merge(names, kind, leftVisible, rightVisible, into: left.scope)
        case .natural:
            let shared = leftVisible.map(\.name).filter { name in rightVisible.contains { $0.name == name } }
            let names = shared.map { Identifier($0, span: join.span) }
            parts.conditions = try merge(names, kind, leftVisible, rightVisible, into: left.scope)
        }
        if join.isAsOf {
            result.plan = try nearest(join, parts)
        } else {
            let whole = LogicalPlan.join(
                LogicalJoin(
                    kind: kind, left: parts.left, right: parts.right, conditions: parts.conditions))
            result.plan = parts.above.isEmpty ? whole : .filter(parts.attached.apply(to: whole), parts.above)
            if parts.above.isEmpty, !parts.attached.isEmpty { result.plan = parts.attached.apply(to: whole) }
        }
        if let alias = join.alias { try rename(result.scope, alias) }
        return result
    }

    /// A join while its condition is bound.
    struct JoinParts {
        var kind: JoinKind
        var left: LogicalPlan
        var right: LogicalPlan
        var conditions: [Expression] = []
        /// Of an inner join with subqueries in its condition: what stands above it.
        var above: [Expression] = []
        var attached = Attachments()
    }

    private func kind(of join: Join) -> JoinKind {
        switch join.kind {
        case .inner, .cross: .inner
        case .left: .left
        case .right: .right
        case .full: .full
        }
    }

    /// The right side of a join that keeps all right rows cannot depend on the left one.
    private func rejectLateral(
        _ join: Join, _ left: LogicalPlan, _ right: LogicalPlan
    ) throws(SQLError) {
        guard let column = right.freeColumns.intersection(left.columnIDs).min() else { return }
        let use = firstUse(of: column)
        throw SQLError(
            .invalidColumnReference,
            "invalid reference to \"\(use?.name ?? "")\" of the left side of a "
                + "\(join.kind.rawValue) JOIN",
            position: use?.position ?? join.span.start,
            hint: "the joining type must be INNER or LEFT for a LATERAL reference")
    }

    /// ON. Subqueries of an inner join's condition stand above the join; those of an outer join's are
    /// computed on the side that they read.
    private func bindOn(
        _ syntax: SQLExpression, _ parts: inout JoinParts, _ scope: Scope, _ tables: CommonTables
    ) throws(SQLError) {
        let attachments = Attachments()
        let context = ExpressionContext(
            scope: scope, commonTables: tables, clause: .join, attachments: attachments)
        if parts.kind == .inner {
            let conditions = try bindConjuncts(syntax, "JOIN/ON", context)
            if attachments.isEmpty {
                parts.conditions = conditions
            } else {
                parts.above = conditions
                parts.attached = attachments
            }
            return
        }
        parts.conditions = try bindCondition(syntax, "JOIN/ON", context).conjuncts
        let onLeft = Attachments()
        let onRight = Attachments()
        for attachment in attachments.list {
            let free = attachment.freeColumns
            if free.isDisjoint(with: parts.left.columnIDs) {
                onRight.add(attachment)
            } else if free.isDisjoint(with: parts.right.columnIDs) {
                onLeft.add(attachment)
            } else {
                throw unsupported(
                    "a subquery in the ON of an outer join that reads both sides", at: syntax.span)
            }
        }
        parts.left = onLeft.apply(to: parts.left)
        parts.right = onRight.apply(to: parts.right)
    }

    /// ASOF JOIN: equalities, and one inequality by which the nearest row is found.
    private func nearest(_ join: Join, _ parts: JoinParts) throws(SQLError) -> LogicalPlan {
        guard parts.kind == .inner || parts.kind == .left, parts.attached.isEmpty else {
            throw unsupported("this kind of ASOF JOIN", at: join.span)
        }
        let left = parts.left.columnIDs
        let right = parts.right.columnIDs
        var result: LogicalAsOfJoin?
        var keys: (left: [Expression], right: [Expression]) = ([], [])
        var conditions = parts.conditions
        if case .using = join.condition, let last = conditions.popLast(),
            case .comparison(_, let first, let second) = last
        {
            // Of the columns of USING the last one is the order.
            conditions.append(.comparison(.greaterOrEqual, first, second))
        }
        for condition in conditions {
            guard case .comparison(var sign, var first, var second) = condition else {
                throw asOfError(join)
            }
            if !first.columnIDs.isSubset(of: left) || first.columnIDs.isEmpty {
                swap(&first, &second)
                sign = sign.flipped
            }
            guard first.columnIDs.isSubset(of: left), second.columnIDs.isSubset(of: right),
                !first.columnIDs.isEmpty, !second.columnIDs.isEmpty
            else { throw asOfError(join) }
            switch sign {
            case .equal:
                keys.left.append(first)
                keys.right.append(second)
            case .less, .lessOrEqual, .greater, .greaterOrEqual:
                guard result == nil else { throw asOfError(join) }
                result = LogicalAsOfJoin(
                    kind: parts.kind, left: parts.left, right: parts.right, leftKeys: [], rightKeys: [],
                    leftOrder: first, rightOrder: second, comparison: sign)
            case .notEqual, .distinct, .notDistinct: throw asOfError(join)
            }
        }
        guard var nearest = result else { throw asOfError(join) }
        nearest.leftKeys = keys.left
        nearest.rightKeys = keys.right
        return .asOfJoin(nearest)
    }

    private func asOfError(_ join: Join) -> SQLError {
        SQLError(
            .syntaxError,
            "ASOF JOIN takes equalities of both sides and exactly one of the comparisons <, <=, >, >=",
            position: join.span.start)
    }

    func rename(_ scope: Scope, _ alias: TableAlias) throws(SQLError) {
        var columns = scope.visible
        guard alias.columns.count <= columns.count else {
            throw SQLError(
                .invalidColumnReference,
                "join expression \"\(alias.name.name)\" has \(columns.count) columns",
                position: alias.name.span.start)
        }
        for (index, name) in alias.columns.enumerated() { columns[index].name = name.name }
        scope.rename(alias.name.name, columns: columns)
    }

    /// USING: the equalities of the shared columns, each of which is seen once from then on.
    func merge(
        _ names: [Identifier], _ kind: JoinKind, _ left: [Scope.VisibleColumn],
        _ right: [Scope.VisibleColumn], into scope: Scope
    ) throws(SQLError) -> [Expression] {
        var conditions: [Expression] = []
        var merged: [Scope.VisibleColumn] = []
        for name in names {
            let first = try usingColumn(name, left, side: "left")
            let second = try usingColumn(name, right, side: "right")
            let one = BoundExpression(expression: first, span: name.span)
            let other = BoundExpression(expression: second, span: name.span)
            conditions.append(try compare(.equal, one, other, sign: "=", span: name.span))
            let expression: Expression
            switch kind {
            case .right: expression = second
            case .full:
                let (both, type) = try Coercion.unify([one, other], construct: "JOIN/USING")
                expression = .coalesce(both, type)
            default: expression = first
            }
            merged.append(Scope.VisibleColumn(name: name.name, expression: expression))
        }
        scope.mergeColumns(merged, hiding: Set(names.map(\.name)))
        return conditions
    }

    private func usingColumn(
        _ name: Identifier, _ columns: [Scope.VisibleColumn], side: String
    ) throws(SQLError) -> Expression {
        let found = columns.filter { $0.name == name.name }
        if found.count == 1 { return found[0].expression }
        if found.isEmpty {
            throw SQLError(
                .undefinedColumn,
                "column \"\(name.name)\" specified in USING clause does not exist in \(side) table",
                position: name.span.start, hint: hint(for: name.name, among: columns.map(\.name)))
        }
        throw SQLError(
            .ambiguousColumn, "common column name \"\(name.name)\" appears more than once in \(side) table",
            position: name.span.start)
    }
}
