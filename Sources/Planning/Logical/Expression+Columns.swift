import Columns
import Execution

extension Expression {
    var operands: [Expression] {
        switch self {
        case .column, .constant: []
        case .comparison(_, let left, let right): [left, right]
        case .and(let parts), .or(let parts), .call(_, let parts), .coalesce(let parts, _): parts
        case .not(let operand), .isNull(let operand), .isNotNull(let operand), .cast(let operand, _),
            .inList(let operand, _):
            [operand]
        case .caseWhen(let branches, let otherwise, _):
            branches.flatMap { [$0.condition, $0.result] } + (otherwise.map { [$0] } ?? [])
        }
    }

    func mapOperands(_ change: (Expression) -> Expression) -> Expression {
        switch self {
        case .column, .constant: self
        case .comparison(let sign, let left, let right): .comparison(sign, change(left), change(right))
        case .and(let parts): .and(parts.map(change))
        case .or(let parts): .or(parts.map(change))
        case .call(let function, let arguments): .call(function, arguments.map(change))
        case .coalesce(let parts, let type): .coalesce(parts.map(change), type)
        case .not(let operand): .not(change(operand))
        case .isNull(let operand): .isNull(change(operand))
        case .isNotNull(let operand): .isNotNull(change(operand))
        case .cast(let operand, let type): .cast(change(operand), type)
        case .inList(let operand, let values): .inList(change(operand), values)
        case .caseWhen(let branches, let otherwise, let type):
            .caseWhen(
                branches.map { WhenBranch(condition: change($0.condition), result: change($0.result)) },
                otherwise: otherwise.map(change), type)
        }
    }

    /// The expression in a form whose bytes are in the order of its values: arrays as a text that is.
    var sortable: Expression {
        guard type.isArray else { return self }
        let key = ScalarFunction(name: "array_sort_key", parameterTypes: [type], returnType: .text)
        return .call(key, [self])
    }

    func collectColumns(into columns: inout Set<Int>) {
        if case .column(let id, _) = self { columns.insert(id) }
        for operand in operands { operand.collectColumns(into: &columns) }
    }

    /// The ids of all columns in the expression.
    var columnIDs: Set<Int> {
        var columns: Set<Int> = []
        collectColumns(into: &columns)
        return columns
    }

    /// The type of a column that the expression reads.
    func type(ofColumn id: Int) -> DataType? {
        if case .column(id, let type) = self { return type }
        return operands.lazy.compactMap { $0.type(ofColumn: id) }.first
    }

    /// The expression with columns replaced; those that are not in the table stay.
    func replacingColumns(_ replacements: [Int: Expression]) -> Expression {
        if case .column(let id, _) = self { return replacements[id] ?? self }
        return mapOperands { $0.replacingColumns(replacements) }
    }

    /// Whether the same row always gives the same value.
    var isRepeatable: Bool {
        if case .call(let function, _) = self, !function.isImmutable { return false }
        return operands.allSatisfy(\.isRepeatable)
    }

    /// Whether evaluating it on a row that nobody asked for might fail.
    var mayFail: Bool {
        switch self {
        case .call, .cast: true
        default: operands.contains(where: \.mayFail)
        }
    }

    var isConstant: Bool { if case .constant = self { true } else { false } }

    var constantValue: Value? { if case .constant(let value, _) = self { value } else { nil } }

    static let `true` = Expression.constant(.boolean(true), .boolean)
    static let `false` = Expression.constant(.boolean(false), .boolean)
}
