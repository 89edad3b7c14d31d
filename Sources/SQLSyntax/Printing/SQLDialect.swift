/// Whose SQL a text is written in.
public enum SQLDialect: Hashable, Sendable {
    /// PostgreSQL's, which is also our own.
    case postgres
    /// Apache Spark's.
    case spark

    /// The sign around names that would not do bare.
    var identifierQuote: Character {
        switch self {
        case .postgres: "\""
        case .spark: "`"
        }
    }

    func string(_ text: String) -> String {
        var quoted = "'"
        for scalar in text.unicodeScalars {
            switch (self, scalar) {
            case (.postgres, "'"): quoted += "''"
            case (.spark, "'"): quoted += "\\'"
            case (.spark, "\\"): quoted += "\\\\"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "'"
    }

    func typeName(_ name: String) -> String {
        guard self == .spark else { return name }
        return switch name {
        case "text", "character varying", "uuid", "json": "string"
        case "double precision": "double"
        case "real": "float"
        case "numeric": "decimal"
        case "integer": "int"
        case "timestamp": "timestamp_ntz"
        case "timestamp with time zone": "timestamp"
        default: name
        }
    }

    func functionName(_ name: String) -> String {
        guard self == .spark else { return name }
        return switch name {
        case "strpos": "instr"
        case "string_agg": "listagg"
        default: name
        }
    }

    /// The operator's sign, or nil for one that the dialect writes as a function or a word.
    func operation(_ sign: String) -> String {
        guard self == .spark else { return sign }
        return switch sign {
        case "~": "RLIKE"
        case "^": "**"
        default: sign
        }
    }
}
