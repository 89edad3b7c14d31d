import Columns

/// Computes window functions over the rows of each partition. Output: the input's columns, a column a call;
/// rows come sorted by partition and order.
public struct WindowNode: Sendable {
    public var input: PhysicalPlan
    public var partition: [Expression]
    public var order: [SortKey]
    public var calls: [WindowCall]
    /// Whether the input comes sorted by partition and order.
    public var isSorted: Bool
    /// Rows of a partition beyond so many, in its order, may be left out; nil for none.
    public var rowLimit: Int?

    public init(
        input: PhysicalPlan, partition: [Expression], order: [SortKey], calls: [WindowCall], isSorted: Bool,
        rowLimit: Int? = nil
    ) {
        self.input = input
        self.partition = partition
        self.order = order
        self.calls = calls
        self.isSorted = isSorted
        self.rowLimit = rowLimit
    }
}

public enum WindowFunction: Hashable, Sendable {
    case rowNumber, rank, denseRank, percentRank, cumeDist, ntile, lag, lead, firstValue, lastValue, nthValue
    case aggregate(AggregateFunction)
}

/// The rows around the current one that a function looks at.
public struct WindowBounds: Hashable, Sendable {
    public enum Unit: String, Hashable, Sendable { case rows, range, groups }

    /// An offset counts rows or groups as BIGINT; of RANGE it is `distance`, and `target` is the value of
    /// the order key that the frame reaches to, of the type of `rangeKey`.
    public enum Bound: Hashable, Sendable {
        case unbounded
        case currentRow
        case preceding(distance: Expression, target: Expression?)
        case following(distance: Expression, target: Expression?)
    }

    public enum Exclusion: String, Hashable, Sendable { case none, currentRow, group, ties }

    public var unit: Unit
    public var start: Bound
    public var end: Bound
    public var exclusion: Exclusion
    /// The order key that targets of RANGE are compared with.
    public var rangeKey: Expression?

    public init(unit: Unit, start: Bound, end: Bound, exclusion: Exclusion, rangeKey: Expression? = nil) {
        self.unit = unit
        self.start = start
        self.end = end
        self.exclusion = exclusion
        self.rangeKey = rangeKey
    }

    var expressions: [Expression] {
        [start, end].flatMap { bound -> [Expression] in
            switch bound {
            case .unbounded, .currentRow: []
            case .preceding(let distance, let target), .following(let distance, let target):
                [distance] + (target.map { [$0] } ?? [])
            }
        } + (rangeKey.map { [$0] } ?? [])
    }

    func mapExpressions<Failure: Error>(
        _ change: (Expression) throws(Failure) -> Expression
    ) throws(Failure) -> WindowBounds {
        func mapped(_ bound: Bound) throws(Failure) -> Bound {
            switch bound {
            case .unbounded, .currentRow: return bound
            case .preceding(let distance, let target):
                return .preceding(distance: try change(distance), target: try mapped(target))
            case .following(let distance, let target):
                return .following(distance: try change(distance), target: try mapped(target))
            }
        }
        func mapped(_ expression: Expression?) throws(Failure) -> Expression? {
            guard let expression else { return nil }
            return try change(expression)
        }
        return WindowBounds(
            unit: unit, start: try mapped(start), end: try mapped(end), exclusion: exclusion,
            rangeKey: try mapped(rangeKey))
    }
}

public struct WindowCall: Hashable, Sendable {
    public var function: WindowFunction
    /// As the function takes them: of lag and lead the value, the distance as BIGINT and the default.
    public var arguments: [Expression]
    /// Rows for which it is not true do not count; aggregates only.
    public var filter: Expression?
    public var bounds: WindowBounds
    public var returnType: DataType

    public init(
        function: WindowFunction, arguments: [Expression], filter: Expression? = nil, bounds: WindowBounds,
        returnType: DataType
    ) {
        self.function = function
        self.arguments = arguments
        self.filter = filter
        self.bounds = bounds
        self.returnType = returnType
    }

    /// Everything that is evaluated for a row.
    public var expressions: [Expression] {
        arguments + (filter.map { [$0] } ?? []) + bounds.expressions
    }

    /// The same call of changed expressions.
    public func mapExpressions<Failure: Error>(
        _ change: (Expression) throws(Failure) -> Expression
    ) throws(Failure) -> WindowCall {
        var result = self
        for index in arguments.indices { result.arguments[index] = try change(arguments[index]) }
        if let filter { result.filter = try change(filter) }
        result.bounds = try bounds.mapExpressions(change)
        return result
    }
}
