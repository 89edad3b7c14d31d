/// Reads one JSON value after the other from the bytes of a line.
///
/// Source: RFC 8259. Never reads at or beyond `end`; nesting is limited.
struct JSONLine {
    /// A value as it lies in the line.
    enum Kind { case null, string(hasEscapes: Bool), other }

    let bytes: UnsafePointer<UInt8>
    let end: Int
    private(set) var position: Int
    /// What is wrong, once something is.
    private(set) var failure: String?

    private static let depthMax = 128

    init(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) {
        self.bytes = bytes
        self.end = end
        position = start
    }

    var isAtEnd: Bool { position >= end }

    mutating func skipSpaces() {
        while position < end, bytes[position] == 32 || (bytes[position] >= 9 && bytes[position] <= 13) {
            position &+= 1
        }
    }

    /// Takes the byte if it comes next, behind spaces.
    mutating func accept(_ byte: UInt8) -> Bool {
        skipSpaces()
        guard position < end, bytes[position] == byte else { return false }
        position &+= 1
        return true
    }

    mutating func fail(_ reason: String) -> Bool {
        if failure == nil { failure = reason }
        return false
    }

    /// Reads a string; `range` is what lies between its quotes.
    mutating func string() -> (range: Range<Int>, hasEscapes: Bool)? {
        guard accept(34) else {
            _ = fail("a string is missing")
            return nil
        }
        let start = position
        var hasEscapes = false
        while position < end {
            let byte = bytes[position]
            if byte == 34 {
                position &+= 1
                return (start..<(position &- 1), hasEscapes)
            }
            if byte == 92 {
                hasEscapes = true
                position &+= 1
            } else if byte < 32 {
                _ = fail("a control character in a string")
                return nil
            }
            position &+= 1
        }
        position = min(position, end)
        _ = fail("a string that is not closed")
        return nil
    }

    /// Reads any value and returns where it lies, strings without their quotes.
    mutating func value() -> (range: Range<Int>, kind: Kind)? {
        skipSpaces()
        guard position < end else {
            _ = fail("a value is missing")
            return nil
        }
        let start = position
        if bytes[position] == 34 {
            guard let text = string() else { return nil }
            return (text.range, .string(hasEscapes: text.hasEscapes))
        }
        guard skipValue(depth: 0) else { return nil }
        let isNull = position &- start == 4 && bytes[start] == 110
        return (start..<position, isNull ? .null : .other)
    }

    private mutating func skipValue(depth: Int) -> Bool {
        skipSpaces()
        guard position < end else { return fail("a value is missing") }
        switch bytes[position] {
        case 34: return string() != nil
        case 123: return skipMembers(depth: depth, close: 125, hasKeys: true)
        case 91: return skipMembers(depth: depth, close: 93, hasKeys: false)
        case 116: return skipWord("true")
        case 102: return skipWord("false")
        case 110: return skipWord("null")
        default: return skipNumber()
        }
    }

    private mutating func skipMembers(depth: Int, close: UInt8, hasKeys: Bool) -> Bool {
        guard depth < Self.depthMax else { return fail("values are nested too deep") }
        position &+= 1
        if accept(close) { return true }
        repeat {
            if hasKeys {
                guard string() != nil else { return false }
                guard accept(58) else { return fail("a colon is missing") }
            }
            guard skipValue(depth: depth &+ 1) else { return false }
        } while accept(44)
        return accept(close) || fail("a comma or the end of a nested value is missing")
    }

    private mutating func skipWord(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard end &- position >= count else { return fail("an unknown word") }
        for index in 0..<count where bytes[position &+ index] != word.utf8Start[index] {
            return fail("an unknown word")
        }
        position &+= count
        return true
    }

    private mutating func skipNumber() -> Bool {
        if position < end, bytes[position] == 45 { position &+= 1 }
        let first = position
        guard skipDigits() else { return fail("something that is no value") }
        if bytes[first] == 48, position &- first > 1 { return fail("a number that begins with 0") }
        if position < end, bytes[position] == 46 {
            position &+= 1
            guard skipDigits() else { return fail("a number without digits behind its point") }
        }
        if position < end, bytes[position] | 0x20 == 101 {
            position &+= 1
            if position < end, bytes[position] == 43 || bytes[position] == 45 { position &+= 1 }
            guard skipDigits() else { return fail("a number without an exponent") }
        }
        return true
    }

    private mutating func skipDigits() -> Bool {
        let start = position
        while position < end, bytes[position] >= 48, bytes[position] <= 57 { position &+= 1 }
        return position > start
    }
}

/// The escapes of JSON strings.
enum JSONEscapes {
    /// Writes the characters that `count` bytes between quotes stand for, at most as many bytes.
    ///
    /// - Returns: Bytes written; nil for an escape that there is not, half a surrogate pair, or `\u0000`.
    static func resolve(
        _ text: UnsafePointer<UInt8>, _ count: Int, into target: UnsafeMutablePointer<UInt8>
    ) -> Int? {
        var written = 0
        var index = 0
        while index < count {
            let byte = text[index]
            index += 1
            guard byte == 92 else {
                target[written] = byte
                written += 1
                continue
            }
            guard index < count else { return nil }
            let escape = text[index]
            index += 1
            if escape == 117 {
                guard let scalar = scalar(text, count, &index) else { return nil }
                for unit in String(Character(scalar)).utf8 {
                    target[written] = unit
                    written += 1
                }
                continue
            }
            switch escape {
            case 34, 47, 92: target[written] = escape
            case 98: target[written] = 8
            case 102: target[written] = 12
            case 110: target[written] = 10
            case 114: target[written] = 13
            case 116: target[written] = 9
            default: return nil
            }
            written += 1
        }
        return written
    }

    private static func scalar(
        _ text: UnsafePointer<UInt8>, _ count: Int, _ index: inout Int
    ) -> Unicode.Scalar? {
        guard let first = unit(text, count, &index), first != 0 else { return nil }
        guard first & 0xFC00 == 0xD800 else { return Unicode.Scalar(first) }
        guard index + 1 < count, text[index] == 92, text[index + 1] == 117 else { return nil }
        index += 2
        guard let second = unit(text, count, &index), second & 0xFC00 == 0xDC00 else { return nil }
        return Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + second & 0x3FF)
    }

    private static func unit(_ text: UnsafePointer<UInt8>, _ count: Int, _ index: inout Int) -> UInt32? {
        guard count - index >= 4 else { return nil }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = TextEscapes.hexadecimal(text[index]) else { return nil }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }
}
