import Columns
import Execution

extension CardinalityEstimator {
    /// Steps that a recursion is expected to take.
    private static let recursionSteps = 10.0
    /// Values that a table function is expected to give for a row, unless its arguments are constants.
    private static let functionRows = 10.0

    func estimate(_ recursive: LogicalRecursive) -> Estimate {
        let seed = estimate(recursive.seed.plan).rows
        commonTables[recursive.id] = (uniform(rows: seed, recursive.columns), recursive.columns)
        return uniform(rows: seed * Self.recursionSteps, recursive.columns)
    }

    func estimate(_ functions: LogicalTableFunctions) -> Estimate {
        let input = estimate(functions.input)
        let each = functions.calls.map { Self.values(of: $0) }.max() ?? 1
        var result = input
        result.rows = input.rows * each
        for call in functions.calls {
            result.columns[call.column.id] = Estimate.Column(distinct: max(1, Self.values(of: call)))
        }
        if let ordinality = functions.ordinality {
            result.columns[ordinality.id] = Estimate.Column(distinct: max(1, each))
        }
        return result
    }

    private static func values(of call: LogicalTableFunctions.Call) -> Double {
        let numbers = call.arguments.compactMap { $0.constantValue?.integerValue.map { Double($0) } }
        guard call.function.name == "generate_series", numbers.count == call.arguments.count,
            numbers.count >= 2
        else { return functionRows }
        let step = numbers.count > 2 ? numbers[2] : 1
        return step == 0 ? 0 : max(0, (numbers[1] - numbers[0]) / step + 1).rounded(.down)
    }

    func estimate(_ join: LogicalAsOfJoin) -> Estimate {
        var result = estimate(join.left)
        for (id, column) in estimate(join.right).columns { result.columns[id] = column }
        return result.scaled(to: result.rows)
    }

    func estimate(_ limit: LogicalRankedLimit) -> Estimate {
        let input = estimate(limit.input)
        guard let count = limit.count?.constantValue?.integerValue else { return input }
        let partitions = limit.partition.reduce(1.0) { $0 * input.distinct($1) }
        return input.scaled(to: min(input.rows, min(partitions, input.rows) * Double(count)))
    }

    func estimate(_ window: LogicalWindow) -> Estimate {
        var result = estimate(window.input)
        if let limit = window.rowLimit {
            let partitions = window.partition.reduce(1.0) { $0 * result.distinct($1) }
            result = result.scaled(to: min(result.rows, min(partitions, result.rows) * Double(limit)))
        }
        let numbers = min(window.rowLimit.map { Double($0) } ?? result.rows, result.rows)
        for call in window.calls {
            result.columns[call.column.id] = Estimate.Column(distinct: max(1, numbers))
        }
        return result
    }
}
