/// One value outside a vector: a literal, a parameter, a bound of a zone map. Never used per row.
public enum Value: Hashable, Sendable {
    case null
    case boolean(Bool)
    case smallint(Int16)
    case integer(Int32)
    case bigint(Int64)
    case real(Float)
    case doublePrecision(Double)
    /// `unscaled` × 10^-`scale`.
    case decimal(unscaled: Int128, scale: Int)
    /// Days since 1970-01-01.
    case date(Int32)
    /// Microseconds since 1970-01-01 00:00:00, without a zone.
    case timestamp(Int64)
    /// Microseconds since 1970-01-01 00:00:00 UTC.
    case timestampTZ(Int64)
    /// Microseconds since midnight.
    case time(Int64)
    case interval(Interval)
    case text(String)
    case uuid(UInt128)
    case json(String)
    /// The array's text, as `ArrayText` spells it, and the type of its elements.
    case array(String, of: DataType)

    public var isNull: Bool { self == .null }

    /// The value as a whole number, for the integer, date, time and timestamp types.
    public var integerValue: Int64? {
        switch self {
        case .smallint(let value): Int64(value)
        case .integer(let value), .date(let value): Int64(value)
        case .bigint(let value), .timestamp(let value), .timestampTZ(let value), .time(let value): value
        default: nil
        }
    }

    /// The characters of a TEXT or JSON value.
    public var stringValue: String? {
        switch self {
        case .text(let value), .json(let value): value
        default: nil
        }
    }
}
