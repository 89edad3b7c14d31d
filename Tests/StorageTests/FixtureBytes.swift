/// Little-endian bytes, read as `storage/FORMAT.md` says and with nothing of the store's own code. Made for
/// whole fixtures: it is the tests' fault when a number is out of bounds.
struct FixtureBytes {
    let bytes: [UInt8]
    var offset = 0

    init(_ bytes: [UInt8], at offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func number(_ count: Int) -> UInt64 {
        let value = (0..<count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[offset + $1]) }
        offset += count
        return value
    }

    mutating func integer(_ count: Int) -> Int { Int(number(count)) }

    mutating func varint() -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = number(1)
            value |= (byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    mutating func count() -> Int { Int(varint()) }

    mutating func counted() -> [UInt8] { take(count()) }

    mutating func text() -> String { String(decoding: counted(), as: UTF8.self) }

    mutating func take(_ count: Int) -> [UInt8] {
        defer { offset += count }
        return Array(bytes[offset..<(offset + count)])
    }

    /// CRC-32C, a bit at a time.
    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var value: UInt32 = .max
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
        }
        return UInt64(~value)
    }
}
