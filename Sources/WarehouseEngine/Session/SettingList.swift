import Execution
import SQLSyntax

/// A setting of a session: its name, what it takes and what it is for.
struct SettingDefinition: Sendable {
    enum Kind: Sendable {
        /// A duration; a bare number counts milliseconds, 0 is no limit.
        case milliseconds
        /// Memory; a bare number counts kibibytes.
        case memory
        case integer(ClosedRange<Int>)
        case boolean
        case text
        /// One of these words, in any case.
        case oneOf([String])
        /// Names of schemas.
        case schemas
        /// Known, and never changed.
        case fixed
    }

    var name: String
    var kind: Kind
    var standard: String
    var purpose: String
    var category = "Client Connection Defaults"
}

/// Every setting that a session has.
enum SettingList {
    static let workerCountMax = 256

    static let all: [SettingDefinition] = [
        SettingDefinition(
            name: "application_name", kind: .text, standard: "",
            purpose: "The name that the client gives itself."),
        SettingDefinition(
            name: "bytea_output", kind: .oneOf(["hex", "escape"]), standard: "hex",
            purpose: "How binary strings are shown."),
        SettingDefinition(
            name: "client_encoding", kind: .oneOf(["UTF8", "UTF-8", "UNICODE"]), standard: "UTF8",
            purpose: "The encoding of texts."),
        SettingDefinition(
            name: "client_min_messages",
            kind: .oneOf([
                "debug5", "debug4", "debug3", "debug2", "debug1", "log", "notice", "warning", "error",
            ]),
            standard: "notice", purpose: "Which messages a client wants."),
        SettingDefinition(
            name: "DateStyle", kind: .oneOf(["ISO", "ISO, MDY"]), standard: "ISO, MDY",
            purpose: "How dates are shown."),
        SettingDefinition(
            name: "default_transaction_read_only", kind: .boolean, standard: "off",
            purpose: "Whether new transactions only read."),
        SettingDefinition(
            name: "extra_float_digits", kind: .integer(-15...3), standard: "1",
            purpose: "Floating-point numbers always have the digits that tell them apart."),
        SettingDefinition(
            name: "integer_datetimes", kind: .fixed, standard: "on",
            purpose: "Times are whole microseconds."),
        SettingDefinition(
            name: "IntervalStyle", kind: .oneOf(["postgres"]), standard: "postgres",
            purpose: "How intervals are shown."),
        SettingDefinition(
            name: "max_identifier_length", kind: .fixed, standard: "63",
            purpose: "Names that PostgreSQL would take."),
        SettingDefinition(
            name: "memory_limit", kind: .memory, standard: "",
            purpose: "Memory of one statement's hash tables, sorts and collected rows.",
            category: "Resource Usage"),
        SettingDefinition(
            name: "search_path", kind: .schemas, standard: "public, shop",
            purpose: "Schemas in which names without one are looked up."),
        SettingDefinition(
            name: "server_encoding", kind: .fixed, standard: "UTF8", purpose: "The encoding of the store."),
        SettingDefinition(
            name: "server_version", kind: .fixed, standard: "15.0 (Ambar)",
            purpose: "The version of PostgreSQL whose dialect this is."),
        SettingDefinition(
            name: "server_version_num", kind: .fixed, standard: "150000",
            purpose: "The same as a number."),
        SettingDefinition(
            name: "standard_conforming_strings", kind: .oneOf(["on"]), standard: "on",
            purpose: "A backslash in a string stands for itself."),
        SettingDefinition(
            name: "statement_timeout", kind: .milliseconds, standard: "0",
            purpose: "How long a statement may run."),
        SettingDefinition(
            name: "threads", kind: .integer(1...workerCountMax), standard: "",
            purpose: "Threads of one statement.", category: "Resource Usage"),
        SettingDefinition(
            name: "TimeZone", kind: .oneOf(["Europe/Moscow", "UTC", "GMT", "Etc/UTC"]),
            standard: "Europe/Moscow", purpose: "The zone of now(); stored times have none."),
        SettingDefinition(
            name: "transaction_isolation",
            kind: .oneOf(["read uncommitted", "read committed", "repeatable read", "serializable"]),
            standard: "read committed", purpose: "What a transaction sees of others."),
        SettingDefinition(
            name: "transaction_read_only", kind: .boolean, standard: "off",
            purpose: "Whether the transaction only reads."),
    ]

    private static let byName = Dictionary(
        all.map { ($0.name.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })

    /// Names that mean another.
    private static let aliases = ["work_mem": "memory_limit", "max_parallel_workers_per_gather": "threads"]

    /// - Throws: `undefinedObject` with near names. Names with a point are the client's own: nil for them.
    static func definition(_ name: Identifier) throws(QueryError) -> SettingDefinition? {
        let key = name.name.lowercased()
        if let found = byName[aliases[key] ?? key] { return found }
        if key.contains(".") { return nil }
        throw QueryError(
            code: SQLState.undefinedObject.rawValue,
            message: "unrecognized configuration parameter \"\(name.name)\"", position: name.span.start,
            hint: near(key))
    }

    private static func near(_ name: String) -> String? {
        let found = NearNames.of(name, among: Array(byName.keys) + Array(aliases.keys))
        if found.isEmpty { return nil }
        return "did you mean " + found.map { "\"\($0)\"" }.joined(separator: " or ") + "?"
    }
}
