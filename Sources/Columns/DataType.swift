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
    case interval
    case text
    case uuid
    case json

    /// The greatest precision of a DECIMAL that one 64-bit word holds.
    public static let decimalPrecisionInt64Max = 18
    public static let decimalPrecisionMax = 38

    /// How one value lies in memory.
    public var physical: PhysicalType {
        switch self {
        case .boolean: .bool
        case .smallint: .int16
        case .integer, .date: .int32
        case .bigint, .timestamp: .int64
        case .real: .float32
        case .doublePrecision: .float64
        case .decimal(let precision, _): precision <= Self.decimalPrecisionInt64Max ? .int64 : .int128
        case .interval: .interval
        case .text, .json: .string
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
        case .interval: "INTERVAL"
        case .text: "TEXT"
        case .uuid: "UUID"
        case .json: "JSON"
        }
    }

    public var isInteger: Bool {
        switch self {
        case .smallint, .integer, .bigint: true
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
