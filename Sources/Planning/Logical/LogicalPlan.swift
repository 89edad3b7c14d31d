import Columns
import Execution
import TableCatalog

/// A column that some operator of a logical plan produces.
///
/// Expressions of logical plans are the executor's, except that `.column` holds a column's `id` instead of a
/// position: rules can then move operators without renumbering anything.
struct LogicalColumn: Hashable {
    /// Unique within one statement.
    var id: Int
    var name: String
    var type: DataType

    var reference: Expression { .column(id, type) }
}

struct NamedExpression: Hashable {
    var expression: Expression
    var column: LogicalColumn

    init(_ expression: Expression, as column: LogicalColumn) {
        self.expression = expression
        self.column = column
    }
}

/// A relational operator with its inputs.
indirect enum LogicalPlan: Hashable {
    case scan(LogicalScan)
    /// Rows of expressions without columns; no row and no column are both legal.
    case values([[Expression]], columns: [LogicalColumn])
    /// All conditions must hold.
    case filter(LogicalPlan, [Expression])
    case project(LogicalPlan, [NamedExpression])
    case join(LogicalJoin)
    case aggregate(LogicalAggregate)
    /// Each row once for every grouping set.
    case expand(LogicalExpand)
    case sort(LogicalPlan, keys: [SortKey], limit: Int?, offset: Int)
    case limit(LogicalPlan, count: Int?, offset: Int)
    case unionAll([UnionInput], columns: [LogicalColumn])
    /// Distinct rows of all columns.
    case distinct(LogicalPlan)
    /// Adds the value of a plan of at most one row and exactly one column.
    case appendScalar(LogicalPlan, scalar: LogicalPlan, column: LogicalColumn)
    /// Runs `plan` once for all `commonScan`s of that number in `body`.
    case materialize(id: Int, plan: LogicalPlan, body: LogicalPlan)
    /// Columns by the position in the materialised plan.
    case commonScan(id: Int, columns: [LogicalColumn])
    /// The rows of a recursive common table.
    case recursive(LogicalRecursive)
    /// Each row once for every value of table functions over it.
    case tableFunctions(LogicalTableFunctions)
    /// The nearest row of the right side beside each row of the left one.
    case asOfJoin(LogicalAsOfJoin)
    /// Window functions beside each row.
    case window(LogicalWindow)
    /// The first rows of each partition.
    case rankedLimit(LogicalRankedLimit)
}

struct LogicalScan: Hashable {
    struct Column: Hashable {
        var index: Int
        var column: LogicalColumn
    }

    var table: TableID
    var name: String
    var columns: [Column]
    /// nil for the version that the statement runs against.
    var version: UInt64?
    /// All must hold of every row.
    var filters: [Expression] = []
    /// Ids of columns that only the filters read.
    var filterOnlyColumns: Set<Int> = []
}

struct LogicalJoin: Hashable {
    /// An inner join without conditions pairs all rows.
    var kind: JoinKind
    var left: LogicalPlan
    var right: LogicalPlan
    /// All must hold of a pair of rows. Of a null-aware anti join: exactly one equality.
    var conditions: [Expression]

    /// Whether the rows of the right side are part of the output.
    var keepsRight: Bool {
        switch kind {
        case .inner, .left, .right, .full, .single, .rightSemi, .rightAnti: true
        case .semi, .anti, .nullAwareAnti: false
        }
    }

    /// Whether the rows of the left side are part of the output.
    var keepsLeft: Bool { kind != .rightSemi && kind != .rightAnti }
}

struct LogicalAggregate: Hashable {
    struct Call: Hashable {
        var call: AggregateCall
        var column: LogicalColumn
    }

    var input: LogicalPlan
    /// A group that is a plain column keeps the column's id.
    var groups: [NamedExpression]
    var calls: [Call]
    /// Groups that are there also when no row is in them, as values of `groups`: those of empty grouping
    /// sets.
    var constantGroups: [[Value]] = []
}

/// Repeats rows for grouping sets: each row once a set, with the keys of that set and NULL for the others.
///
/// Puts out the input's columns, the keys and the number of the set.
struct LogicalExpand: Hashable {
    var input: LogicalPlan
    var keys: [NamedExpression]
    /// The indices of the keys that each set groups by.
    var sets: [Set<Int>]
    var setColumn: LogicalColumn
}

struct UnionInput: Hashable {
    var plan: LogicalPlan
    /// Columns of `plan` that become the columns of the union, in order.
    var columns: [LogicalColumn]
}

extension LogicalPlan {
    /// One row without columns.
    static var oneRow: LogicalPlan { LogicalPlan.values([[]], columns: []) }

    /// What the operator puts out. The order matters only to `commonScan`, and there it is kept.
    var columns: [LogicalColumn] {
        switch self {
        case .scan(let scan): scan.columns.map(\.column)
        case .values(_, let columns), .unionAll(_, let columns), .commonScan(_, let columns): columns
        case .project(_, let items): items.map(\.column)
        case .filter(let input, _), .sort(let input, _, _, _), .limit(let input, _, _), .distinct(let input):
            input.columns
        case .join(let join): join.keepsRight ? join.left.columns + join.right.columns : join.left.columns
        case .expand(let expand): expand.input.columns + expand.keys.map(\.column) + [expand.setColumn]
        case .aggregate(let aggregate): aggregate.groups.map(\.column) + aggregate.calls.map(\.column)
        case .appendScalar(let input, _, let column): input.columns + [column]
        case .materialize(_, _, let body): body.columns
        case .recursive(let recursive): recursive.columns
        case .tableFunctions(let functions): functions.input.columns + functions.made
        case .asOfJoin(let join): join.left.columns + join.right.columns
        case .window(let window): window.input.columns + window.calls.map(\.column)
        case .rankedLimit(let limit): limit.input.columns
        }
    }

    var columnIDs: Set<Int> { Set(columns.map(\.id)) }
}
