import Columns
import Storage
import TableCatalog

/// One operator of a plan with its inputs: what the executor runs. Output columns are given by position.
public struct PhysicalPlan: Sendable {
    public var node: Node
    public var outputTypes: [DataType]
    /// Rows that the planner expects; for EXPLAIN and for choosing the size of hash tables.
    public var estimatedRows: Double

    public init(_ node: Node, outputTypes: [DataType], estimatedRows: Double) {
        self.node = node
        self.outputTypes = outputTypes
        self.estimatedRows = estimatedRows
    }

    public indirect enum Node: Sendable {
        case scan(ScanNode)
        /// Constant rows; no rows and no columns are both legal (SELECT 1 is one row without columns,
        /// projected).
        case values([[Expression]])
        case filter(PhysicalPlan, Expression)
        case project(PhysicalPlan, [Expression])
        case hashJoin(HashJoinNode)
        /// Every pair of rows; left columns first.
        case crossJoin(left: PhysicalPlan, right: PhysicalPlan, condition: Expression?)
        case aggregate(AggregateNode)
        /// Each row once for every grouping set; output is the input's columns, the keys, then the set's
        /// number as INTEGER.
        case expand(ExpandNode)
        /// All rows in order, or the first `limit` after `offset` by a bounded heap.
        case sort(PhysicalPlan, keys: [SortKey], limit: Int?, offset: Int)
        case limit(PhysicalPlan, count: Int?, offset: Int)
        case unionAll([PhysicalPlan])
        /// Distinct rows; NULLs are equal to each other.
        case distinct(PhysicalPlan)
        /// A plan whose one row and column (NULL when there is no row) is computed first and replaces
        /// `placeholder` column `index` of the outer input: appended as a constant column on the right.
        /// More than one row is an error (SQLSTATE 21000).
        case appendScalar(PhysicalPlan, scalar: PhysicalPlan)
        /// A plan that is run once and read by every `cteScan` with its number.
        case materialize(id: Int, plan: PhysicalPlan, body: PhysicalPlan)
        case cteScan(id: Int)
        case recursive(RecursiveNode)
        case tableFunctions(TableFunctionsNode)
        case asOfJoin(AsOfJoinNode)
        case window(WindowNode)
        case rankedLimit(RankedLimitNode)
    }
}

/// Reads columns of a table.
public struct ScanNode: Sendable {
    public var table: TableID
    /// An earlier version of the store; nil for the one that the query runs against.
    public var version: UInt64?
    public var tableName: String
    /// Indices of table columns, in output order; last may stand `rowLocatorIndex`.
    public var columns: [Int]
    public var columnNames: [String]
    /// Let the scan skip row groups and vectors. Column indices are those of the table.
    public var predicates: [ScanPredicate]
    /// Let the scan skip row groups and vectors, and are not checked row by row.
    public var zonePredicates: [ScanPredicate] = []
    /// What every row must satisfy, over the output columns. Includes everything that `predicates` say.
    public var filter: Expression?
    /// Output columns that only the filter reads: a source that evaluates it may give anything for them.
    public var filterOnlyColumns: Set<Int>

    /// The index of a column that no table has: where each row lies, as BIGINT of `RowLocator.rawValue`.
    public static let rowLocatorIndex = -1

    public init(
        table: TableID, version: UInt64? = nil, tableName: String, columns: [Int], columnNames: [String],
        predicates: [ScanPredicate] = [],
        filter: Expression? = nil, filterOnlyColumns: Set<Int> = []
    ) {
        self.table = table
        self.version = version
        self.tableName = tableName
        self.columns = columns
        self.columnNames = columnNames
        self.predicates = predicates
        self.filter = filter
        self.filterOnlyColumns = filterOnlyColumns
    }
}

public enum JoinKind: String, Hashable, Sendable {
    case inner, left, right, full
    /// As left, but a second match of a left row is an error (SQLSTATE 21000).
    case single
    /// Left rows with a match; output is the left columns only.
    case semi
    /// Left rows without a match; output is the left columns only.
    case anti
    /// Right rows with a match, or without one; output is the right columns only. The left side is read once
    /// and only marks the rows of the right side.
    case rightSemi, rightAnti
    /// NOT IN: as anti, but no row at all when the right side has a NULL key, and no left row whose key is
    /// NULL unless the right side is empty.
    case nullAwareAnti
}

extension JoinKind {
    /// Whether the rows of the right side come out after the left side has been read.
    var marksBuildRows: Bool {
        switch self {
        case .right, .full, .rightSemi, .rightAnti: true
        case .inner, .left, .single, .semi, .anti, .nullAwareAnti: false
        }
    }
}

/// Joins by equality of keys. The right side is built into a hash table, the left side probes it.
/// Output: left columns, then right columns (left only for semi and anti).
public struct HashJoinNode: Sendable {
    public var kind: JoinKind
    public var left: PhysicalPlan
    public var right: PhysicalPlan
    /// Same length and, pair by pair, the same type. At least one.
    public var leftKeys: [Expression]
    public var rightKeys: [Expression]
    /// Over left columns, then right columns; a pair of rows matches only if it is true.
    public var residual: Expression?

    public init(
        kind: JoinKind, left: PhysicalPlan, right: PhysicalPlan, leftKeys: [Expression],
        rightKeys: [Expression],
        residual: Expression? = nil
    ) {
        self.kind = kind
        self.left = left
        self.right = right
        self.leftKeys = leftKeys
        self.rightKeys = rightKeys
        self.residual = residual
    }
}

/// Groups rows. Output: the group expressions, then the aggregates. Without groups there is exactly one row.
public struct AggregateNode: Sendable {
    public var input: PhysicalPlan
    public var groups: [Expression]
    public var aggregates: [AggregateCall]
    /// Groups that are there also when no row is in them, a value a group expression.
    public var constantGroups: [[Value]]

    public init(
        input: PhysicalPlan, groups: [Expression], aggregates: [AggregateCall],
        constantGroups: [[Value]] = []
    ) {
        self.input = input
        self.groups = groups
        self.aggregates = aggregates
        self.constantGroups = constantGroups
    }
}

/// Repeats rows for grouping sets.
public struct ExpandNode: Sendable {
    public var input: PhysicalPlan
    public var keys: [Expression]
    /// The indices of the keys that each set keeps; the others are NULL in its rows.
    public var sets: [Set<Int>]

    public init(input: PhysicalPlan, keys: [Expression], sets: [Set<Int>]) {
        self.input = input
        self.keys = keys
        self.sets = sets
    }
}

public struct AggregateCall: Hashable, Sendable {
    public var function: AggregateFunction
    /// Exactly the function's parameter types; empty for COUNT(*).
    public var arguments: [Expression]
    public var isDistinct: Bool
    public var filter: Expression?
    /// The order in which the rows of a group are taken. Of an ordered-set aggregate (`percentile_disc`,
    /// `mode`): one key, whose expression is the first argument.
    public var orderBy: [SortKey]
    /// Arguments with one value for all rows: the fraction of a percentile.
    public var constants: [Value]

    public init(
        function: AggregateFunction, arguments: [Expression], isDistinct: Bool = false,
        filter: Expression? = nil, orderBy: [SortKey] = [], constants: [Value] = []
    ) {
        self.function = function
        self.arguments = arguments
        self.isDistinct = isDistinct
        self.filter = filter
        self.orderBy = orderBy
        self.constants = constants
    }

    /// Everything that is evaluated for a row.
    public var expressions: [Expression] {
        arguments + orderBy.map(\.expression) + (filter.map { [$0] } ?? [])
    }

    /// The same call of changed expressions.
    public func mapExpressions<Failure: Error>(
        _ change: (Expression) throws(Failure) -> Expression
    ) throws(Failure) -> AggregateCall {
        var result = self
        for index in arguments.indices { result.arguments[index] = try change(arguments[index]) }
        for index in orderBy.indices {
            result.orderBy[index].expression = try change(orderBy[index].expression)
        }
        if let filter { result.filter = try change(filter) }
        return result
    }
}

public struct SortKey: Hashable, Sendable {
    public var expression: Expression
    public var isDescending: Bool
    public var nullsFirst: Bool

    /// PostgreSQL's default puts NULLs last when ascending and first when descending.
    public init(_ expression: Expression, isDescending: Bool = false, nullsFirst: Bool? = nil) {
        self.expression = expression
        self.isDescending = isDescending
        self.nullsFirst = nullsFirst ?? isDescending
    }
}
