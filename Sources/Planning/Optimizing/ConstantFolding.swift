import Columns
import Execution

/// Computes what does not depend on rows, drops conditions that always hold, and takes conditions that
/// every branch of an OR shares out of it, where they can join or filter.
enum ConstantFolding: OptimizerRule {
    static let name = "constant folding"

    static func apply(to plan: LogicalPlan, _ estimator: CardinalityEstimator) -> LogicalPlan {
        let folded = plan.mapInputs { apply(to: $0, estimator) }.mapExpressions(fold)
        switch folded {
        case .filter(let input, let conditions):
            let kept = simplified(conditions)
            if kept.contains(where: isNever) { return .values([], columns: input.columns) }
            return kept.isEmpty ? input : .filter(input, kept)
        case .join(var join) where join.kind != .nullAwareAnti:
            join.conditions = simplified(join.conditions)
            return .join(join)
        default: return folded
        }
    }

    /// The conditions one by one, without those that always hold.
    private static func simplified(_ conditions: [Expression]) -> [Expression] {
        conditions.flatMap(\.conjuncts).filter { $0 != .true }
    }

    private static func isNever(_ condition: Expression) -> Bool {
        guard let value = condition.constantValue else { return false }
        return value == .boolean(false) || value.isNull
    }

    static func fold(_ expression: Expression) -> Expression {
        let folded = expression.mapOperands(fold)
        switch folded {
        case .and(let parts): return conjunction(parts.flatMap(\.conjuncts))
        case .or(let parts): return disjunction(parts.flatMap(disjuncts))
        case .not(let operand): return negation(operand)
        case .isNull(let operand):
            return operand.constantValue.map { truth($0.isNull) } ?? folded
        case .isNotNull(let operand):
            return operand.constantValue.map { truth(!$0.isNull) } ?? folded
        case .comparison(let sign, let left, let right):
            return ConstantArithmetic.compare(sign, left, right)
                ?? ComparisonNarrowing.narrowed(sign, left, right) ?? folded
        case .call(let function, let arguments):
            return ConstantArithmetic.call(function, arguments) ?? folded
        case .cast(let operand, let type):
            guard let value = operand.constantValue,
                let converted = ConstantConversion.convert(value, to: type)
            else { return folded }
            return .constant(converted, type)
        case .caseWhen(let branches, let otherwise, let type): return simplify(branches, otherwise, type)
        case .column, .constant, .inList, .coalesce: return folded
        }
    }

    static func truth(_ value: Bool) -> Expression { value ? .true : .false }

    private static func disjuncts(_ expression: Expression) -> [Expression] {
        if case .or(let parts) = expression { parts.flatMap(disjuncts) } else { [expression] }
    }

    private static func conjunction(_ parts: [Expression]) -> Expression {
        if parts.contains(.false) { return .false }
        let kept = parts.filter { $0 != .true }
        return Expression.conjunction(kept) ?? .true
    }

    /// `(a AND b) OR (a AND c)` is `a AND (b OR c)`.
    private static func disjunction(_ parts: [Expression]) -> Expression {
        if parts.contains(.true) { return .true }
        let kept = parts.filter { $0 != .false }
        guard let first = kept.first else { return .false }
        if kept.count == 1 { return first }
        let branches = kept.map(\.conjuncts)
        let shared = branches[0].filter { part in branches.allSatisfy { $0.contains(part) } }
        if shared.isEmpty { return .or(kept) }
        let rest = branches.map { branch in branch.filter { !shared.contains($0) } }
        if rest.contains(where: \.isEmpty) { return conjunction(shared) }
        return conjunction(shared + [.or(rest.map { conjunction($0) })])
    }

    static func negation(_ operand: Expression) -> Expression {
        switch operand {
        case .constant(.boolean(let value), _): truth(!value)
        case .constant(.null, _): operand
        case .not(let inner): inner
        case .isNull(let inner): .isNotNull(inner)
        case .isNotNull(let inner): .isNull(inner)
        case .comparison(let sign, let left, let right): .comparison(negated(sign), left, right)
        default: .not(operand)
        }
    }

    /// The comparison that is true where the other is false; both are NULL together.
    private static func negated(_ sign: Comparison) -> Comparison {
        switch sign {
        case .equal: .notEqual
        case .notEqual: .equal
        case .less: .greaterOrEqual
        case .lessOrEqual: .greater
        case .greater: .lessOrEqual
        case .greaterOrEqual: .less
        case .distinct: .notDistinct
        case .notDistinct: .distinct
        }
    }

    private static func simplify(
        _ branches: [WhenBranch], _ otherwise: Expression?, _ type: DataType
    ) -> Expression {
        var kept: [WhenBranch] = []
        var rest = otherwise
        for branch in branches {
            if isNever(branch.condition) { continue }
            if branch.condition == .true {
                rest = branch.result
                break
            }
            kept.append(branch)
        }
        if kept.isEmpty { return rest ?? .constant(.null, type) }
        return .caseWhen(kept, otherwise: rest, type)
    }
}
