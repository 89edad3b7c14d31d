import Columns
import Execution
import SQLSyntax

extension Binder {
    /// QUALIFY: a filter above the window functions. Its names may be those of output columns.
    func bindQualify(_ select: SelectBinding) throws(SQLError) -> [Expression] {
        guard let syntax = select.core.qualify else { return [] }
        let context = select.context(.qualify)
        var conditions: [Expression] = []
        for condition in try bindConjuncts(replacingAliases(syntax, select), "QUALIFY", context) {
            conditions.append(try aboveGroups(condition, select))
        }
        return conditions
    }

    /// Names of output columns that no input column has, one level of comparisons deep.
    private func replacingAliases(_ syntax: SQLExpression, _ select: SelectBinding) -> SQLExpression {
        var result = syntax
        func replaced(_ operand: SQLExpression) -> SQLExpression { replacingAliases(operand, select) }
        switch syntax.kind {
        case .column(let parts) where parts.count == 1:
            guard select.scope.visibleColumns(named: parts[0].name).isEmpty,
                let output = select.outputs.first(where: { $0.name == parts[0].name })
            else { return syntax }
            return output.syntax
        case .binary(let sign, let left, let right):
            result.kind = .binary(sign, replaced(left), replaced(right))
        case .concatenation(let parts): result.kind = .concatenation(parts.map(replaced))
        case .and(let parts): result.kind = .and(parts.map(replaced))
        case .or(let parts): result.kind = .or(parts.map(replaced))
        case .not(let operand): result.kind = .not(replaced(operand))
        case .inList(let operand, let list, let isNegated):
            result.kind = .inList(replaced(operand), list, isNegated: isNegated)
        case .isTest(let operand, let test, let isNegated):
            result.kind = .isTest(replaced(operand), test, isNegated: isNegated)
        default: break
        }
        return result
    }

    /// The expressions of DISTINCT ON in terms of the projection's columns.
    ///
    /// - Throws: `invalidColumnReference` when ORDER BY does not begin with them, or one is neither in the
    ///   select list nor in ORDER BY.
    func bindDistinctOn(
        _ select: SelectBinding, _ keys: [SortKey], _ columns: [(LogicalColumn, Expression)]
    ) throws(SQLError) -> DistinctOn? {
        guard case .on(let syntaxes) = select.core.distinct else { return nil }
        var groups: [Expression] = []
        var hidden: [NamedExpression] = []
        for syntax in syntaxes {
            if case .integer(let digits) = syntax.kind {
                guard let number = Int(digits), select.outputs.indices.contains(number - 1) else {
                    throw SQLError(
                        .invalidColumnReference,
                        "SELECT DISTINCT ON position \(digits) is not in select list",
                        position: syntax.span.start)
                }
                groups.append(columns[number - 1].0.reference)
                continue
            }
            if case .column(let parts) = syntax.kind, parts.count == 1,
                let place = select.outputs.firstIndex(where: { $0.name == parts[0].name })
            {
                groups.append(columns[place].0.reference)
                continue
            }
            let bound = try bindItem(syntax, .orderBy, select)
            if let place = columns.firstIndex(where: { $0.1 == bound.expression }) {
                groups.append(columns[place].0.reference)
            } else {
                let column = newColumn("distinct", bound.type)
                hidden.append(NamedExpression(bound.expression, as: column))
                groups.append(column.reference)
            }
        }
        for (index, key) in keys.enumerated() where index < Set(groups).count {
            guard groups.contains(key.expression) else {
                throw SQLError(
                    .invalidColumnReference,
                    "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
                    position: syntaxes.first?.span.start)
            }
        }
        return DistinctOn(groups: groups, hidden: hidden)
    }

    /// The first row of each group in the order of the query.
    func firstRows(_ plan: LogicalPlan, _ distinct: DistinctOn, _ keys: [SortKey]) -> LogicalPlan {
        var input = plan
        if !distinct.hidden.isEmpty, case .project(let below, let items) = plan {
            input = .project(below, items + distinct.hidden)
        }
        let number = newColumn("row_number", .bigint)
        let bounds = WindowBounds(unit: .range, start: .unbounded, end: .currentRow, exclusion: .none)
        let call = WindowCall(function: .rowNumber, arguments: [], bounds: bounds, returnType: .bigint)
        let window = LogicalWindow(
            input: input, partition: distinct.groups,
            order: keys.filter { !distinct.groups.contains($0.expression) },
            calls: [LogicalWindow.Call(call: call, column: number)])
        let isFirst = Expression.comparison(.equal, number.reference, .constant(.bigint(1), .bigint))
        let kept = plan.columns.map { NamedExpression($0.reference, as: $0) }
        return .project(.filter(.window(window), [isFirst]), kept)
    }
}

/// DISTINCT ON of a SELECT: what it groups by, and columns for that which the projection does not have.
struct DistinctOn {
    var groups: [Expression]
    var hidden: [NamedExpression]
}
