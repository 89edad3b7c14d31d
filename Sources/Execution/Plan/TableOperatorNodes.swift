import Columns

/// The rows of `seed`, then again and again those of `step` over the rows that came last, until none come.
/// The rows that came last are what a `cteScan` of `id` within `step` reads.
public struct RecursiveNode: Sendable {
    public var id: Int
    public var seed: PhysicalPlan
    /// The same types as `seed`.
    public var step: PhysicalPlan
    /// Whether a row that has been there before is dropped; NULLs are equal to each other.
    public var isDistinct: Bool

    public init(id: Int, seed: PhysicalPlan, step: PhysicalPlan, isDistinct: Bool) {
        self.id = id
        self.seed = seed
        self.step = step
        self.isDistinct = isDistinct
    }
}

/// Repeats each row for every value that functions give for it. Output: the input's columns, a column a
/// call, and a BIGINT that counts from 1 if there is ordinality. A call that has fewer values than another
/// is filled up with NULLs.
public struct TableFunctionsNode: Sendable {
    public var input: PhysicalPlan
    public var calls: [TableFunctionCall]
    public var withOrdinality: Bool

    public init(input: PhysicalPlan, calls: [TableFunctionCall], withOrdinality: Bool) {
        self.input = input
        self.calls = calls
        self.withOrdinality = withOrdinality
    }
}

public struct TableFunctionCall: Hashable, Sendable {
    public var function: TableFunction
    /// Exactly the function's parameter types.
    public var arguments: [Expression]

    public init(function: TableFunction, arguments: [Expression]) {
        self.function = function
        self.arguments = arguments
    }
}

/// Beside each left row the one right row with equal keys whose `rightOrder` is nearest to `leftOrder` among
/// those for which `leftOrder comparison rightOrder` is true. Of several equal ones any. Output: left
/// columns, then right columns.
public struct AsOfJoinNode: Sendable {
    /// `.inner`, or `.left` to keep rows without a match.
    public var kind: JoinKind
    public var left: PhysicalPlan
    public var right: PhysicalPlan
    /// Same length and, pair by pair, the same type; may be empty.
    public var leftKeys: [Expression]
    public var rightKeys: [Expression]
    public var leftOrder: Expression
    public var rightOrder: Expression
    /// `.less`, `.lessOrEqual`, `.greater` or `.greaterOrEqual`.
    public var comparison: Comparison

    public init(
        kind: JoinKind, left: PhysicalPlan, right: PhysicalPlan, leftKeys: [Expression],
        rightKeys: [Expression], leftOrder: Expression, rightOrder: Expression, comparison: Comparison
    ) {
        self.kind = kind
        self.left = left
        self.right = right
        self.leftKeys = leftKeys
        self.rightKeys = rightKeys
        self.leftOrder = leftOrder
        self.rightOrder = rightOrder
        self.comparison = comparison
    }
}

/// Takes rows of each partition by their number in it, in the order in which they come: those after
/// `offset`, at most `count` of them. Output: the input's columns.
public struct RankedLimitNode: Sendable {
    public var input: PhysicalPlan
    /// None for one partition of all rows; NULLs are equal to each other.
    public var partition: [Expression]
    /// By which rows count as equal; the input comes in their order.
    public var keys: [Expression]
    /// BIGINTs that are the same for all rows of a partition; NULL or nil for no limit. Negative values are
    /// an error (SQLSTATE 2201W, 2201X).
    public var count: Expression?
    public var offset: Expression?
    /// Whether rows with the keys of the last row that is taken are taken too.
    public var withTies: Bool

    public init(
        input: PhysicalPlan, partition: [Expression], keys: [Expression], count: Expression?,
        offset: Expression?, withTies: Bool
    ) {
        self.input = input
        self.partition = partition
        self.keys = keys
        self.count = count
        self.offset = offset
        self.withTies = withTies
    }
}
