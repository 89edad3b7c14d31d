import Columns

/// What expressions know of the query that they are part of.
struct EvaluationContext: Sendable {
    var statementTimestamp: Int64

    init(statementTimestamp: Int64 = 0) { self.statementTimestamp = statementTimestamp }

    init(_ context: QueryContext) { statementTimestamp = context.statementTimestamp }
}

/// Turns expressions into nodes for one worker.
struct ExpressionCompiler {
    let context: EvaluationContext

    /// - Throws: `.unsupported` for a function that the catalogue did not make.
    func compile(_ expression: Expression) throws(ExecutionError) -> ExpressionNode {
        try compile(expression, liftsDictionaries: true)
    }

    func compile(_ expressions: [Expression]) throws(ExecutionError) -> [ExpressionNode] {
        var nodes: [ExpressionNode] = []
        for expression in expressions { nodes.append(try compile(expression)) }
        return nodes
    }

    private func compile(
        _ expression: Expression, liftsDictionaries lifts: Bool
    ) throws(ExecutionError) -> ExpressionNode {
        if case .column(let index, let type) = expression { return ColumnNode(index: index, type: type) }
        if case .constant(let value, let type) = expression {
            return ConstantNode(Vector.constant(value, type: type, count: 1))
        }
        let columns = expression.columns
        let isRepeatable = expression.isRepeatable
        if lifts, isRepeatable, columns.count == 1, let column = columns.first {
            return DictionaryNode(try node(expression, lifts: false), column: column)
        }
        let node = try node(expression, lifts: lifts)
        guard columns.isEmpty, isRepeatable else { return node }
        do {
            let one = try node.evaluate(DataChunk(columns: [], rowCount: 1))
            return ConstantNode(one.constantOfFirstRow(count: 1))
        } catch {
            // A constant that fails must fail only for a row that reaches it.
            return node
        }
    }

    private func node(_ expression: Expression, lifts: Bool) throws(ExecutionError) -> ExpressionNode {
        switch expression {
        case .column, .constant: preconditionFailure("leaves are compiled before")
        case .comparison(let comparison, let left, let right):
            return ComparisonNode(
                comparison, try compile(left, liftsDictionaries: lifts),
                try compile(right, liftsDictionaries: lifts))
        case .and(let parts): return AndNode(try compileAll(parts, lifts))
        case .or(let parts): return OrNode(try compileAll(parts, lifts))
        case .not(let operand): return NotNode(try compile(operand, liftsDictionaries: lifts))
        case .isNull(let operand):
            return NullTestNode(try compile(operand, liftsDictionaries: lifts), isNegated: false)
        case .isNotNull(let operand):
            return NullTestNode(try compile(operand, liftsDictionaries: lifts), isNegated: true)
        case .call(let function, let arguments):
            return try CallNode(function, try compileAll(arguments, lifts), context)
        case .cast(let operand, let type):
            return CastNode(try compile(operand, liftsDictionaries: lifts), to: type)
        case .caseWhen(let branches, let otherwise, let type):
            var compiled: [CaseNode.Branch] = []
            for branch in branches {
                compiled.append(
                    CaseNode.Branch(
                        condition: try compile(branch.condition, liftsDictionaries: lifts),
                        result: try compile(branch.result, liftsDictionaries: lifts)))
            }
            let last: ExpressionNode? =
                if let otherwise { try compile(otherwise, liftsDictionaries: lifts) } else { nil }
            return CaseNode(compiled, otherwise: last, type: type)
        case .inList(let operand, let values):
            return InListNode(try compile(operand, liftsDictionaries: lifts), values)
        case .coalesce(let parts, let type):
            return CoalesceNode(try compileAll(parts, lifts), type: type)
        }
    }

    private func compileAll(_ expressions: [Expression], _ lifts: Bool) throws(ExecutionError)
        -> [ExpressionNode]
    {
        var nodes: [ExpressionNode] = []
        for expression in expressions { nodes.append(try compile(expression, liftsDictionaries: lifts)) }
        return nodes
    }
}

extension Expression {
    /// Its direct operands.
    var operands: [Expression] {
        switch self {
        case .column, .constant: []
        case .comparison(_, let left, let right): [left, right]
        case .and(let parts), .or(let parts), .coalesce(let parts, _): parts
        case .not(let operand), .isNull(let operand), .isNotNull(let operand), .cast(let operand, _),
            .inList(let operand, _):
            [operand]
        case .call(_, let arguments): arguments
        case .caseWhen(let branches, let otherwise, _):
            branches.flatMap { [$0.condition, $0.result] } + (otherwise.map { [$0] } ?? [])
        }
    }

    /// The input columns that it reads.
    var columns: Set<Int> {
        if case .column(let index, _) = self { return [index] }
        return operands.reduce(into: []) { $0.formUnion($1.columns) }
    }

    /// Whether it gives the same value for the same row throughout one statement.
    var isRepeatable: Bool {
        if case .call(let function, _) = self, function.isVolatile { return false }
        return operands.allSatisfy(\.isRepeatable)
    }
}
