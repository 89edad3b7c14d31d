/// The SQL type of a column or an expression.
public enum DataType: Hashable, Sendable {
    case boolean
    case smallint
    case integer
    case bigint
    case real
    case doublePrecision
    /// An exact number of at most `precision` digits (1...38), `scale` of them (0...precision) after the
    /// point.
    case decimal(precision: Int, scale: Int)
    case date
    case timestamp
    /// A moment: microseconds of UTC. Printed and read in UTC, the one time zone of a session.
    case timestampTZ
    /// A time of day, microseconds since midnight (24:00:00 included).
    case time
    case interval
    case text
    case uuid
    case json
    /// Values of one type, which is no array; several dimensions are not part of the type. A value is the
    /// text of PostgreSQL's array form, always in the one spelling of `ArrayText`, so that equal arrays have
    /// equal bytes.
    indirect case array(of: DataType)

    /// The greatest precision of a DECIMAL that one 64-bit word holds.
    public static let decimalPrecisionInt64Max = 18
    public static let decimalPrecisionMax = 38

    /// How one value lies in memory.
    public var physical: PhysicalType {
        switch self {
        case .boolean: .bool
        case .smallint: .int16
        case .integer, .date: .int32
        case .bigint, .timestamp, .timestampTZ, .time: .int64
        case .real: .float32
        case .doublePrecision: .float64
        case .decimal(let precision, _): precision <= Self.decimalPrecisionInt64Max ? .int64 : .int128
        case .interval: .interval
        case .text, .json, .array: .string
        case .uuid: .uint128
        }
    }

    /// The type's name in SQL, as `ambar sql` and the HTTP API print it, for example `DECIMAL(18,2)`.
    public var sqlName: String {
        switch self {
        case .boolean: "BOOLEAN"
        case .smallint: "SMALLINT"
        case .integer: "INTEGER"
        case .bigint: "BIGINT"
        case .real: "REAL"
        case .doublePrecision: "DOUBLE PRECISION"
        case .decimal(let precision, let scale): "DECIMAL(\(precision),\(scale))"
        case .date: "DATE"
        case .timestamp: "TIMESTAMP"
        case .timestampTZ: "TIMESTAMP WITH TIME ZONE"
        case .time: "TIME"
        case .interval: "INTERVAL"
        case .text: "TEXT"
        case .uuid: "UUID"
        case .json: "JSON"
        case .array(let element): element.sqlName + "[]"
        }
    }

    public var isInteger: Bool {
        switch self {
        case .smallint, .integer, .bigint: true
        default: false
        }
    }

    public var isArray: Bool { elementType != nil }

    /// The type of an array's elements; nil for every other type.
    public var elementType: DataType? {
        if case .array(let element) = self { element } else { nil }
    }

    /// Dates, times and spans: texts that are none are 22007 and 22008 instead of 22P02 and 22003.
    public var isTemporal: Bool {
        switch self {
        case .date, .timestamp, .timestampTZ, .time, .interval: true
        default: false
        }
    }

    public var isDecimal: Bool {
        if case .decimal = self { true } else { false }
    }

    public var isFloatingPoint: Bool { self == .real || self == .doublePrecision }

    public var isNumeric: Bool { isInteger || isDecimal || isFloatingPoint }

    /// Digits after the point of an exact number; 0 for every other type.
    public var scale: Int {
        if case .decimal(_, let scale) = self { scale } else { 0 }
    }
}

extension DataType: CustomStringConvertible {
    public var description: String { sqlName }
}
