/// Reads numbers in network order from bytes that may be damaged: every step is checked.
public struct BigEndianReader: Sendable {
    public private(set) var rest: ArraySlice<UInt8>

    public init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    private mutating func number<Number: FixedWidthInteger>(_: Number.Type) throws(PostgresError) -> Number {
        let width = MemoryLayout<Number>.size
        guard rest.count >= width else { throw .protocolViolation("a message ends early") }
        var value: Number = 0
        for byte in rest.prefix(width) { value = value << 8 | Number(truncatingIfNeeded: byte) }
        rest = rest.dropFirst(width)
        return value
    }

    public mutating func byte() throws(PostgresError) -> UInt8 { try number(UInt8.self) }

    public mutating func int16() throws(PostgresError) -> Int16 {
        Int16(bitPattern: try number(UInt16.self))
    }

    public mutating func int32() throws(PostgresError) -> Int32 {
        Int32(bitPattern: try number(UInt32.self))
    }

    public mutating func int64() throws(PostgresError) -> Int64 {
        Int64(bitPattern: try number(UInt64.self))
    }

    public mutating func bytes(_ count: Int) throws(PostgresError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= rest.count else { throw .protocolViolation("a message ends early") }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// Text up to a zero byte.
    public mutating func string() throws(PostgresError) -> String {
        guard let end = rest.firstIndex(of: 0) else { throw .protocolViolation("a text has no end") }
        defer { rest = rest[(end + 1)...] }
        return String(decoding: rest[..<end], as: UTF8.self)
    }
}
