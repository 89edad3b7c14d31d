/// Positions in UTF-8 bytes, counted in Unicode scalars.
enum UTF8Text {
    /// Scalars in the bytes: all that do not continue another.
    static func count(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var count = 0
        for byte in bytes { count &+= Int(unsafeBitCast(byte & 0xC0 != 0x80, to: UInt8.self)) }
        return count
    }

    /// The byte offset of scalar number `index` (from 0), or the length when there are fewer.
    static func offset(of index: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
        if index <= 0 { return 0 }
        var seen = -1
        for (offset, byte) in bytes.enumerated() where byte & 0xC0 != 0x80 {
            seen &+= 1
            if seen == index { return offset }
        }
        return bytes.count
    }

    /// The bytes of scalars `start..<end`, clamped to what there is.
    static func slice(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int)
        -> UnsafeBufferPointer<UInt8>
    {
        if end <= start { return UnsafeBufferPointer(rebasing: bytes[0..<0]) }
        let first = offset(of: start, in: bytes)
        let rest = UnsafeBufferPointer(rebasing: bytes[first...])
        let length =
            end - max(start, 0) >= bytes.count ? rest.count : offset(of: end - max(start, 0), in: rest)
        return UnsafeBufferPointer(rebasing: rest[0..<length])
    }

    /// Where `needle` begins in `bytes` at or behind `start`; nil when it does not. O(n × m), with a fast
    /// first byte.
    static func find(
        _ needle: UnsafeBufferPointer<UInt8>, in bytes: UnsafeBufferPointer<UInt8>, from start: Int = 0
    ) -> Int? {
        if needle.isEmpty { return start <= bytes.count ? start : nil }
        let first = needle[0]
        var position = start
        while position + needle.count <= bytes.count {
            if bytes[position] == first {
                var matched = 1
                while matched < needle.count, bytes[position + matched] == needle[matched] { matched += 1 }
                if matched == needle.count { return position }
            }
            position += 1
        }
        return nil
    }

    /// Length in bytes of the scalar that begins with `byte`.
    @inline(__always) static func length(_ byte: UInt8) -> Int {
        byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
    }
}
