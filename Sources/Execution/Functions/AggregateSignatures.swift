import Columns

/// Argument and result types of the aggregate functions.
enum AggregateSignatures {
    struct Signature: Sendable {
        let shown: [String]
        let resolve: @Sendable ([ArgumentType]) -> (parameters: [DataType], result: DataType)?
    }

    static let all: [String: Signature] = {
        var all: [String: Signature] = [:]
        all["count"] = Signature(shown: ["count(*)", "count(any)"]) { arguments in
            switch arguments.first {
            case nil: ([], .bigint)
            case .known(let type) where arguments.count == 1: ([type], .bigint)
            case .unknown where arguments.count == 1: ([.text], .bigint)
            default: nil
            }
        }
        all["sum"] = Signature(shown: ["sum(number)", "sum(INTERVAL)"]) { one($0).flatMap(sum) }
        all["avg"] = Signature(shown: ["avg(number)", "avg(INTERVAL)"]) { one($0).flatMap(average) }
        for name in ["min", "max"] {
            all[name] = Signature(shown: ["\(name)(any ordered type)"]) { arguments in
                guard let type = one(arguments), TypeCoercion.isOrdered(type) else { return nil }
                return ([type], type)
            }
        }
        all["any_value"] = Signature(shown: ["any_value(any)"]) { one($0).map { ([$0], $0) } }
        for name in ["bool_and", "bool_or", "every"] {
            all[name] = Signature(shown: ["\(name)(BOOLEAN)"]) { arguments in
                arguments == [.unknown] || arguments == [.known(.boolean)] ? ([.boolean], .boolean) : nil
            }
        }
        for name in ["bit_and", "bit_or", "bit_xor"] {
            all[name] = Signature(shown: ["\(name)(whole number)"]) { arguments in
                one(arguments).flatMap { $0.isInteger ? ([$0], $0) : nil }
            }
        }
        all["string_agg"] = Signature(shown: ["string_agg(TEXT, TEXT)"]) { arguments in
            let isText = arguments.allSatisfy { $0 == .unknown || $0 == .known(.text) }
            return arguments.count == 2 && isText ? ([.text, .text], .text) : nil
        }
        // The values come as `array_item` makes them, NULLs included.
        all["array_agg"] = Signature(shown: ["array_agg(any)"]) { arguments in
            one(arguments).map { ([$0], ArrayFunctions.array(of: $0)) }
        }
        for name in ["stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop"] {
            all[name] = Signature(shown: ["\(name)(number)"]) { one($0).flatMap(spread) }
        }
        for name in [
            "corr", "covar_pop", "covar_samp", "regr_slope", "regr_intercept", "regr_r2", "regr_avgx",
            "regr_avgy", "regr_sxx", "regr_syy", "regr_sxy",
        ] {
            all[name] = Signature(shown: ["\(name)(DOUBLE PRECISION, DOUBLE PRECISION)"]) {
                pair($0, .doublePrecision)
            }
        }
        all["regr_count"] = Signature(shown: ["regr_count(DOUBLE PRECISION, DOUBLE PRECISION)"]) {
            pair($0, .bigint)
        }
        for name in ["first", "last"] {
            all[name] = Signature(shown: ["\(name)(any)"]) { one($0).map { ([$0], $0) } }
        }
        for name in ["arg_min", "arg_max"] {
            all[name] = Signature(shown: ["\(name)(any, any ordered type)"]) { arguments in
                guard arguments.count == 2, let value = one([arguments[0]]), let key = one([arguments[1]]),
                    TypeCoercion.isOrdered(key)
                else { return nil }
                return ([value, key], value)
            }
        }
        all["approx_count_distinct"] = Signature(shown: ["approx_count_distinct(any)"]) {
            one($0).map { ([$0], .bigint) }
        }
        addOrderedSets(to: &all)
        return all
    }()

    /// Other names of aggregates.
    static let synonyms = [
        "max_by": "arg_max", "min_by": "arg_min", "argmax": "arg_max", "argmin": "arg_min",
        "arbitrary": "any_value", "mean": "avg",
    ]

    /// Aggregates that the binder writes in terms of others.
    static let derived: Set<String> = [
        "count_if", "countif", "median", "quantile", "quantile_cont", "quantile_disc", "approx_quantile",
    ]

    /// Aggregates that want an order, each of one argument here; fractions are constants of the call.
    private static func addOrderedSets(to all: inout [String: Signature]) {
        all["percentile_cont"] = Signature(shown: [
            "percentile_cont(DOUBLE PRECISION) WITHIN GROUP (ORDER BY number or INTERVAL)"
        ]) { one($0).flatMap(continuous) }
        for name in ["percentile_disc", "mode"] {
            let fraction = name == "mode" ? "" : "DOUBLE PRECISION"
            all[name] = Signature(shown: ["\(name)(\(fraction)) WITHIN GROUP (ORDER BY any ordered type)"]) {
                one($0).flatMap { TypeCoercion.isOrdered($0) ? ([$0], $0) : nil }
            }
        }
    }

    /// Numbers of one word are kept as they are until the end; the result is a DOUBLE PRECISION.
    private static func continuous(_ type: DataType) -> (parameters: [DataType], result: DataType)? {
        if type == .interval { return ([type], type) }
        guard type.isNumeric else { return nil }
        return ([type.physical == .int128 ? .doublePrecision : type], .doublePrecision)
    }

    private static func one(_ arguments: [ArgumentType]) -> DataType? {
        guard arguments.count == 1 else { return nil }
        if case .known(let type) = arguments[0] { return type }
        return .text
    }

    private static func sum(_ type: DataType) -> (parameters: [DataType], result: DataType)? {
        switch type {
        case .smallint, .integer: ([type], .bigint)
        case .bigint: ([type], .decimal(precision: 38, scale: 0))
        case .decimal(_, let scale): ([type], .decimal(precision: 38, scale: scale))
        case .real, .doublePrecision, .interval: ([type], type)
        default: nil
        }
    }

    private static func average(_ type: DataType) -> (parameters: [DataType], result: DataType)? {
        switch type {
        case .smallint, .integer, .bigint:
            ([type], DecimalTyping.average(of: type))
        case .decimal: ([type], DecimalTyping.average(of: type))
        case .real, .doublePrecision: ([.doublePrecision], .doublePrecision)
        case .interval: ([type], .interval)
        default: nil
        }
    }

    /// Whole numbers and decimals of up to 18 digits give an exact DECIMAL with at least 16 digits after the
    /// point; wider decimals are computed in DOUBLE PRECISION, about 15 digits.
    private static func spread(_ type: DataType) -> (parameters: [DataType], result: DataType)? {
        guard type.isNumeric else { return nil }
        if type.isFloatingPoint || type.physical == .int128 { return ([.doublePrecision], .doublePrecision) }
        return ([type], .decimal(precision: 38, scale: max(DecimalTyping.quotientScaleMin, type.scale)))
    }

    private static func pair(
        _ arguments: [ArgumentType], _ result: DataType
    ) -> (parameters: [DataType], result: DataType)? {
        guard arguments.count == 2 else { return nil }
        for case .known(let type) in arguments where !type.isNumeric { return nil }
        return ([.doublePrecision, .doublePrecision], result)
    }
}
