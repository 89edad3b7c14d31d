import Columns
import SQLSyntax

/// From the names of types to types.
public enum TypeNames {
    /// Digits after the point of NUMERIC without modifiers where nothing else says how many.
    public static let numericScaleDefault = 16

    /// The type that a name stands for.
    ///
    /// - Throws: `undefinedObject` for an unknown type, `featureNotSupported` for types that are not
    ///   there, `invalidParameterValue` for a precision or scale outside its range.
    public static func dataType(of type: TypeName) throws(SQLError) -> DataType {
        if type.arrayDimensions > 0 {
            var element = type
            element.arrayDimensions = 0
            return .array(of: try dataType(of: element))
        }
        switch type.name {
        case "boolean": return .boolean
        case "smallint": return .smallint
        case "integer": return .integer
        case "bigint": return .bigint
        case "real": return .real
        case "double precision": return .doublePrecision
        case "numeric": return try decimal(type)
        case "date": return .date
        case "timestamp": return .timestamp
        case "timestamp with time zone": return .timestampTZ
        case "time": return .time
        case "interval": return .interval
        case "text", "character varying", "character", "name": return .text
        case "uuid": return .uuid
        case "json", "jsonb": return .json
        case "time with time zone", "bytea", "xml", "bit", "money", "inet", "oid", "regclass":
            throw SQLError(
                .featureNotSupported, "type is not supported: \(type.name)", position: type.span.start)
        default:
            throw SQLError(
                .undefinedObject, "type \"\(type.name)\" does not exist", position: type.span.start,
                hint: hint(for: type.name, among: known))
        }
    }

    /// The greatest number of characters of `varchar(n)` and `char(n)`.
    static func lengthLimit(of type: TypeName) -> Int? {
        switch type.name {
        case "character varying": type.modifiers.first
        case "character": type.modifiers.first ?? 1
        default: nil
        }
    }

    private static let known = [
        "boolean", "smallint", "integer", "bigint", "real", "numeric", "decimal", "date", "timestamp",
        "interval", "time", "timestamptz",
        "text", "varchar", "uuid", "json", "jsonb", "double",
    ]

    private static func decimal(_ type: TypeName) throws(SQLError) -> DataType {
        guard let precision = type.modifiers.first else {
            return .decimal(precision: DataType.decimalPrecisionMax, scale: numericScaleDefault)
        }
        guard (1...DataType.decimalPrecisionMax).contains(precision) else {
            throw SQLError(
                .invalidParameterValue,
                "NUMERIC precision \(precision) must be between 1 and \(DataType.decimalPrecisionMax)",
                position: type.span.start)
        }
        let scale = type.modifiers.count > 1 ? type.modifiers[1] : 0
        guard (0...precision).contains(scale) else {
            throw SQLError(
                .invalidParameterValue, "NUMERIC scale \(scale) must be between 0 and precision \(precision)",
                position: type.span.start)
        }
        return .decimal(precision: precision, scale: scale)
    }
}
