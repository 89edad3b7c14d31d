import Columns
import Execution

/// Turns outer joins into inner ones where a condition above throws the NULL-extended rows away.
enum OuterJoinReduction {
    /// The weakest kind that gives the same rows under `conditions`.
    static func reduced(_ join: LogicalJoin, under conditions: [Expression]) -> JoinKind {
        let rejectsLeft = conditions.contains { rejectsNull($0, of: join.left.columnIDs) }
        let rejectsRight = conditions.contains { rejectsNull($0, of: join.right.columnIDs) }
        switch join.kind {
        case .left: return rejectsRight ? .inner : .left
        case .right: return rejectsLeft ? .inner : .right
        case .full:
            if rejectsLeft && rejectsRight { return .inner }
            return rejectsLeft ? .left : rejectsRight ? .right : .full
        case .inner, .single, .semi, .anti, .nullAwareAnti, .rightSemi, .rightAnti: return join.kind
        }
    }

    /// Whether the condition cannot be true of a row in which all these columns are NULL.
    static func rejectsNull(_ condition: Expression, of columns: Set<Int>) -> Bool {
        switch condition {
        case .and(let parts): parts.contains { rejectsNull($0, of: columns) }
        case .or(let parts): parts.allSatisfy { rejectsNull($0, of: columns) }
        case .isNotNull(let operand): isNullOnNull(operand, of: columns)
        case .comparison(.notDistinct, let operand, let constant):
            (constant.constantValue.map { !$0.isNull } ?? false) && isNullOnNull(operand, of: columns)
        default: isNullOnNull(condition, of: columns)
        }
    }

    /// Whether the expression is NULL where all these columns are.
    private static func isNullOnNull(_ expression: Expression, of columns: Set<Int>) -> Bool {
        switch expression {
        case .column(let id, _): columns.contains(id)
        case .constant(let value, _): value.isNull
        case .comparison(let sign, let left, let right):
            sign != .distinct && sign != .notDistinct
                && (isNullOnNull(left, of: columns) || isNullOnNull(right, of: columns))
        case .not(let operand), .cast(let operand, _), .inList(let operand, _):
            isNullOnNull(operand, of: columns)
        case .call(let function, let arguments):
            !notStrict.contains(function.name) && arguments.contains { isNullOnNull($0, of: columns) }
        case .coalesce(let parts, _), .and(let parts), .or(let parts):
            parts.allSatisfy { isNullOnNull($0, of: columns) }
        case .isNull, .isNotNull, .caseWhen: false
        }
    }

    /// Functions that may give a value for a NULL.
    private static let notStrict: Set<String> = ["concat", "concat_ws", "greatest", "least", "nullif"]
}
