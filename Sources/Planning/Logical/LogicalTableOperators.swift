import Columns
import Execution

/// A common table that reads itself: the rows of `seed`, then those of `step` over the rows that the step
/// before gave, until there are none.
struct LogicalRecursive: Hashable {
    /// The number under which `step` reads the rows of the step before, by a `commonScan`.
    var id: Int
    var seed: UnionInput
    var step: UnionInput
    var columns: [LogicalColumn]
    /// UNION: a row that was there before is dropped, which ends cycles.
    var isDistinct: Bool
}

/// Functions that give several values for a row: each row of the input comes once for every value, beside
/// it. Shorter functions are filled up with NULLs; a row without values is dropped.
struct LogicalTableFunctions: Hashable {
    struct Call: Hashable {
        var function: TableFunction
        var arguments: [Expression]
        var column: LogicalColumn
    }

    var input: LogicalPlan
    var calls: [Call]
    /// Counts the values of a row from 1; a BIGINT.
    var ordinality: LogicalColumn?

    /// Columns beside those of the input.
    var made: [LogicalColumn] { calls.map(\.column) + (ordinality.map { [$0] } ?? []) }
}

/// Beside each left row the right row with equal keys whose `rightOrder` is nearest among those for which
/// `leftOrder comparison rightOrder` holds.
struct LogicalAsOfJoin: Hashable {
    /// Inner, or left to keep rows without a match.
    var kind: JoinKind
    var left: LogicalPlan
    var right: LogicalPlan
    /// Same length and types.
    var leftKeys: [Expression]
    var rightKeys: [Expression]
    var leftOrder: Expression
    var rightOrder: Expression
    /// One of the four inequalities.
    var comparison: Comparison

    var expressions: [Expression] { leftKeys + rightKeys + [leftOrder, rightOrder] }

    func mapExpressions(_ change: (Expression) -> Expression) -> LogicalAsOfJoin {
        var result = self
        result.leftKeys = leftKeys.map(change)
        result.rightKeys = rightKeys.map(change)
        result.leftOrder = change(leftOrder)
        result.rightOrder = change(rightOrder)
        return result
    }
}

/// Rows of each partition by their number in the order of `keys`: those after `offset`, at most `count` of
/// them. The rows come out in the order of `keys`.
struct LogicalRankedLimit: Hashable {
    var input: LogicalPlan
    /// None for one partition of all rows.
    var partition: [Expression]
    var keys: [SortKey]
    /// BIGINTs, the same for all rows of a partition; NULL or nil for no limit.
    var count: Expression?
    var offset: Expression?
    /// Whether rows with the keys of the last row that is taken are taken too.
    var withTies = false

    var expressions: [Expression] {
        partition + keys.map(\.expression) + [count, offset].compactMap { $0 }
    }

    func mapExpressions(_ change: (Expression) -> Expression) -> LogicalRankedLimit {
        var result = self
        result.partition = partition.map(change)
        result.keys = keys.map {
            SortKey(change($0.expression), isDescending: $0.isDescending, nullsFirst: $0.nullsFirst)
        }
        result.count = count.map(change)
        result.offset = offset.map(change)
        return result
    }
}
