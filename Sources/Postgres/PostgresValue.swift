/// A parameter of a statement. Sent as text; the server reads it as the type that the statement wants, so a
/// statement spells types out where they matter (`$1::uuid[]`).
public enum PostgresValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    /// Any type in Postgres's text form: text, uuid, date, timestamp, numeric, json.
    case text(String)
    case bytes([UInt8])
    /// An array of texts with NULLs, for `unnest($1::type[])`.
    case array([String?])

    public static func optional(_ text: String?) -> PostgresValue { text.map { .text($0) } ?? .null }
    public static func optional(_ number: Int64?) -> PostgresValue { number.map { .int($0) } ?? .null }

    /// The text form; nil for NULL.
    var text: String? {
        switch self {
        case .null: nil
        case .bool(let value): value ? "t" : "f"
        case .int(let value): String(value)
        case .double(let value):
            value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : "\(value)"
        case .text(let value): value
        case .bytes(let value):
            value.reduce(into: "\\x") { text, byte in
                if byte < 16 { text += "0" }
                text += String(byte, radix: 16)
            }
        case .array(let elements): Self.arrayText(elements)
        }
    }

    /// `{"a","b\"c",NULL}`.
    private static func arrayText(_ elements: [String?]) -> String {
        var bytes: [UInt8] = [123]
        bytes.reserveCapacity(elements.count * 16)
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(44) }
            guard let element else {
                bytes.append(contentsOf: "NULL".utf8)
                continue
            }
            bytes.append(34)
            for byte in element.utf8 {
                if byte == 34 || byte == 92 { bytes.append(92) }
                bytes.append(byte)
            }
            bytes.append(34)
        }
        bytes.append(125)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension PostgresValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}
