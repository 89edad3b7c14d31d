import Columns

/// Makes the aggregators of calls.
enum AggregatorFactory {
    /// Aggregates of which repeated values change nothing.
    private static let idempotent: Set<String> = [
        "min", "max", "any_value", "bool_and", "bool_or", "every", "bit_and", "bit_or", "arg_min", "arg_max",
        "approx_count_distinct",
    ]
    /// Aggregates whose result depends on the order of rows.
    private static let ordered: Set<String> = ["string_agg", "array_agg", "first", "last", "any_value"]

    /// Whether a call without ORDER BY takes rows in the order of its input.
    static func needsInputOrder(_ call: AggregateCall) -> Bool {
        call.orderBy.isEmpty && call.function.name != "any_value" && ordered.contains(call.function.name)
    }

    /// What the aggregator of a call takes of a row: arguments, then keys of its order.
    static func inputs(of call: AggregateCall) -> [Expression] {
        isOrdered(call) ? call.arguments + call.orderBy.map(\.expression) : call.arguments
    }

    private static func isOrdered(_ call: AggregateCall) -> Bool {
        !call.orderBy.isEmpty && ordered.contains(call.function.name)
    }

    /// An aggregator for each call, in order. Percentiles of the same rows share what they keep, exact sums
    /// and averages of the same rows their states.
    ///
    /// - Parameter isGrouped: Whether there can be groups other than number 0.
    static func make(
        _ calls: [AggregateCall], isGrouped: Bool
    ) throws(ExecutionError) -> [Aggregator] {
        var made: [Aggregator] = []
        for (index, call) in calls.enumerated() {
            if isExactSum(call) {
                let alike = calls[..<index].firstIndex { other in
                    isExactSum(other) && other.arguments == call.arguments && other.filter == call.filter
                }
                let shared = alike.flatMap { made[$0] as? ExactSumAggregator }
                made.append(ExactSumAggregator(call.function, sharing: isRepeatable(call) ? shared : nil))
                continue
            }
            guard isPercentile(call), !call.isDistinct else {
                made.append(try make(call, isGrouped: isGrouped))
                continue
            }
            let alike = calls[..<index].firstIndex { other in
                isPercentile(other) && !other.isDistinct && other.arguments == call.arguments
                    && other.filter == call.filter
            }
            made.append(
                percentile(
                    call, isGrouped: isGrouped, sharing: alike.flatMap { made[$0] as? PercentileAggregator }))
        }
        return made
    }

    static func make(_ call: AggregateCall, isGrouped: Bool) throws(ExecutionError) -> Aggregator {
        let types = call.arguments.map(\.type)
        var result = try plain(call, isGrouped: isGrouped)
        if isOrdered(call) { result = OrderedAggregator(result, argumentTypes: types, keys: call.orderBy) }
        guard call.isDistinct, !types.isEmpty, !idempotent.contains(call.function.name) else { return result }
        let inputs = Self.inputs(of: call)
        return DistinctAggregator(result, types: inputs.map(\.type), isGrouped: isGrouped)
    }

    /// Whether equal calls take equal rows.
    private static func isRepeatable(_ call: AggregateCall) -> Bool {
        call.arguments.allSatisfy(\.isRepeatable) && call.filter?.isRepeatable ?? true
    }

    private static func isExactSum(_ call: AggregateCall) -> Bool {
        guard call.function.name == "sum" || call.function.name == "avg", !call.isDistinct,
            let type = call.function.parameterTypes.first
        else { return false }
        return type != .interval && !type.isFloatingPoint
    }

    private static func isPercentile(_ call: AggregateCall) -> Bool {
        guard call.function.name == "percentile_cont" || call.function.name == "percentile_disc",
            let type = call.function.parameterTypes.first
        else { return false }
        return ValueLog.takes(type.physical)
    }

    private static func percentile(
        _ call: AggregateCall, isGrouped: Bool, sharing: PercentileAggregator?
    ) -> PercentileAggregator {
        PercentileAggregator(
            call.function, fraction: fraction(call), isDescending: call.orderBy.first?.isDescending ?? false,
            isGrouped: isGrouped, sharing: sharing)
    }

    private static func fraction(_ call: AggregateCall) -> Double? {
        if case .doublePrecision(let fraction) = call.constants.first { fraction } else { nil }
    }

    private static func plain(_ call: AggregateCall, isGrouped: Bool) throws(ExecutionError) -> Aggregator {
        let function = call.function
        switch function.name {
        case "count": return CountAggregator(type: function.returnType)
        case "sum", "avg":
            let type = function.parameterTypes[0]
            if type == .interval { return IntervalSumAggregator(function) }
            return type.isFloatingPoint ? FloatSumAggregator(function) : ExactSumAggregator(function)
        case "min", "max": return ExtremeAggregator(function)
        case "any_value": return ExtremeAggregator(function)
        case "bool_and", "bool_or", "every", "bit_and", "bit_or", "bit_xor":
            return BitwiseAggregator(function)
        case "array_agg": return ArrayAggregator(type: function.returnType)
        case "string_agg": return StringJoinAggregator(type: function.returnType)
        case "first", "last": return FirstAggregator(function)
        case "arg_min", "arg_max": return ArgumentExtremeAggregator(function)
        case "percentile_cont", "percentile_disc", "mode": return orderedSet(call, isGrouped: isGrouped)
        case "approx_count_distinct": return DistinctSketchAggregator()
        case "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop":
            return function.parameterTypes[0].isFloatingPoint
                ? MomentAggregator(function) : ExactVarianceAggregator(function)
        case "corr", "covar_pop", "covar_samp", "regr_slope", "regr_intercept", "regr_r2", "regr_count",
            "regr_avgx", "regr_avgy", "regr_sxx", "regr_syy", "regr_sxy":
            return MomentAggregator(function)
        default: throw .unsupported(feature: "aggregate \(function.name)")
        }
    }

    private static func orderedSet(_ call: AggregateCall, isGrouped: Bool) -> Aggregator {
        if isPercentile(call) { return percentile(call, isGrouped: isGrouped, sharing: nil) }
        let argument = call.arguments[0]
        let key = call.orderBy.first ?? SortKey(argument)
        switch call.function.name {
        case "mode": return SortedPickAggregator(call.function, .mode, key: key)
        case "percentile_cont":
            return SortedPickAggregator(call.function, .continuous(fraction(call)), key: key)
        default: return SortedPickAggregator(call.function, .discrete(fraction(call)), key: key)
        }
    }
}
