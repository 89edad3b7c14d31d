/// Builds little-endian bytes of records and headers.
public struct BinaryWriter: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public var count: Int { bytes.count }

    public mutating func write<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// An unsigned number in 1...10 bytes, seven bits each, lowest first (LEB128).
    public mutating func writeVariable(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    public mutating func writeVariable(_ number: Int) {
        precondition(number >= 0, "a count or an offset is not negative")
        writeVariable(UInt64(number))
    }

    /// The length as a variable number, then the bytes.
    public mutating func writeCounted(_ counted: [UInt8]) {
        writeVariable(counted.count)
        bytes.append(contentsOf: counted)
    }

    public mutating func writeCounted(_ text: String) { writeCounted(Array(text.utf8)) }

    public mutating func writeRaw(_ raw: UnsafeRawBufferPointer) { bytes.append(contentsOf: raw) }

    public mutating func writeRaw(_ raw: [UInt8]) { bytes.append(contentsOf: raw) }
}
