import Columns
import TableCatalog

/// A table of the record and its twin in the column store.
struct MirroredTable: Hashable, Sendable {
    var schema: String
    var name: String
    var columns: [MirroredColumn]
    /// Indices into `columns`, in key order; never empty.
    var primaryKey: [Int]

    var qualifiedName: String { "\(schema).\(name)" }
    /// The name as SQL.
    var quotedName: String { "\(Self.quoted(schema)).\(Self.quoted(name))" }

    var definition: TableDefinition {
        let fields = columns.map { Field(name: $0.name, type: $0.type, isNullable: $0.isNullable) }
        return TableDefinition(
            name: TableName(schema: schema, name: name), columns: Schema(fields), primaryKey: primaryKey)
    }

    /// The query whose binary COPY `BinaryRowDecoder` reads.
    var copyQuery: String {
        "SELECT \(columns.map(\.copyExpression).joined(separator: ", ")) FROM \(quotedName)"
    }

    static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

struct MirroredColumn: Hashable, Sendable {
    var name: String
    var type: DataType
    var isNullable: Bool
    /// Whether the record's type has a time zone; the mirror keeps the time in UTC.
    var isZoned = false
    /// Whether the record sends the value as text although its own type is another (arrays, enumerations,
    /// JSON).
    var isSentAsText: Bool

    var quotedName: String { MirroredTable.quoted(name) }
    var copyExpression: String { isSentAsText ? "\(quotedName)::text" : quotedName }
}

/// Types of Postgres and their twins.
enum RecordType {
    static let timestampWithTimeZone: UInt32 = 1184
    /// Digits for a NUMERIC column that states none.
    static let unconstrainedNumeric = DataType.decimal(precision: 38, scale: 10)

    /// - Parameters:
    ///   - oid: `pg_type.oid` of a built-in type.
    ///   - modifier: `atttypmod`; -1 for none.
    /// - Returns: The twin and whether the value travels as text. A type without a twin is kept as its text.
    static func twin(oid: UInt32, modifier: Int32) -> (type: DataType, asText: Bool) {
        switch oid {
        case 16: (.boolean, false)
        case 21: (.smallint, false)
        case 23: (.integer, false)
        case 20: (.bigint, false)
        case 700: (.real, false)
        case 701: (.doublePrecision, false)
        case 1700: (numeric(modifier), false)
        case 25, 1043, 1042, 19: (.text, false)
        case 1082: (.date, false)
        case 1114, 1184: (.timestamp, false)
        case 1186: (.interval, false)
        case 2950: (.uuid, false)
        case 114, 3802: (.json, true)
        default: (.text, true)
        }
    }

    private static func numeric(_ modifier: Int32) -> DataType {
        guard modifier >= 4 else { return unconstrainedNumeric }
        let packed = modifier - 4
        let precision = Int(packed >> 16 & 0xFFFF)
        // Eleven bits with a sign since PostgreSQL 15.
        let scale = Int((packed & 0x7FF) ^ 1024) - 1024
        guard precision <= DataType.decimalPrecisionMax, scale >= 0, scale <= precision else {
            return unconstrainedNumeric
        }
        return .decimal(precision: precision, scale: scale)
    }
}
