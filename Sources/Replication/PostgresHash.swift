/// Postgres's `hashtextextended(text, 0)`, so that checksums can be computed on both sides.
///
/// Source: Bob Jenkins, lookup3, as in PostgreSQL's `hash_bytes_extended` (little-endian).
enum PostgresHash {
    static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64 {
        let initial = 0x9E37_79B9 &+ UInt32(truncatingIfNeeded: bytes.count) &+ 3_923_095
        var a = initial
        var b = initial
        var c = initial
        var offset = 0
        while bytes.count - offset >= 12 {
            a &+= word(bytes, offset, 4)
            b &+= word(bytes, offset + 4, 4)
            c &+= word(bytes, offset + 8, 4)
            mix(&a, &b, &c)
            offset += 12
        }
        let rest = bytes.count - offset
        a &+= word(bytes, offset, min(rest, 4))
        b &+= word(bytes, offset + 4, min(max(rest - 4, 0), 4))
        // The lowest byte of c is left to the length.
        c &+= word(bytes, offset + 8, min(max(rest - 8, 0), 3)) << 8
        final(&a, &b, &c)
        return Int64(bitPattern: UInt64(b) << 32 | UInt64(c))
    }

    /// `count` bytes (0...4) as a little-endian number.
    private static func word(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int, _ count: Int) -> UInt32 {
        var value: UInt32 = 0
        for index in 0..<count { value |= UInt32(bytes[offset + index]) << UInt32(index * 8) }
        return value
    }

    private static func rotated(_ value: UInt32, _ bits: UInt32) -> UInt32 {
        value << bits | value >> (32 - bits)
    }

    private static func mix(_ a: inout UInt32, _ b: inout UInt32, _ c: inout UInt32) {
        a &-= c; a ^= rotated(c, 4); c &+= b
        b &-= a; b ^= rotated(a, 6); a &+= c
        c &-= b; c ^= rotated(b, 8); b &+= a
        a &-= c; a ^= rotated(c, 16); c &+= b
        b &-= a; b ^= rotated(a, 19); a &+= c
        c &-= b; c ^= rotated(b, 4); b &+= a
    }

    private static func final(_ a: inout UInt32, _ b: inout UInt32, _ c: inout UInt32) {
        c ^= b; c &-= rotated(b, 14)
        a ^= c; a &-= rotated(c, 11)
        b ^= a; b &-= rotated(a, 25)
        c ^= b; c &-= rotated(b, 16)
        a ^= c; a &-= rotated(c, 4)
        b ^= a; b &-= rotated(a, 14)
        c ^= b; c &-= rotated(b, 24)
    }
}
