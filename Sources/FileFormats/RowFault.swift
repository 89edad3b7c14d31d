import Columns

/// Why a row of a file is not taken. The messages are PostgreSQL's where it has the same.
enum RowFault: Hashable, Sendable {
    case missingColumn(String)
    /// More fields than columns; `onlyEmptyField` when it is one more, empty at the end of the row.
    case extraColumns(onlyEmptyField: Bool)
    case unterminatedQuote
    case invalidUTF8([UInt8])
    case nulByte
    /// A text that is no value of the type.
    case invalidText(DataType, String)
    /// A value outside the type's range.
    case outOfRange(DataType, String)
    case nullInColumn(String)
    case recordTooLong(bytesMax: Int)
    case headerMismatch(field: Int, expected: String, found: String?)
    case headerTooLong(expected: Int, found: Int)
    /// A line of NDJSON that is no object, with what is wrong.
    case malformedJSON(String)
    case unknownKey(String)
    case repeatedKey(String)

    /// PostgreSQL's five-character code.
    var sqlState: String {
        switch self {
        case .missingColumn, .extraColumns, .unterminatedQuote, .headerMismatch, .headerTooLong: "22P04"
        case .invalidUTF8, .nulByte: "22021"
        case .invalidText(let type, _): type.isTime ? "22007" : "22P02"
        case .outOfRange(let type, _): type.isTime ? "22008" : "22003"
        case .nullInColumn: "23502"
        case .recordTooLong: "54000"
        case .malformedJSON, .repeatedKey: "22P02"
        case .unknownKey: "42703"
        }
    }
}

extension RowFault: CustomStringConvertible {
    var description: String {
        switch self {
        case .missingColumn(let name): "missing data for column \"\(name)\""
        case .extraColumns(let onlyEmptyField):
            "extra data after last expected column"
                + (onlyEmptyField ? "; TRAILING_DELIMITER reads rows that end with a delimiter" : "")
        case .unterminatedQuote: "unterminated CSV quoted field"
        case .invalidUTF8(let bytes):
            "invalid byte sequence for encoding \"UTF8\": "
                + bytes.map(Self.hexadecimal).joined(separator: " ")
        case .nulByte: "invalid byte sequence for encoding \"UTF8\": 0x00"
        case .invalidText(let type, let text): "invalid input syntax for type \(type.shownName): \"\(text)\""
        case .outOfRange(let type, let text):
            if type.isTime {
                "date/time field value out of range: \"\(text)\""
            } else if case .decimal(let precision, let scale) = type {
                "numeric field overflow: \"\(text)\" is beyond DECIMAL(\(precision),\(scale))"
            } else if type.isFloatingPoint {
                "\"\(text)\" is out of range for type \(type.shownName)"
            } else {
                "value \"\(text)\" is out of range for type \(type.shownName)"
            }
        case .nullInColumn(let name): "null value in column \"\(name)\" violates not-null constraint"
        case .recordTooLong(let bytesMax): "row is longer than \(bytesMax >> 20) MiB: a quote may be missing"
        case .headerMismatch(let field, let expected, let found?):
            "column name mismatch in header line field \(field): got \"\(found)\", expected \"\(expected)\""
        case .headerMismatch(let field, let expected, nil):
            "column name mismatch in header line field \(field): got null value, expected \"\(expected)\""
        case .headerTooLong(let expected, let found):
            "wrong number of fields in header line: got \(found), expected \(expected)"
        case .malformedJSON(let reason): "invalid JSON: \(reason)"
        case .unknownKey(let key): "unknown key: \"\(key)\"; UNKNOWN_KEYS 'ignore' leaves such keys out"
        case .repeatedKey(let key): "key is repeated: \"\(key)\""
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        "0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}

extension RowFault {
    /// The fault as the error that ends the reading.
    func error(file: String, line: Int, column: String?) -> FileFormatError {
        .badRow(file: file, line: line, column: column, code: sqlState, reason: description)
    }
}

extension DataType {
    var isTime: Bool { isTemporal }

    /// PostgreSQL's name of the type, as its messages show it.
    var shownName: String {
        switch self {
        case .decimal: "numeric"
        default: sqlName.lowercased()
        }
    }
}
