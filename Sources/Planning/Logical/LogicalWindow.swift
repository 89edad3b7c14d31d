import Columns
import Execution

/// Window functions over one partition and order; puts out the input's columns and one a call.
struct LogicalWindow: Hashable {
    struct Call: Hashable {
        var call: WindowCall
        var column: LogicalColumn
    }

    var input: LogicalPlan
    var partition: [Expression]
    var order: [SortKey]
    var calls: [Call]
    /// Rows of a partition beyond so many, in its order, are not wanted; nil for all.
    var rowLimit: Int?

    var expressions: [Expression] {
        partition + order.map(\.expression) + calls.flatMap(\.call.expressions)
    }

    func mapExpressions(_ change: (Expression) -> Expression) -> LogicalWindow {
        var result = self
        result.partition = partition.map(change)
        for index in order.indices { result.order[index].expression = change(order[index].expression) }
        for index in calls.indices { result.calls[index].call = calls[index].call.mapExpressions(change) }
        return result
    }

    /// Whether rows sorted for `other` are sorted for this one too.
    func sharesSort(of other: LogicalWindow) -> Bool {
        partition == other.partition && other.order.starts(with: order)
    }
}
