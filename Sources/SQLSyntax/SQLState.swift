/// A five-character error code of the SQL standard, with PostgreSQL's additions.
public struct SQLState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    private init(_ rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }

    public static let featureNotSupported = SQLState("0A000")
    public static let cardinalityViolation = SQLState("21000")
    public static let stringDataRightTruncation = SQLState("22001")
    public static let numericValueOutOfRange = SQLState("22003")
    public static let invalidDatetimeFormat = SQLState("22007")
    public static let datetimeFieldOverflow = SQLState("22008")
    public static let divisionByZero = SQLState("22012")
    public static let invalidParameterValue = SQLState("22023")
    public static let invalidEscapeSequence = SQLState("22025")
    public static let invalidRowCountInLimitClause = SQLState("2201W")
    public static let invalidRowCountInResultOffsetClause = SQLState("2201X")
    public static let invalidTextRepresentation = SQLState("22P02")
    public static let nonstandardUseOfEscapeCharacter = SQLState("22P06")
    public static let notNullViolation = SQLState("23502")
    public static let uniqueViolation = SQLState("23505")
    public static let invalidSchemaName = SQLState("3F000")
    public static let syntaxError = SQLState("42601")
    public static let invalidName = SQLState("42602")
    public static let duplicateColumn = SQLState("42701")
    public static let ambiguousColumn = SQLState("42702")
    public static let undefinedColumn = SQLState("42703")
    public static let duplicateAlias = SQLState("42712")
    public static let duplicateFunction = SQLState("42723")
    public static let ambiguousFunction = SQLState("42725")
    public static let groupingError = SQLState("42803")
    public static let datatypeMismatch = SQLState("42804")
    public static let wrongObjectType = SQLState("42809")
    public static let cannotCoerce = SQLState("42846")
    public static let undefinedFunction = SQLState("42883")
    public static let undefinedObject = SQLState("42704")
    public static let undefinedTable = SQLState("42P01")
    public static let undefinedParameter = SQLState("42P02")
    public static let duplicateTable = SQLState("42P07")
    public static let ambiguousParameter = SQLState("42P08")
    public static let invalidColumnReference = SQLState("42P10")
    public static let invalidTableDefinition = SQLState("42P16")
    public static let indeterminateDatatype = SQLState("42P18")
    public static let windowingError = SQLState("42P20")
    public static let invalidRecursion = SQLState("42P19")
    public static let outOfMemory = SQLState("53200")
    public static let diskFull = SQLState("53100")
    public static let programLimitExceeded = SQLState("54000")
    public static let statementTooComplex = SQLState("54001")
    public static let tooManyColumns = SQLState("54011")
    public static let queryCanceled = SQLState("57014")
    public static let internalError = SQLState("XX000")
    public static let dataCorrupted = SQLState("XX001")
}
