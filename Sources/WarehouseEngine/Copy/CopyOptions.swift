import FileFormats
import SQLSyntax

/// The options of a COPY, read and checked.
struct CopyOptions {
    enum Format: String, CaseIterable {
        case csv, text, ndjson, parquet, arrow
    }

    var format: Format?
    var csv = CSVOptions()
    /// Whether the statement says how fields are divided; if not, the file's name may.
    private(set) var hasDelimiter = false
    var ignoresUnknownKeys = false
    var forceQuote: Set<String> = []
    var forcesAllQuotes = false
    /// Where rejected rows go; nil for nowhere.
    var rejectFile: String?
    /// More rejects than this end the loading.
    var rejectLimit: Int?

    /// - Throws: For an unknown option or a value that it does not take, with their names and the position.
    init(_ options: [StatementOption]) throws(QueryError) {
        var seen: Set<String> = []
        var hasEscape = false
        // The format decides what other options begin with, wherever it stands among them.
        for option in options where option.name.name.lowercased() == "format" {
            format = try Self.format(option)
        }
        if format == .text { csv = CSVOptions(style: .text) }
        for option in options {
            let name = option.name.name.lowercased()
            guard seen.insert(name).inserted else {
                throw Self.wrong("conflicting or redundant options: \(name)", option)
            }
            switch name {
            case "format": break
            case "delimiter":
                csv.delimiter = try Self.byte(option)
                hasDelimiter = true
            case "quote": csv.quote = try Self.byte(option)
            case "escape":
                csv.escape = try Self.byte(option)
                hasEscape = true
            case "null": csv.null = Array(try Self.text(option).utf8)
            case "header": csv.header = try Self.header(option)
            case "trailing_delimiter": csv.hasTrailingDelimiter = try Self.boolean(option)
            case "encoding": try Self.checkEncoding(option)
            case "force_not_null": csv.forceNotNull = try Self.names(option)
            case "force_null": csv.forceNull = try Self.names(option)
            case "force_quote":
                let names = try Self.names(option)
                if names == ["*"] { forcesAllQuotes = true } else { forceQuote = names }
            case "on_error": csv.skipsBadRows = try Self.onError(option)
            case "reject_file": rejectFile = try Self.text(option)
            case "unknown_keys": ignoresUnknownKeys = try Self.ignores(option)
            case "reject_limit", "max_errors": rejectLimit = try Self.count(option)
            default:
                throw Self.wrong(
                    "option \"\(name)\" not recognized", option,
                    hint: "COPY takes FORMAT, DELIMITER, HEADER, NULL, QUOTE, ESCAPE, FORCE_QUOTE, "
                        + "FORCE_NULL, FORCE_NOT_NULL, ENCODING, TRAILING_DELIMITER, ON_ERROR, REJECT_FILE, "
                        + "REJECT_LIMIT and UNKNOWN_KEYS")
            }
        }
        if !hasEscape { csv.escape = csv.quote }
        if (rejectFile != nil || rejectLimit != nil) && !csv.skipsBadRows {
            throw QueryError(
                code: SQLState.syntaxError.rawValue,
                message: "REJECT_FILE and REJECT_LIMIT need ON_ERROR skip")
        }
    }

    private static func wrong(_ message: String, _ option: StatementOption, hint: String? = nil) -> QueryError
    {
        QueryError(
            code: SQLState.invalidParameterValue.rawValue, message: message, position: option.name.span.start,
            hint: hint)
    }

    private static func text(_ option: StatementOption) throws(QueryError) -> String {
        guard option.values.count == 1 else {
            throw wrong("option \(option.name.name) takes one value", option)
        }
        switch option.values[0].kind {
        case .string(let text): return text
        case .integer(let digits): return digits
        case .boolean(let value): return value ? "true" : "false"
        default: throw wrong("option \(option.name.name) takes a word or a text", option)
        }
    }

    private static func format(_ option: StatementOption) throws(QueryError) -> Format {
        let word = try text(option).lowercased()
        guard let format = Format(rawValue: word) else {
            throw wrong(
                "COPY format \"\(word)\" not recognized", option,
                hint: "formats are \(Format.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return format
    }

    private static func byte(_ option: StatementOption) throws(QueryError) -> UInt8 {
        let bytes = Array(try text(option).utf8)
        guard bytes.count == 1 else {
            throw wrong("COPY \(option.name.name) must be a single one-byte character", option)
        }
        return bytes[0]
    }

    private static func boolean(_ option: StatementOption) throws(QueryError) -> Bool {
        if option.values.isEmpty { return true }
        switch try text(option).lowercased() {
        case "true", "on", "1": return true
        case "false", "off", "0": return false
        default: throw wrong("\(option.name.name) requires a Boolean value", option)
        }
    }

    private static func header(_ option: StatementOption) throws(QueryError) -> CSVOptions.Header {
        if !option.values.isEmpty, try text(option).lowercased() == "match" { return .match }
        return try boolean(option) ? .present : .none
    }

    private static func ignores(_ option: StatementOption) throws(QueryError) -> Bool {
        switch try text(option).lowercased() {
        case "error": return false
        case "ignore": return true
        default: throw wrong("UNKNOWN_KEYS is error or ignore", option)
        }
    }

    private static func onError(_ option: StatementOption) throws(QueryError) -> Bool {
        switch try text(option).lowercased() {
        case "stop": return false
        case "skip", "ignore": return true
        default: throw wrong("ON_ERROR is stop or skip", option)
        }
    }

    private static func count(_ option: StatementOption) throws(QueryError) -> Int {
        guard let count = Int(try text(option)), count >= 0 else {
            throw wrong("\(option.name.name) takes a whole number", option)
        }
        return count
    }

    private static func checkEncoding(_ option: StatementOption) throws(QueryError) {
        let name = try text(option)
        guard ["utf8", "utf-8", "unicode"].contains(name.lowercased()) else {
            throw QueryError(
                code: SQLState.featureNotSupported.rawValue, message: "encoding \"\(name)\" is not supported",
                position: option.name.span.start, hint: "convert the file: iconv -f \(name) -t UTF-8")
        }
    }

    private static func names(_ option: StatementOption) throws(QueryError) -> Set<String> {
        var names: Set<String> = []
        for value in option.values {
            switch value.kind {
            case .string(let name): names.insert(name)
            case .column(let parts) where parts.count == 1: names.insert(parts[0].name)
            case .star: names.insert("*")
            default: throw wrong("option \(option.name.name) takes names of columns", option)
            }
        }
        return names
    }
}
