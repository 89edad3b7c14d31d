import Columns
import Execution
import SQLSyntax

extension Binder {
    /// UNION, INTERSECT or EXCEPT of two queries, with the columns of each pair in their common type.
    func combine(
        _ operation: SetOperation, isAll: Bool, _ left: BoundQuery, _ right: BoundQuery, place: SourceSpan
    ) throws(SQLError) -> BoundQuery {
        guard left.columns.count == right.columns.count else {
            throw SQLError(
                .syntaxError, "each \(operation.rawValue) query must have the same number of columns",
                position: place.start)
        }
        var types: [DataType] = []
        var columns: [LogicalColumn] = []
        var unknown: Set<Int> = []
        for (first, second) in zip(left.columns, right.columns) {
            let kinds = [argument(first, left), argument(second, right)]
            guard let type = TypeCoercion.commonType(kinds) else {
                let names = "\(first.type.shownName) and \(second.type.shownName)"
                throw SQLError(
                    .datatypeMismatch, "\(operation.rawValue) types \(names) cannot be matched",
                    position: place.start)
            }
            types.append(type)
            let column = newColumn(first.name, type)
            if kinds == [.unknown, .unknown] { unknown.insert(column.id) }
            columns.append(column)
        }
        let inputs = [
            try converted(left, to: types, place: place), try converted(right, to: types, place: place),
        ]
        switch operation {
        case .union:
            let all = LogicalPlan.unionAll(flattened(inputs, isAll: isAll), columns: columns)
            return BoundQuery(plan: isAll ? all : .distinct(all), columns: columns, unknownColumns: unknown)
        case .intersect, .except:
            return counted(operation, isAll: isAll, inputs, columns)
        }
    }

    /// A chain of UNION, pair by pair as PostgreSQL finds its types. Arms of one type are one union; each
    /// that widens a type puts a conversion on top of those before it.
    func bindUnions(
        _ bodies: [QueryBody], isAll: Bool, parent: Scope?, _ tables: CommonTables
    ) throws(SQLError) -> BoundQuery {
        var result = try bind(bodies[0], parent: parent, tables)
        var levels = 0
        for body in bodies.dropFirst() {
            let next = try bind(body, parent: parent, tables)
            let place = SyntaxSearch.span(of: body)
            let types = result.columns.map(\.type)
            result = try combine(.union, isAll: isAll, result, next, place: place)
            if result.columns.map(\.type) != types { levels += 1 }
            guard levels <= SQLLimits.nestingMax else {
                throw SQLError(
                    .statementTooComplex, "UNION widens the types of its columns too often",
                    position: place.start)
            }
        }
        return result
    }

    private func argument(_ column: LogicalColumn, _ query: BoundQuery) -> ArgumentType {
        query.unknownColumns.contains(column.id) ? .unknown : .known(column.type)
    }

    /// `a UNION ALL b UNION ALL c` is one union of three; so is `a UNION b UNION c`, as duplicates go at the
    /// end.
    private func flattened(_ inputs: [UnionInput], isAll: Bool) -> [UnionInput] {
        guard let first = inputs.first else { return inputs }
        var plan = first.plan
        if !isAll, case .distinct(let all) = plan { plan = all }
        guard case .unionAll(let inner, let columns) = plan, columns == first.columns else { return inputs }
        return inner + inputs.dropFirst()
    }

    private func converted(
        _ query: BoundQuery, to types: [DataType], place: SourceSpan
    ) throws(SQLError) -> UnionInput {
        if query.columns.map(\.type) == types { return UnionInput(plan: query.plan, columns: query.columns) }
        var items: [NamedExpression] = []
        for (column, type) in zip(query.columns, types) {
            if column.type == type {
                items.append(NamedExpression(column.reference, as: column))
                continue
            }
            var expression = Coercion.convert(column.reference, to: type)
            if query.unknownColumns.contains(column.id), let literal = literal(column, in: query.plan) {
                expression = .constant(try Coercion.literal(literal, as: type, span: place), type)
            }
            items.append(NamedExpression(expression, as: newColumn(column.name, type)))
        }
        return UnionInput(plan: .project(query.plan, items), columns: items.map(\.column))
    }

    /// The constant that a column of a projection is.
    private func literal(_ column: LogicalColumn, in plan: LogicalPlan) -> Value? {
        guard case .project(_, let items) = plan else { return nil }
        return items.first { $0.column.id == column.id }?.expression.constantValue
    }

    /// INTERSECT and EXCEPT: rows are marked with their side and grouped, since GROUP BY takes NULLs for
    /// equal as these operations do; then a group stays by the sides that it was seen on.
    private func counted(
        _ operation: SetOperation, isAll: Bool, _ inputs: [UnionInput], _ columns: [LogicalColumn]
    ) -> BoundQuery {
        let side = newColumn("side", .boolean)
        var marked: [UnionInput] = []
        for (index, input) in inputs.enumerated() {
            let mark = newColumn("side", .boolean)
            let items =
                input.columns.map { NamedExpression($0.reference, as: $0) }
                + [NamedExpression(index == 0 ? .true : .false, as: mark)]
            marked.append(UnionInput(plan: .project(input.plan, items), columns: input.columns + [mark]))
        }
        let all = LogicalPlan.unionAll(marked, columns: columns + [side])
        let count = AggregateFunction(name: "count", parameterTypes: [], returnType: .bigint)
        let inFirst = newColumn("first", .bigint)
        let inSecond = newColumn("second", .bigint)
        let calls = [(side.reference, inFirst), (Expression.not(side.reference), inSecond)].map {
            filter, column in
            LogicalAggregate.Call(
                call: AggregateCall(function: count, arguments: [], filter: filter), column: column)
        }
        let groups = columns.map { NamedExpression($0.reference, as: $0) }
        let grouped = LogicalPlan.aggregate(LogicalAggregate(input: all, groups: groups, calls: calls))
        if isAll { return repeated(operation, grouped, inFirst, inSecond, columns) }
        let zero = Expression.constant(.bigint(0), .bigint)
        let conditions: [Expression] = [
            .comparison(.greater, inFirst.reference, zero),
            .comparison(operation == .intersect ? .greater : .equal, inSecond.reference, zero),
        ]
        let kept = LogicalPlan.filter(grouped, conditions)
        return BoundQuery(plan: .project(kept, groups), columns: columns)
    }

    /// INTERSECT ALL and EXCEPT ALL: each group as often as its counts on both sides say.
    private func repeated(
        _ operation: SetOperation, _ grouped: LogicalPlan, _ inFirst: LogicalColumn,
        _ inSecond: LogicalColumn, _ columns: [LogicalColumn]
    ) -> BoundQuery {
        let times: Expression
        if operation == .intersect {
            let isFewer = Expression.comparison(.less, inFirst.reference, inSecond.reference)
            times = .caseWhen(
                [WhenBranch(condition: isFewer, result: inFirst.reference)], otherwise: inSecond.reference,
                .bigint)
        } else {
            let minus = ScalarFunction(
                name: "-", parameterTypes: [.bigint, .bigint], returnType: .bigint)
            times = .call(minus, [inFirst.reference, inSecond.reference])
        }
        let series = TableFunction(
            name: "generate_series", parameterTypes: [.bigint, .bigint], returnType: .bigint)
        let call = LogicalTableFunctions.Call(
            function: series, arguments: [.constant(.bigint(1), .bigint), times],
            column: newColumn("number", .bigint))
        let all = LogicalPlan.tableFunctions(LogicalTableFunctions(input: grouped, calls: [call]))
        return BoundQuery(
            plan: .project(all, columns.map { NamedExpression($0.reference, as: $0) }), columns: columns)
    }
}
