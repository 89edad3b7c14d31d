/// The escapes of JSON strings.
enum JSONEscapes {
    static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// The text of a string whose escapes the parser has checked; halves of a pair that stand alone become
    /// U+FFFD.
    static func decode(_ bytes: ArraySlice<UInt8>) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var position = bytes.startIndex
        while position < bytes.endIndex {
            let byte = bytes[position]
            guard byte == UInt8(ascii: "\\"), position + 1 < bytes.endIndex else {
                result.append(byte)
                position += 1
                continue
            }
            let code = bytes[position + 1]
            position += 2
            switch code {
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"): appendScalar(of: bytes, &position, to: &result)
            default: result.append(code)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func appendScalar(
        of bytes: ArraySlice<UInt8>, _ position: inout Int, to result: inout [UInt8]
    ) {
        var code = hexNumber(bytes, position) ?? 0xFFFD
        position = min(position + 4, bytes.endIndex)
        if (0xD800..<0xDC00).contains(code), position + 6 <= bytes.endIndex,
            bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u"), let low = hexNumber(bytes, position + 2),
            (0xDC00..<0xE000).contains(low)
        {
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            position += 6
        }
        let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
        result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    private static func hexNumber(_ bytes: ArraySlice<UInt8>, _ start: Int) -> UInt32? {
        guard start + 4 <= bytes.endIndex else { return nil }
        var number: UInt32 = 0
        for offset in start..<start + 4 {
            guard let digit = hexDigit(bytes[offset]) else { return nil }
            number = number << 4 | digit
        }
        return number
    }
}
