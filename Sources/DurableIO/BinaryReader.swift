/// What a `BinaryReader` meets in damaged bytes, with the offset from the start of the bytes.
public enum BinaryReaderError: Error, Hashable, Sendable {
    case truncated(byteOffset: Int)
    case numberTooLarge(byteOffset: Int)
    case notText(byteOffset: Int)
}

/// Reads little-endian bytes that may be damaged: every step is checked, nothing traps.
public struct BinaryReader: Sendable {
    private let bytes: ArraySlice<UInt8>
    private var index: Int

    public init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    public init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    /// Bytes read so far.
    public var byteOffset: Int { index - bytes.startIndex }
    public var remaining: Int { bytes.endIndex - index }
    public var isAtEnd: Bool { index == bytes.endIndex }

    public mutating func read<Number: FixedWidthInteger>(
        _ type: Number.Type = Number.self
    ) throws(BinaryReaderError) -> Number {
        let width = MemoryLayout<Number>.size
        guard remaining >= width else { throw .truncated(byteOffset: byteOffset) }
        var number: Number = 0
        withUnsafeMutableBytes(of: &number) { target in
            bytes.withUnsafeBytes { source in
                let start = index - bytes.startIndex
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<(start + width)]))
            }
        }
        index += width
        return Number(littleEndian: number)
    }

    public mutating func readVariable() throws(BinaryReaderError) -> UInt64 {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard index < bytes.endIndex else { throw .truncated(byteOffset: byteOffset) }
            let byte = bytes[index]
            guard shift < 63 || (shift == 63 && byte <= 1) else {
                throw .numberTooLarge(byteOffset: byteOffset)
            }
            index += 1
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
    }

    /// A count, index or offset of at most `limit`.
    public mutating func readCount(limit: Int) throws(BinaryReaderError) -> Int {
        let start = byteOffset
        let number = try readVariable()
        guard number <= UInt64(limit) else { throw .numberTooLarge(byteOffset: start) }
        return Int(number)
    }

    public mutating func readRaw(_ byteCount: Int) throws(BinaryReaderError) -> ArraySlice<UInt8> {
        guard byteCount >= 0, byteCount <= remaining else { throw .truncated(byteOffset: byteOffset) }
        defer { index += byteCount }
        return bytes[index..<(index + byteCount)]
    }

    public mutating func readCounted() throws(BinaryReaderError) -> ArraySlice<UInt8> {
        let byteCount = try readCount(limit: remaining)
        return try readRaw(byteCount)
    }

    /// Counted bytes that must be UTF-8.
    public mutating func readText() throws(BinaryReaderError) -> String {
        let start = byteOffset
        let raw = try readCounted()
        guard let text = String(validating: raw, as: UTF8.self) else { throw .notText(byteOffset: start) }
        return text
    }
}
