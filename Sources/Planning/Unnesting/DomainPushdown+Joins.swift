import Columns
import Execution
import SQLSyntax

extension DomainPushdown {
    func pushUnion(_ inputs: [UnionInput], _ columns: [LogicalColumn]) throws(SQLError) -> Pushed {
        var pushed: [UnionInput] = []
        for input in inputs { pushed.append(try withDomain(input.plan, input.columns)) }
        let own = outer.map { joins.newColumn($0.name, $0.type) }
        return Pushed(plan: .unionAll(pushed, columns: columns + own), map: mapped(own))
    }

    /// Rows of expressions over outer columns: each is a projection of the domain.
    func pushValues(_ rows: [[Expression]], _ columns: [LogicalColumn]) throws(SQLError) -> Pushed {
        var inputs: [UnionInput] = []
        for row in rows {
            let made = columns.map { joins.newColumn($0.name, $0.type) }
            let items = zip(row, made).map { NamedExpression($0, as: $1) }
            inputs.append(UnionInput(plan: .project(.oneRow, items), columns: made))
        }
        if inputs.count == 1 {
            let items = zip(rows[0], columns).map { NamedExpression($0, as: $1) }
            return try push(.project(.oneRow, items))
        }
        return try pushUnion(inputs, columns)
    }

    func pushScalar(
        _ input: LogicalPlan, _ scalar: LogicalPlan, _ column: LogicalColumn
    ) throws(SQLError) -> Pushed {
        guard depends(scalar) else {
            var pushed = try pushFilled(input)
            pushed.plan = .appendScalar(pushed.plan, scalar: try joins.unnest(scalar), column: column)
            return pushed
        }
        let value = scalar.columns.first ?? column
        let single = LogicalPlan.project(scalar, [NamedExpression(value.reference, as: column)])
        return try pushJoin(LogicalJoin(kind: .single, left: input, right: single, conditions: []))
    }

    func pushJoin(_ join: LogicalJoin) throws(SQLError) -> Pushed {
        let isNested = !DependentJoins.outerColumns(of: join).isEmpty
        if isNested { return try pushNested(join) }
        let isRightDependent = depends(join.right)
        let isLeftDependent = depends(join.left)
        switch join.kind {
        case .inner where !isLeftDependent && !isRightDependent:
            // Only the conditions read the outer columns.
            let pairs = LogicalJoin(kind: .inner, left: join.left, right: join.right, conditions: [])
            return try push(.filter(.join(pairs), join.conditions))
        case .inner where !isLeftDependent: return try pushRight(join)
        case .inner, .left, .single, .semi, .anti: return try pushLeft(join, isRightDependent)
        case .right: return try pushRightOuter(join, isLeftDependent)
        case .full: return try pushFull(join)
        case .nullAwareAnti: return try pushLeft(certainlyDifferent(join), isRightDependent)
        case .rightSemi, .rightAnti: throw unsupported("a correlated subquery of this form")
        }
    }

    /// A join whose right side reads its left side: the left side carries the domain, and the right side
    /// reads it there.
    private func pushNested(_ join: LogicalJoin) throws(SQLError) -> Pushed {
        var pushed = try pushFilled(join.left)
        var result = join
        result.left = pushed.plan
        result.right = join.right.rewritten { moved($0, pushed) }
        result.conditions = join.conditions.map { moved($0, pushed) }
        guard !depends(result.right) else {
            throw unsupported("a correlated WITH query in a nested subquery")
        }
        pushed.plan = try joins.unnest(result)
        return pushed
    }

    private func pushLeft(_ join: LogicalJoin, _ isRightDependent: Bool) throws(SQLError) -> Pushed {
        var pushed = try pushFilled(join.left)
        var result = join
        result.left = pushed.plan
        result.conditions = join.conditions.map { moved($0, pushed) }
        if isRightDependent {
            let right = try pushFilled(join.right)
            result.right = right.plan
            result.conditions += same(pushed, right)
        } else {
            result.right = try joins.unnest(join.right)
        }
        pushed.plan = .join(result)
        return pushed
    }

    private func pushRight(_ join: LogicalJoin) throws(SQLError) -> Pushed {
        var pushed = try pushFilled(join.right)
        var result = join
        result.left = try joins.unnest(join.left)
        result.right = pushed.plan
        result.conditions = join.conditions.map { moved($0, pushed) }
        pushed.plan = .join(result)
        return pushed
    }

    private func pushRightOuter(_ join: LogicalJoin, _ isLeftDependent: Bool) throws(SQLError) -> Pushed {
        var pushed = try pushFilled(join.right)
        var result = join
        result.right = pushed.plan
        result.conditions = join.conditions.map { moved($0, pushed) }
        if isLeftDependent {
            let left = try pushFilled(join.left)
            result.left = left.plan
            result.conditions += same(left, pushed)
        } else {
            result.left = try joins.unnest(join.left)
        }
        pushed.plan = .join(result)
        return pushed
    }

    /// Both sides are computed for the whole domain; a row without a match has its value from its side.
    private func pushFull(_ join: LogicalJoin) throws(SQLError) -> Pushed {
        let left = try pushFilled(join.left)
        let right = try pushFilled(join.right)
        let conditions = join.conditions.map { moved($0, left) } + same(left, right)
        let whole = LogicalPlan.join(
            LogicalJoin(kind: .full, left: left.plan, right: right.plan, conditions: conditions))
        let own = outer.map { joins.newColumn($0.name, $0.type) }
        var items = whole.columns.map { NamedExpression($0.reference, as: $0) }
        for (column, made) in zip(outer, own) {
            let sides = [left, right].compactMap { $0.map[column.id]?.reference }
            items.append(NamedExpression(.coalesce(sides, made.type), as: made))
        }
        return Pushed(plan: .project(whole, items), map: mapped(own))
    }

    /// The values of both sides are the same one of the domain.
    private func same(_ left: Pushed, _ right: Pushed) -> [Expression] {
        let sign: Comparison =
            left.isBoundByEquality || right.isBoundByEquality ? .equal : .notDistinct
        return outer.compactMap { column in
            guard let first = left.map[column.id], let second = right.map[column.id] else { return nil }
            return .comparison(sign, first.reference, second.reference)
        }
    }

    /// NOT IN as a join that further conditions may be added to.
    private func certainlyDifferent(_ join: LogicalJoin) -> LogicalJoin {
        let conditions = join.conditions.map { condition -> Expression in
            guard case .comparison(_, let left, let right) = condition else { return condition }
            return .or([condition, .isNull(left), .isNull(right)])
        }
        return LogicalJoin(kind: .anti, left: join.left, right: join.right, conditions: conditions)
    }
}
