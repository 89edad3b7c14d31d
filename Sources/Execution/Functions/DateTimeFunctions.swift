import Columns

/// Dates, timestamps and intervals: arithmetic, parts, truncation and text forms.
enum DateTimeFunctions: FunctionFamily {
    static let overloads: [ScalarOverload] = arithmetic + parts + makers + texts + clocks

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
        ScalarOverload("+", [.interval], returns: .interval),
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
                    returns: { _, constants in DateField.extractType(constants[0]?.stringValue) }),
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
            ScalarOverload("justify_days", [.interval], returns: .interval),
            ScalarOverload("justify_hours", [.interval], returns: .interval),
            ScalarOverload("justify_interval", [.interval], returns: .interval),
        ]

    private static let makers: [ScalarOverload] = [
        ScalarOverload("make_date", [.integer, .integer, .integer], returns: .date),
        ScalarOverload(
            "make_timestamp", [.integer, .integer, .integer, .integer, .integer, .doublePrecision],
            returns: .timestamp),
        ScalarOverload("date", [.timestamp], returns: .date),
        ScalarOverload("to_timestamp", [.doublePrecision], returns: .timestamp),
    ]

    private static let texts: [ScalarOverload] = [
        ScalarOverload("to_char", [.timestamp, .text], returns: .text),
        ScalarOverload("to_char", [.interval, .text], returns: .text),
        ScalarOverload("to_char", [.exact(.integer), .exact(.text)], returns: { _, _ in .text }),
        ScalarOverload("to_char", [.exact(.bigint), .exact(.text)], returns: { _, _ in .text }),
        ScalarOverload("to_char", [.exact(.doublePrecision), .exact(.text)], returns: { _, _ in .text }),
        ScalarOverload("to_char", [.decimal, .exact(.text)], returns: { _, _ in .text }),
        ScalarOverload("to_date", [.text, .text], returns: .date),
        ScalarOverload("to_timestamp", [.text, .text], returns: .timestamp),
    ]

    /// The same value for a whole statement.
    private static let clocks: [ScalarOverload] =
        ["now", "current_timestamp", "localtimestamp", "statement_timestamp", "transaction_timestamp"].map {
            ScalarOverload($0, [], returns: .timestamp, isImmutable: false)
        } + [ScalarOverload("current_date", [], returns: .date, isImmutable: false)]
}
