import Columns

/// What is done to the letters of a text; named as the SQL functions.
enum CaseChange: String {
    case lower, upper, initcap
}

/// Lower and upper case of UTF-8, a character for a character: mappings of one to several are not made, as
/// in PostgreSQL's simple case mapping.
enum TextCase {
    static func change(_ string: String, _ change: CaseChange) -> String {
        var copy = string
        return copy.withUTF8 { bytes in
            withChanged(bytes, change) { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// Calls `body` with the changed text. O(bytes); letters of one or two bytes, Cyrillic and Greek among
    /// them, come from a table.
    static func withChanged<Result>(
        _ bytes: UnsafeBufferPointer<UInt8>, _ change: CaseChange,
        _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        // A byte that begins no character becomes one of three, a character of two bytes one of three at
        // most.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count * 3 + 4) { target in
            let count =
                switch change {
                case .lower: fill(target, bytes, lower) { $0.properties.lowercaseMapping }
                case .upper: fill(target, bytes, upper) { $0.properties.uppercaseMapping }
                case .initcap: fillWords(target, bytes)
                }
            return body(UnsafeBufferPointer(rebasing: target[0..<count]))
        }
    }

    /// Characters of at most two bytes.
    private static let tableCount: UInt32 = 0x800
    private static let lower = table { $0.properties.lowercaseMapping }
    private static let upper = table { $0.properties.uppercaseMapping }

    private static func table(_ map: (Unicode.Scalar) -> String) -> [Unicode.Scalar] {
        (0..<tableCount).map { value in
            guard let scalar = Unicode.Scalar(value) else { return "\u{FFFD}" }
            return single(map(scalar), scalar)
        }
    }

    private static func single(_ mapped: String, _ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let scalars = mapped.unicodeScalars
        return scalars.count == 1 ? scalars.first ?? scalar : scalar
    }

    private static func fill(
        _ target: UnsafeMutableBufferPointer<UInt8>, _ bytes: UnsafeBufferPointer<UInt8>,
        _ table: [Unicode.Scalar], _ map: (Unicode.Scalar) -> String
    ) -> Int {
        var count = 0
        table.withUnsafeBufferPointer { table in
            var position = 0
            while position < bytes.count {
                let byte = bytes[position]
                if byte < 0x80 {
                    target[count] = UInt8(truncatingIfNeeded: table[Int(byte)].value)
                    count &+= 1
                    position &+= 1
                    continue
                }
                let (scalar, length) = decode(bytes, position)
                position += length
                let mapped =
                    scalar.value < tableCount ? table[Int(scalar.value)] : single(map(scalar), scalar)
                append(mapped, target, &count)
            }
        }
        return count
    }

    /// Upper case at the start of each run of letters and digits, lower case within.
    private static func fillWords(
        _ target: UnsafeMutableBufferPointer<UInt8>, _ bytes: UnsafeBufferPointer<UInt8>
    ) -> Int {
        var count = 0
        var position = 0
        var isWordStart = true
        while position < bytes.count {
            let (scalar, length) = decode(bytes, position)
            position += length
            let properties = scalar.properties
            let mapped = isWordStart ? properties.uppercaseMapping : properties.lowercaseMapping
            append(single(mapped, scalar), target, &count)
            isWordStart = !(properties.isAlphabetic || properties.numericType != nil)
        }
        return count
    }

    /// The character at a place and its bytes; U+FFFD for a byte that begins none.
    private static func decode(
        _ bytes: UnsafeBufferPointer<UInt8>, _ position: Int
    ) -> (scalar: Unicode.Scalar, length: Int) {
        let first = UInt32(bytes[position])
        if first < 0x80 { return (Unicode.Scalar(UInt8(first)), 1) }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard first >= 0xC2, first <= 0xF4, position + length <= bytes.count else { return ("\u{FFFD}", 1) }
        var value = first & (0x7F >> UInt32(length))
        for offset in 1..<length { value = value << 6 | UInt32(bytes[position + offset]) & 0x3F }
        return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
    }

    @inline(__always) private static func append(
        _ scalar: Unicode.Scalar, _ target: UnsafeMutableBufferPointer<UInt8>, _ count: inout Int
    ) {
        let value = scalar.value
        func put(_ byte: UInt32) {
            target[count] = UInt8(truncatingIfNeeded: byte)
            count &+= 1
        }
        if value < 0x80 { return put(value) }
        if value < 0x800 {
            put(0xC0 | value >> 6)
        } else {
            if value < 0x10000 {
                put(0xE0 | value >> 12)
            } else {
                put(0xF0 | value >> 18)
                put(0x80 | value >> 12 & 0x3F)
            }
            put(0x80 | value >> 6 & 0x3F)
        }
        put(0x80 | value & 0x3F)
    }
}
