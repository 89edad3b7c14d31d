import Columns

/// Dates, timestamps and intervals: arithmetic, parts, truncation and text forms.
enum DateTimeFunctions: FunctionFamily {
    static let overloads: [ScalarOverload] = {
        let plain = arithmetic + parts + makers + texts
        return plain + plain.compactMap(zoned) + times + clocks
    }()

    /// The same function of TIMESTAMP WITH TIME ZONE; nil for one that takes no timestamp.
    private static func zoned(_ overload: ScalarOverload) -> ScalarOverload? {
        guard overload.parameters.contains(.exact(.timestamp)) else { return nil }
        return ScalarOverload(
            overload.name, overload.parameters.map { $0 == .exact(.timestamp) ? .exact(.timestampTZ) : $0 },
            isImmutable: overload.isImmutable,
            returns: { types, constants in
                let type = overload.resultType(types, constants)
                return type == .timestamp ? .timestampTZ : type
            })
    }

    private static let times: [ScalarOverload] =
        [
            ScalarOverload("+", [.date, .time], returns: .timestamp),
            ScalarOverload("+", [.time, .date], returns: .timestamp),
            ScalarOverload("+", [.time, .interval], returns: .time),
            ScalarOverload("+", [.interval, .time], returns: .time),
            ScalarOverload("-", [.time, .interval], returns: .time),
            ScalarOverload("-", [.time, .time], returns: .interval),
            ScalarOverload("date_part", [.text, .time], returns: .doublePrecision),
            ScalarOverload(
                "extract", [.exact(.text), .exact(.time)],
                returns: { _, constants in DateField.extractType(constants[0]?.stringValue, of: .time) }),
            ScalarOverload("make_time", [.integer, .integer, .doublePrecision], returns: .time),
        ]
        + [DataType.timestamp, .timestampTZ, .time, .interval].map {
            ScalarOverload("time_scale", [$0, .integer], returns: $0)
        }

    private static let arithmetic: [ScalarOverload] = [
        ScalarOverload("+", [.date, .integer], returns: .date),
        ScalarOverload("+", [.integer, .date], returns: .date),
        ScalarOverload("-", [.date, .integer], returns: .date),
        ScalarOverload("-", [.date, .date], returns: .integer),
        ScalarOverload("+", [.timestamp, .interval], returns: .timestamp),
        ScalarOverload("+", [.interval, .timestamp], returns: .timestamp),
        ScalarOverload("-", [.timestamp, .interval], returns: .timestamp),
        ScalarOverload("-", [.timestamp, .timestamp], returns: .interval),
        ScalarOverload("+", [.interval, .interval], returns: .interval),
        ScalarOverload("-", [.interval, .interval], returns: .interval),
        ScalarOverload("-", [.interval], returns: .interval),
        ScalarOverload("*", [.interval, .doublePrecision], returns: .interval),
        ScalarOverload("*", [.doublePrecision, .interval], returns: .interval),
        ScalarOverload("/", [.interval, .doublePrecision], returns: .interval),
    ]

    private static let parts: [ScalarOverload] =
        [DataType.date, .timestamp, .interval].flatMap { type in
            [
                ScalarOverload("date_part", [.text, type], returns: .doublePrecision),
                ScalarOverload(
                    "extract", [.exact(.text), .exact(type)],
                    returns: { _, constants in DateField.extractType(constants[0]?.stringValue, of: type) }),
            ]
        } + [
            ScalarOverload("date_trunc", [.text, .timestamp], returns: .timestamp),
            ScalarOverload("date_trunc", [.text, .interval], returns: .interval),
            ScalarOverload("date_bin", [.interval, .timestamp, .timestamp], returns: .timestamp),
            ScalarOverload("time_bucket", [.interval, .timestamp], returns: .timestamp),
            ScalarOverload("time_bucket", [.interval, .timestamp, .timestamp], returns: .timestamp),
            ScalarOverload("age", [.timestamp, .timestamp], returns: .interval),
            ScalarOverload("age", [.timestamp], returns: .interval, isImmutable: false),
            ScalarOverload("isfinite", [.timestamp], returns: .boolean),
            ScalarOverload("isfinite", [.date], returns: .boolean),
            ScalarOverload("isfinite", [.interval], returns: .boolean),
            ScalarOverload("date_diff", [.text, .timestamp, .timestamp], returns: .bigint),
            ScalarOverload("last_day", [.timestamp], returns: .date),
            ScalarOverload("strftime", [.timestamp, .text], returns: .text),
            ScalarOverload(
                "overlaps", [.timestamp, .timestamp, .timestamp, .timestamp], returns: .boolean),
            ScalarOverload("overlaps", [.timestamp, .interval, .timestamp, .interval], returns: .boolean),
            ScalarOverload("overlaps", [.timestamp, .interval, .timestamp, .timestamp], returns: .boolean),
            ScalarOverload("overlaps", [.timestamp, .timestamp, .timestamp, .interval], returns: .boolean),
            ScalarOverload("justify_days", [.interval], returns: .interval),
            ScalarOverload("justify_hours", [.interval], returns: .interval),
            ScalarOverload("justify_interval", [.interval], returns: .interval),
        ]

    private static let makers: [ScalarOverload] =
        [
            ScalarOverload("make_date", [.integer, .integer, .integer], returns: .date),
            ScalarOverload(
                "make_timestamp", [.integer, .integer, .integer, .integer, .integer, .doublePrecision],
                returns: .timestamp),
            ScalarOverload("date", [.timestamp], returns: .date),
            ScalarOverload("to_timestamp", [.doublePrecision], returns: .timestampTZ),
            ScalarOverload(
                "make_timestamptz", [.integer, .integer, .integer, .integer, .integer, .doublePrecision],
                returns: .timestampTZ),
        ]
        + (0...7).map { count in
            // Years, months, weeks, days, hours, minutes, seconds; those that are not given are 0.
            let types: [DataType] = [
                .integer, .integer, .integer, .integer, .integer, .integer, .doublePrecision,
            ]
            return ScalarOverload("make_interval", Array(types.prefix(count)), returns: .interval)
        }

    private static let texts: [ScalarOverload] = [
        ScalarOverload("to_char", [.timestamp, .text], returns: .text),
        ScalarOverload("to_char", [.interval, .text], returns: .text),
        ScalarOverload("to_char", [.exact(.integer), .exact(.text)], returns: { _, _ in .text }),
        ScalarOverload("to_char", [.exact(.bigint), .exact(.text)], returns: { _, _ in .text }),
        ScalarOverload("to_char", [.exact(.doublePrecision), .exact(.text)], returns: { _, _ in .text }),
        ScalarOverload("to_char", [.decimal, .exact(.text)], returns: { _, _ in .text }),
        ScalarOverload(
            "to_number", [.exact(.text), .exact(.text)],
            returns: { _, constants in NumberReader.type(constants[1]?.stringValue) }),
        ScalarOverload("to_date", [.text, .text], returns: .date),
        ScalarOverload("to_timestamp", [.text, .text], returns: .timestampTZ),
    ]

    /// The same value for a whole statement.
    private static let clocks: [ScalarOverload] =
        ["now", "current_timestamp", "localtimestamp", "statement_timestamp", "transaction_timestamp"].map {
            ScalarOverload($0, [], returns: .timestamp, isImmutable: false)
        } + [
            ScalarOverload("current_date", [], returns: .date, isImmutable: false),
            ScalarOverload("localtime", [], returns: .time, isImmutable: false),
            ScalarOverload("clock_timestamp", [], returns: .timestamp, isImmutable: false),
            ScalarOverload("timeofday", [], returns: .text, isImmutable: false),
        ]
}
