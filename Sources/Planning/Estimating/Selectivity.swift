import Columns
import Execution

/// The part of the rows for which a condition is true.
enum Selectivity {
    static let unknown = 0.25
    static let range = 1.0 / 3
    static let pattern = 0.1

    static func of(_ condition: Expression, _ input: Estimate) -> Double {
        switch condition {
        case .constant(let value, _): return value == .boolean(true) ? 1 : 0
        case .and(let parts): return ofAll(parts, input)
        case .or(let parts): return 1 - parts.reduce(1) { $0 * (1 - of($1, input)) }
        case .not(let operand): return 1 - of(operand, input)
        case .isNull(.column(let id, _)): return input.columns[id]?.nullFraction ?? 0.05
        case .isNotNull(.column(let id, _)): return 1 - (input.columns[id]?.nullFraction ?? 0.05)
        case .isNull: return 0.05
        case .isNotNull: return 0.95
        case .inList(let operand, let values):
            if case .column(let id, _) = operand, let known = input.columns[id]?.statistics {
                return known.selectivity(in: values)
            }
            return min(1, Double(values.count) / input.distinct(operand))
        case .comparison(let sign, let left, let right): return comparison(sign, left, right, input)
        case .call(let function, _) where function.name.hasSuffix("~~") || function.name.hasSuffix("~~*"):
            return function.name.hasPrefix("!") ? 1 - pattern : pattern
        case .column, .call, .cast, .caseWhen, .coalesce: return unknown
        }
    }

    /// The part for which all conditions are true. Two bounds of one column leave what lies between them.
    static func ofAll(_ conditions: [Expression], _ input: Estimate) -> Double {
        var result = 1.0
        var upper: [Int: Double] = [:]
        var lower: [Int: Double] = [:]
        for condition in conditions.flatMap(\.conjuncts) {
            let part = of(condition, input)
            guard case .comparison(let sign, .column(let id, _), .constant) = condition else {
                result *= part
                continue
            }
            switch sign {
            case .less, .lessOrEqual: upper[id] = min(upper[id] ?? 1, part)
            case .greater, .greaterOrEqual: lower[id] = min(lower[id] ?? 1, part)
            default: result *= part
            }
        }
        for (id, part) in upper {
            guard let other = lower[id] else {
                result *= part
                continue
            }
            let between = part + other - 1
            result *= between > 0.001 ? between : min(part * other, 0.001)
        }
        for (id, part) in lower where upper[id] == nil { result *= part }
        return result
    }

    private static func comparison(
        _ sign: Comparison, _ left: Expression, _ right: Expression, _ input: Estimate
    ) -> Double {
        if let known = known(sign, left, right, input) ?? known(sign.flipped, right, left, input) {
            return known
        }
        switch sign {
        case .equal, .notDistinct: return 1 / max(1, input.distinct(left), input.distinct(right))
        case .notEqual, .distinct: return 1 - 1 / max(1, input.distinct(left), input.distinct(right))
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            if case .column(let id, _) = left, let value = right.constantValue {
                return below(id, value, input).map { part in isUpper(sign) ? part : 1 - part } ?? range
            }
            if case .column(let id, _) = right, let value = left.constantValue {
                return below(id, value, input).map { part in isUpper(sign) ? 1 - part : part } ?? range
            }
            return range
        }
    }

    /// What the statistics of a column say of a comparison with a constant; nil when they say nothing.
    private static func known(
        _ sign: Comparison, _ left: Expression, _ right: Expression, _ input: Estimate
    ) -> Double? {
        guard case .column(let id, _) = left, let value = right.constantValue, !value.isNull,
            let column = input.columns[id], let statistics = column.statistics
        else { return nil }
        let part: Double? =
            switch sign {
            case .equal, .notDistinct: statistics.selectivity(equalTo: value)
            case .notEqual, .distinct: 1 - statistics.selectivity(equalTo: value)
            case .less: statistics.selectivity(below: value)
            case .lessOrEqual: statistics.selectivity(below: value, orEqual: true)
            case .greater: statistics.selectivity(above: value)
            case .greaterOrEqual: statistics.selectivity(above: value, orEqual: true)
            }
        // Never quite nothing: statistics are of samples.
        return part.map { max(0.000_001, min(1, $0)) * (1 - column.nullFraction) }
    }

    private static func isUpper(_ sign: Comparison) -> Bool { sign == .less || sign == .lessOrEqual }

    /// The part of a column's range below a value, never quite nothing.
    private static func below(_ id: Int, _ value: Value, _ input: Estimate) -> Double? {
        guard let column = input.columns[id], let minimum = column.minimum, let maximum = column.maximum,
            let place = ValueOrder.place(value), maximum > minimum
        else { return nil }
        return max(0.001, min(0.999, (place - minimum) / (maximum - minimum)))
    }
}
