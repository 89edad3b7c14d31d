import Columns
import Execution

/// What aggregates give for no rows.
enum EmptyAggregates {
    private static let counts: Set<String> = ["count", "regr_count", "approx_count_distinct"]

    static func value(of call: AggregateCall) -> Expression {
        let type = call.function.returnType
        return counts.contains(call.function.name) && type == .bigint
            ? .constant(.bigint(0), .bigint) : .constant(.null, type)
    }
}
