import Columns

/// Makes the aggregators of calls.
enum AggregatorFactory {
    /// - Parameter isGrouped: Whether there can be groups other than number 0.
    static func make(_ call: AggregateCall, isGrouped: Bool) throws(ExecutionError) -> Aggregator {
        let plain = try make(call.function)
        switch call.function.name {
        case "min", "max", "any_value", "bool_and", "bool_or", "every", "bit_and", "bit_or":
            // Repeated values change nothing.
            return plain
        default:
            return call.isDistinct && !call.arguments.isEmpty
                ? DistinctAggregator(plain, types: call.function.parameterTypes, isGrouped: isGrouped) : plain
        }
    }

    private static func make(_ function: AggregateFunction) throws(ExecutionError) -> Aggregator {
        switch function.name {
        case "count": return CountAggregator(type: function.returnType)
        case "sum", "avg":
            let type = function.parameterTypes[0]
            if type == .interval { return IntervalSumAggregator(function) }
            return type.isFloatingPoint ? FloatSumAggregator(function) : ExactSumAggregator(function)
        case "min", "max", "any_value": return ExtremeAggregator(function)
        case "bool_and", "bool_or", "every", "bit_and", "bit_or", "bit_xor":
            return BitwiseAggregator(function)
        case "array_agg": return ArrayAggregator(type: function.returnType)
        case "string_agg": return StringJoinAggregator(type: function.returnType)
        case "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop", "corr", "covar_pop",
            "covar_samp", "regr_slope", "regr_intercept", "regr_r2", "regr_count":
            return MomentAggregator(function)
        default: throw .unsupported(feature: "aggregate \(function.name)")
        }
    }
}
